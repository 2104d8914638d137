//! Puts a function of the soak's own between Rust's standard library and the
//! system's `pthread_create`: see `src/refusal.rs`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,--wrap=pthread_create");
    }
}

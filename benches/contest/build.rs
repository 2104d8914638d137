//! Looks whether the system has libdex, and builds the contestant that is written for it.
//! Without it the contestant is not offered, and everything else is as with it.

use std::{env, path::Path, process::Command};

/// What `pkg-config` calls it.
const LIBDEX: &str = "libdex-1";
/// The first version with `dex_thread_pool_submit`.
const WITH_POOL: (u32, u32) = (1, 2);
const SOURCE: &str = "src/contestants/libdex.c";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(libdex, libdex_pool)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SOURCE}");
    watch();
    // The C file first: its symbols are found in the libraries that come after it.
    let mut probe = pkg_config::Config::new();
    let Ok(library) = probe.cargo_metadata(false).probe(LIBDEX) else {
        return;
    };
    cc::Build::new()
        .file(SOURCE)
        .includes(library.include_paths)
        // The macros of its headers are GNU's.
        .std("gnu11")
        // A callback takes what libdex gives it.
        .flag("-Wno-unused-parameter")
        .compile("contest_libdex");
    if probe.cargo_metadata(true).probe(LIBDEX).is_err() {
        return;
    }
    println!("cargo::rustc-cfg=libdex");
    if version(&library.version) >= WITH_POOL {
        println!("cargo::rustc-cfg=libdex_pool");
    }
}

/// Has this run again when something is installed that `pkg-config` knows: `pkg_config`
/// asks for that only when its variables change.
fn watch() {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".to_owned());
    let arguments = ["--variable=pc_path", "pkg-config"];
    let Ok(output) = Command::new(program).args(arguments).output() else {
        return;
    };
    let path = String::from_utf8_lossy(&output.stdout).into_owned();
    for folder in env::split_paths(path.trim()) {
        // A path that does not exist would have this run each time.
        if Path::new(&folder).is_dir() {
            println!("cargo::rerun-if-changed={}", folder.display());
        }
    }
}

/// Major and minor; what is no number is the oldest.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

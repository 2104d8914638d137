//! Probes the installed GLib, so that a missing or old one is one clear
//! sentence, and tells the code what it may call.

use std::process::exit;

const MINIMUM: &str = "2.56";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // docs.rs builds the documentation without GLib, as glib-sys does.
    if std::env::var_os("DOCS_RS").is_some() {
        return;
    }
    let found = pkg_config::Config::new()
        .cargo_metadata(false)
        .probe("gio-2.0")
        .map(|library| library.version);
    let version = match found {
        Ok(version) if parse(&version) >= parse(MINIMUM) => version,
        Ok(version) => refuse(&format!("finds GLib {version}, which is too old")),
        Err(_) => refuse("finds no GLib"),
    };
    if parse(&version) >= (2, 60) {
        // `g_task_set_name` is there.
        println!("cargo::rustc-cfg=glib_2_60");
    }
}

fn parse(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn refuse(what: &str) -> ! {
    println!(
        "cargo::error=qio-task needs pkg-config and GLib {MINIMUM} or later with its development \
         files, and {what}; install `pkg-config libglib2.0-dev` on Debian and Ubuntu, `pkgconf \
         glib2-devel` on Fedora, `pkgconf glib2-devel` on Arch, `pkgconf glib` with Homebrew on \
         macOS."
    );
    exit(1)
}

//! Probes the installed GLib: a missing or old one is one clear sentence.
//!
//! glib-sys probes too, and cargo may start its script first and stop there; its
//! message is longer and names no package, but says the same.

use pkg_config::{Config, Error};

const MINIMUM: &str = "2.66";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // docs.rs builds the documentation without GLib, as glib-sys does.
    if std::env::var_os("DOCS_RS").is_some() {
        return;
    }
    let found = Config::new().cargo_metadata(false).probe("gio-2.0");
    match found.map(|library| library.version) {
        Ok(version) if parse(&version) < parse(MINIMUM) => {
            refuse(&format!("GLib is {version}, which is too old"));
        }
        Ok(_) => {}
        Err(Error::Command { .. }) => refuse("pkg-config does not start"),
        Err(Error::CrossCompilation) => {
            refuse("pkg-config is not set up for cross-compilation (PKG_CONFIG_SYSROOT_DIR)");
        }
        Err(_) => refuse("pkg-config finds no GLib"),
    }
}

fn parse(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Fails the build. Exiting with an error would bury the sentence under a log.
fn refuse(why: &str) {
    println!(
        "cargo::error={why}: qio-task needs pkg-config and GLib {MINIMUM} or later with its \
         development files; install `pkg-config libglib2.0-dev` on Debian and Ubuntu, \
         `pkgconf-pkg-config glib2-devel` on Fedora, `pkgconf glib2-devel` on Arch, `pkgconf \
         glib` with Homebrew on macOS"
    );
}

//! Probes the installed GLib: a missing or old one is one clear sentence. Writes the
//! documents as rustdoc shows them.
//!
//! glib-sys probes too, and cargo may start its script first and stop there; its
//! message is longer and names no package, but says the same.

use std::{env, fs, path::Path};

use pkg_config::{Config, Error};

const MINIMUM: &str = "2.66";

/// The documents, each with the module that it is the documentation of.
const DOCUMENTS: [(&str, &str); 7] = [
    ("README.md", "crate"),
    ("docs/guide.md", "crate::guide"),
    ("docs/c.md", "crate::guide::c"),
    ("docs/debugging.md", "crate::guide::debugging"),
    ("docs/misuse.md", "crate::guide::misuse"),
    ("docs/performance.md", "crate::guide::performance"),
    ("docs/reliability.md", "crate::guide::reliability"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    write_documents();
    // docs.rs builds the documentation without GLib, as glib-sys does.
    if env::var_os("DOCS_RS").is_some() {
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
         glib` with Homebrew on macOS, `mingw-w64-ucrt-x86_64-pkgconf mingw-w64-ucrt-x86_64-glib2` \
         with MSYS2 on Windows"
    );
}

/// Writes the documents without what rustdoc has no place for: files beside its pages.
/// Links from one document to another lead to its module, and there are no pictures.
fn write_documents() {
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    for (path, _) in DOCUMENTS {
        println!("cargo::rerun-if-changed={path}");
        let mut text = fs::read_to_string(path).expect("the package has its documents");
        for (target, module) in DOCUMENTS {
            let target = match (path.strip_prefix("docs/"), target.strip_prefix("docs/")) {
                (Some(_), None) => format!("../{target}"),
                (Some(_), Some(beside)) => beside.to_owned(),
                (None, _) => target.to_owned(),
            };
            for link in ["](", "]: "] {
                text = text.replace(&format!("{link}{target}"), &format!("{link}{module}"));
            }
        }
        let name = Path::new(path).file_name().expect("it is a file");
        fs::write(Path::new(&folder).join(name), without_pictures(&text))
            .expect("cargo has made the folder");
    }
}

/// The lines of `text`, of which those that show pictures are empty.
fn without_pictures(text: &str) -> String {
    let mut is_in_picture = false;
    let mut shown = String::new();
    for line in text.lines() {
        is_in_picture |= line == "<picture>";
        if !is_in_picture && !line.starts_with("![") {
            shown.push_str(line);
        }
        shown.push('\n');
        is_in_picture &= line != "</picture>";
    }
    shown
}

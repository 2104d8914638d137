//! What the commands need from the system, and how each is looked for.

use std::env;
use std::process::Command;

use crate::run::{is_on_path, succeeds};

/// Something that the system must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    PkgConfig,
    Glib,
    Compiler,
    Openssl,
    Websockets,
    Valgrind,
    Strace,
    CxxCompiler,
    OpensslFiles,
    Introspection,
    Meson,
}

impl Need {
    /// To build and run the example.
    pub const FOR_DEMO: &[Self] = &[Self::PkgConfig, Self::Glib, Self::Compiler];

    /// To test, also against a server that is not ours.
    pub const FOR_TEST: &[Self] = &[Self::PkgConfig, Self::Glib, Self::Openssl, Self::Websockets];

    /// To test what is in C, too.
    pub const FOR_C: &[Self] = &[Self::Compiler];

    /// To count instructions and system calls.
    pub const FOR_GUARD: &[Self] = &[Self::Valgrind, Self::Strace];

    /// To build cargo-c, and to look at what it installs.
    pub const FOR_CAPI: &[Self] = &[
        Self::PkgConfig,
        Self::Glib,
        Self::Compiler,
        Self::CxxCompiler,
        Self::OpensslFiles,
        Self::Valgrind,
        Self::Introspection,
        Self::Meson,
    ];

    /// What to call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PkgConfig => "pkg-config",
            Self::Glib => "the development files of GLib 2.56 or later",
            Self::Compiler => "a C compiler (`cc`)",
            Self::Openssl => "the command `openssl`",
            Self::Websockets => "the module `websockets` of /usr/bin/python3",
            Self::Valgrind => "the command `valgrind`",
            Self::Strace => "the command `strace`",
            Self::CxxCompiler => "a C++ compiler (`c++`)",
            Self::OpensslFiles => "the development files of OpenSSL",
            Self::Introspection => "the command `g-ir-scanner` and the descriptions of GLib for it",
            Self::Meson => "the command `meson`",
        }
    }

    /// Whether the system has it.
    pub fn is_met(self) -> bool {
        match self {
            Self::PkgConfig => succeeds(pkg_config().arg("--version")),
            Self::Glib => succeeds(pkg_config().args(["--atleast-version=2.56", "gio-2.0"])),
            Self::Compiler => succeeds(Command::new("cc").arg("--version")),
            Self::Openssl => succeeds(Command::new("openssl").arg("version")),
            Self::Websockets => {
                succeeds(Command::new("/usr/bin/python3").args(["-c", "import websockets"]))
            }
            Self::Valgrind => succeeds(Command::new("valgrind").arg("--version")),
            Self::Strace => succeeds(Command::new("strace").arg("-V")),
            Self::CxxCompiler => succeeds(Command::new("c++").arg("--version")),
            Self::OpensslFiles => succeeds(pkg_config().args(["--exists", "openssl"])),
            Self::Introspection => {
                succeeds(Command::new("g-ir-scanner").arg("--version"))
                    && succeeds(pkg_config().args(["--exists", "gobject-introspection-1.0"]))
            }
            Self::Meson => succeeds(Command::new("meson").arg("--version")),
        }
    }
}

/// The one that build scripts use too.
pub fn pkg_config() -> Command {
    match env::var_os("PKG_CONFIG") {
        Some(chosen) => Command::new(chosen),
        None if is_on_path("pkg-config") => Command::new("pkg-config"),
        None => Command::new("pkgconf"),
    }
}

//! What each package manager calls each need.

use super::Manager;
use crate::need::Need;

/// What Qt loads, and its packages of `PyPI` leave to the system.
const QT_LIBRARIES_OF_DEBIAN: [&str; 5] = [
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libfontconfig1",
    "libdbus-1-3",
];
const QT_LIBRARIES_OF_FEDORA: [&str; 5] = [
    "libglvnd-egl",
    "libglvnd-glx",
    "libxkbcommon",
    "fontconfig",
    "dbus-libs",
];
const QT_LIBRARIES_OF_ARCH: [&str; 4] = ["libglvnd", "libxkbcommon", "fontconfig", "dbus"];

impl Manager {
    /// The packages that bring `need`; none where this manager has no such package.
    pub fn packages(self, need: Need) -> &'static [&'static str] {
        match (self, need) {
            (Self::Apt, Need::PkgConfig) => &["pkg-config"],
            (Self::Dnf, Need::PkgConfig) => &["pkgconf-pkg-config"],
            (Self::Pacman | Self::Brew, Need::PkgConfig) => &["pkgconf"],

            (Self::Apt, Need::Glib) => &["libglib2.0-dev"],
            (Self::Dnf | Self::Pacman, Need::Glib) => &["glib2-devel"],
            (Self::Brew, Need::Glib) => &["glib"],

            // The linker needs the C library's own files, which gcc only recommends.
            (Self::Apt, Need::Compiler) => &["gcc", "libc6-dev"],
            (Self::Dnf | Self::Pacman, Need::Compiler) | (Self::Pacman, Need::CxxCompiler) => {
                &["gcc"]
            }

            (Self::Apt, Need::CxxCompiler) => &["g++"],
            (Self::Dnf, Need::CxxCompiler) => &["gcc-c++"],

            // The command; Arch does not part the development files from it.
            (_, Need::Openssl) | (Self::Pacman, Need::OpensslFiles) => &["openssl"],
            (Self::Apt, Need::OpensslFiles) => &["libssl-dev"],
            (Self::Dnf, Need::OpensslFiles) => &["openssl-devel"],
            (Self::Brew, Need::OpensslFiles) => &["openssl@3"],

            (Self::Apt | Self::Dnf, Need::Websockets) => &["python3-websockets"],
            (Self::Pacman, Need::Websockets) => &["python-websockets"],

            (_, Need::Nginx) => &["nginx"],

            (Self::Apt | Self::Dnf | Self::Pacman, Need::Valgrind) => &["valgrind"],
            (Self::Apt | Self::Dnf | Self::Pacman, Need::Strace) => &["strace"],

            // Older releases have none: see `shows`.
            (Self::Apt, Need::Libdex) => &["libdex-dev"],
            (Self::Dnf, Need::Libdex) => &["libdex-devel"],
            (Self::Pacman | Self::Brew, Need::Libdex) => &["libdex"],

            (Self::Apt, Need::Introspection) => {
                &["gobject-introspection", "libgirepository1.0-dev"]
            }
            (Self::Dnf, Need::Introspection) => &["gobject-introspection-devel"],
            (Self::Pacman | Self::Brew, Need::Introspection) => &["gobject-introspection"],

            (_, Need::Meson) => &["meson"],

            (Self::Apt, Need::Gtk) => &["libgtk-4-dev"],
            (Self::Dnf, Need::Gtk) => &["gtk4-devel"],
            (Self::Pacman | Self::Brew, Need::Gtk) => &["gtk4"],

            (Self::Apt, Need::Adwaita) => &["libadwaita-1-dev"],
            (Self::Dnf, Need::Adwaita) => &["libadwaita-devel"],
            (Self::Pacman | Self::Brew, Need::Adwaita) => &["libadwaita"],

            // Debian only recommends what loads the icons, which are SVG.
            (Self::Apt, Need::Icons) => &["adwaita-icon-theme", "librsvg2-common"],
            (_, Need::Icons) => &["adwaita-icon-theme"],

            (Self::Apt, Need::Xvfb) => &["xvfb"],
            (Self::Dnf, Need::Xvfb) => &["xorg-x11-server-Xvfb"],
            (Self::Pacman, Need::Xvfb) => &["xorg-server-xvfb"],

            (Self::Apt | Self::Dnf, Need::Bus) => &["dbus-daemon"],
            (Self::Pacman, Need::Bus) => &["dbus"],

            (Self::Apt | Self::Dnf | Self::Pacman, Need::Accessibility) => &["at-spi2-core"],

            // Only Debian parts the description of the library from it.
            (Self::Apt, Need::PythonAtspi) => &["python3-gi", "gir1.2-atspi-2.0"],
            (Self::Dnf, Need::PythonAtspi) => &["python3-gobject", "at-spi2-core"],
            (Self::Pacman, Need::PythonAtspi) => &["python-gobject", "at-spi2-core"],

            (Self::Apt | Self::Dnf | Self::Pacman, Need::WindowManager) => &["openbox"],
            (Self::Apt | Self::Dnf | Self::Pacman, Need::Xdotool) => &["xdotool"],

            (Self::Apt | Self::Pacman, Need::Import) => &["imagemagick"],
            (Self::Dnf, Need::Import) => &["ImageMagick"],

            // With `fc-list`, by which it is found.
            (Self::Apt, Need::Font) => &["fonts-cantarell", "fontconfig"],
            (Self::Dnf, Need::Font) => &["abattis-cantarell-fonts", "fontconfig"],
            (Self::Pacman, Need::Font) => &["cantarell-fonts", "fontconfig"],

            (Self::Apt, Need::Mmdebstrap) => &["mmdebstrap"],

            // Debian alone parts it from the interpreter.
            (Self::Apt, Need::Venv) => &["python3-venv"],
            (Self::Dnf, Need::Venv) => &["python3"],
            (Self::Pacman, Need::Venv) => &["python"],

            (Self::Apt, Need::QtLibraries) => &QT_LIBRARIES_OF_DEBIAN,
            (Self::Dnf, Need::QtLibraries) => &QT_LIBRARIES_OF_FEDORA,
            (Self::Pacman, Need::QtLibraries) => &QT_LIBRARIES_OF_ARCH,

            (Self::Apt, Need::PythonGi) => &["python3-gi"],
            (Self::Dnf, Need::PythonGi) => &["python3-gobject"],
            (Self::Pacman, Need::PythonGi) => &["python-gobject"],

            (Self::Apt, Need::PygobjectFiles) => &["python3-dev", "libcairo2-dev"],
            (Self::Dnf, Need::PygobjectFiles) => &["python3-devel", "cairo-gobject-devel"],
            (Self::Pacman, Need::PygobjectFiles) => &["python", "cairo"],

            (Self::Apt, Need::Gjs) => &["libgjs-dev"],
            (Self::Dnf, Need::Gjs) => &["gjs-devel"],
            (Self::Pacman | Self::Brew, Need::Gjs) => &["gjs"],

            (_, Need::Mingw | Need::MingwTools | Need::Wine) => self.for_windows(need),

            // `xcode-select --install` brings the compilers, pip the module; the others
            // are for Linux only, and a root of Debian for those who know its archive.
            (Self::Dnf | Self::Pacman, Need::Mmdebstrap)
            | (
                Self::Brew,
                Need::Compiler
                | Need::CxxCompiler
                | Need::Websockets
                | Need::Valgrind
                | Need::Strace
                | Need::Xvfb
                | Need::Bus
                | Need::Accessibility
                | Need::PythonAtspi
                | Need::WindowManager
                | Need::Xdotool
                | Need::Import
                | Need::Font
                | Need::Mmdebstrap
                | Need::Venv
                | Need::QtLibraries
                | Need::PythonGi
                | Need::PygobjectFiles,
            ) => &[],
        }
    }

    /// Those of them that bring what builds and runs programs for Windows.
    fn for_windows(self, need: Need) -> &'static [&'static str] {
        match (self, need) {
            // Of both, the one whose programs need no library of threads.
            (Self::Apt, Need::Mingw) => &["gcc-mingw-w64-x86-64-win32"],
            (Self::Dnf, Need::Mingw) => &["mingw64-gcc"],
            (Self::Pacman, Need::Mingw) => &["mingw-w64-gcc"],
            (Self::Brew, Need::Mingw) => &["mingw-w64"],

            (Self::Apt | Self::Dnf | Self::Pacman, Need::MingwTools) => &["mingw-w64-tools"],

            (Self::Apt, Need::Wine) => &["wine", "wine64"],
            (Self::Dnf, Need::Wine) => &["wine-core"],
            (Self::Pacman, Need::Wine) => &["wine"],

            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_has_a_package_for_every_need() {
        let packages: Vec<_> = [Need::FOR_C, Need::FOR_TEST, Need::FOR_GUARD]
            .concat()
            .iter()
            .flat_map(|need| Manager::Apt.packages(*need))
            .copied()
            .collect();
        assert_eq!(
            packages,
            [
                "gcc",
                "libc6-dev",
                "pkg-config",
                "libglib2.0-dev",
                "openssl",
                "python3-websockets",
                "nginx",
                "valgrind",
                "strace"
            ]
        );
    }

    #[test]
    fn debian_has_what_the_c_library_is_looked_at_with() {
        for need in Need::FOR_CAPI {
            assert!(!Manager::Apt.packages(*need).is_empty(), "{need:?}");
        }
    }

    #[test]
    fn every_manager_has_what_the_application_is_built_with() {
        for manager in Manager::ALL {
            for need in [Need::Gtk, Need::Adwaita, Need::Icons] {
                assert!(!manager.packages(need).is_empty(), "{manager:?}: {need:?}");
            }
        }
    }

    #[test]
    fn every_linux_has_what_a_window_is_tested_with() {
        for manager in Manager::ALL {
            for need in Need::FOR_WINDOW {
                let is_there = !manager.packages(*need).is_empty();
                assert_eq!(is_there, manager != Manager::Brew, "{manager:?}: {need:?}");
            }
        }
    }

    #[test]
    fn only_debian_makes_a_root_of_debian() {
        for manager in Manager::ALL {
            let is_there = !manager.packages(Need::Mmdebstrap).is_empty();
            assert_eq!(is_there, manager == Manager::Apt, "{manager:?}");
        }
    }

    #[test]
    fn every_manager_has_what_the_build_probes_for() {
        for manager in Manager::ALL {
            assert!(!manager.packages(Need::PkgConfig).is_empty());
            assert!(!manager.packages(Need::Glib).is_empty());
        }
    }

    #[test]
    fn every_linux_has_what_runs_programs_of_windows() {
        for manager in [Manager::Apt, Manager::Dnf, Manager::Pacman] {
            for need in [Need::FOR_GLIB_OF_WINDOWS, Need::FOR_WINE].concat() {
                assert!(!manager.packages(need).is_empty(), "{manager:?}: {need:?}");
            }
        }
    }

    #[test]
    fn every_linux_has_what_other_toolkits_are_tested_with() {
        for manager in [Manager::Apt, Manager::Dnf, Manager::Pacman] {
            let needs = [
                Need::FOR_QT,
                Need::FOR_ASYNCIO,
                Need::FOR_PYGOBJECT,
                Need::FOR_FRAMES,
                Need::FOR_GJS,
            ];
            for need in needs.concat() {
                assert!(!manager.packages(need).is_empty(), "{manager:?}: {need:?}");
            }
        }
    }
}

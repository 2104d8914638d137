//! The package managers that are known here: what they call each need, and how
//! they are told to install it.

use std::fs;

use crate::need::Need;
use crate::run::is_on_path;

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
}

impl Manager {
    pub const ALL: [Self; 4] = [Self::Apt, Self::Dnf, Self::Pacman, Self::Brew];

    /// The manager of this system, if it is a known one.
    pub fn find() -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|manager| is_on_path(manager.program()))
    }

    pub fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Brew => "brew",
        }
    }

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
                | Need::Mmdebstrap,
            ) => &[],
        }
    }

    /// The command that installs `packages` without asking.
    pub fn install(self, packages: &[&str]) -> Vec<String> {
        let command = match self {
            Self::Apt => {
                "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
            }
            Self::Dnf => "dnf install -y --setopt=install_weak_deps=False",
            Self::Pacman => "pacman -S --needed --noconfirm",
            Self::Brew => "brew install",
        };
        words(command, packages)
    }

    /// The command that succeeds if this release of the system has `package`.
    pub fn shows(self, package: &str) -> Vec<String> {
        let command = match self {
            Self::Apt => "apt-cache show",
            Self::Dnf => "dnf info",
            Self::Pacman => "pacman -Si",
            Self::Brew => "brew info",
        };
        words(command, &[package])
    }

    /// The commands that end what the package of `need` starts by itself. Debian's nginx
    /// serves the port 80 at once, and again after each start of the system: the tests start
    /// one of their own, and who installs them has asked for no server.
    pub fn afterwards(self, need: Need) -> &'static [&'static str] {
        match (self, need) {
            (Self::Apt, Need::Nginx) => &["update-rc.d nginx disable", "invoke-rc.d nginx stop"],
            _ => &[],
        }
    }

    /// The command that fetches the lists of packages, where that is a step of its
    /// own. (Pacman's would ask for an upgrade of the whole system: the user's choice.)
    pub fn update(self) -> Option<Vec<String>> {
        (self == Self::Apt).then(|| words("env DEBIAN_FRONTEND=noninteractive apt-get update", &[]))
    }

    /// Whether the lists have yet to be fetched, as in a fresh container.
    pub fn lacks_lists(self) -> bool {
        self == Self::Apt
            && !fs::read_dir("/var/lib/apt/lists").is_ok_and(|lists| {
                lists
                    .flatten()
                    .any(|list| list.file_name().to_string_lossy().contains("_Packages"))
            })
    }

    /// Whether it installs for the whole system, and so needs root.
    pub fn needs_root(self) -> bool {
        self != Self::Brew
    }
}

fn words(command: &str, more: &[&str]) -> Vec<String> {
    command
        .split(' ')
        .chain(more.iter().copied())
        .map(str::to_owned)
        .collect()
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
    fn every_manager_has_the_web_server_and_only_debians_starts_it() {
        for manager in Manager::ALL {
            assert_eq!(manager.packages(Need::Nginx), ["nginx"]);
            let starts_it = !manager.afterwards(Need::Nginx).is_empty();
            assert_eq!(starts_it, manager == Manager::Apt, "{manager:?}");
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
    fn every_manager_can_be_asked_for_libdex() {
        for manager in Manager::ALL {
            let [package] = manager.packages(Need::Libdex) else {
                panic!("{manager:?}");
            };
            let command = manager.shows(package);
            assert_eq!(command.last().map(String::as_str), Some(*package));
        }
        assert_eq!(
            Manager::Apt.shows("libdex-dev").join(" "),
            "apt-cache show libdex-dev"
        );
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
    fn apt_asks_no_question_and_brings_no_extras() {
        assert_eq!(
            Manager::Apt.install(&["gcc", "openssl"]).join(" "),
            "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc \
             openssl"
        );
    }
}

//! The package managers that are known here, and how they are told to install.

mod packages;

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
    fn every_manager_has_the_web_server_and_only_debians_starts_it() {
        for manager in Manager::ALL {
            assert_eq!(manager.packages(Need::Nginx), ["nginx"]);
            let starts_it = !manager.afterwards(Need::Nginx).is_empty();
            assert_eq!(starts_it, manager == Manager::Apt, "{manager:?}");
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
    fn apt_asks_no_question_and_brings_no_extras() {
        assert_eq!(
            Manager::Apt.install(&["gcc", "openssl"]).join(" "),
            "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc \
             openssl"
        );
    }
}

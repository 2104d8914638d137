//! What of a machine moves instruction counts, besides the library.

use std::env;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::command::answer;

/// Versions as the programs themselves say them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    architecture: String,
    glib: String,
    /// A third of the instructions are in its `malloc` and `free`.
    libc: String,
    rustc: String,
    valgrind: String,
}

impl Facts {
    /// Those here and now.
    pub fn of_this_machine() -> Self {
        let asked = |program: &str, arguments: &[&str]| {
            answer(Command::new(program).args(arguments)).unwrap_or_else(|| "unknown".to_owned())
        };
        Self {
            architecture: env::consts::ARCH.to_owned(),
            glib: asked("pkg-config", &["--modversion", "glib-2.0"]),
            libc: asked("getconf", &["GNU_LIBC_VERSION"]),
            rustc: asked("rustc", &["--version"]),
            valgrind: asked("valgrind", &["--version"]),
        }
    }

    /// In what this machine is another than that of the `accepted` counts.
    pub fn differences(&self, accepted: &Self) -> Vec<String> {
        let pairs = |facts: &Self| {
            let Self {
                architecture,
                glib,
                libc,
                rustc,
                valgrind,
            } = facts.clone();
            [
                ("architecture", architecture),
                ("GLib", glib),
                ("libc", libc),
                ("compiler", rustc),
                ("valgrind", valgrind),
            ]
        };
        pairs(self)
            .into_iter()
            .zip(pairs(accepted))
            .filter(|(here, there)| here != there)
            .map(|((name, here), (_, there))| format!("{name} {here} instead of {there}"))
            .collect()
    }
}

#[cfg(test)]
impl Facts {
    /// Of some machine, with this version of GLib.
    pub fn with_glib(glib: &str) -> Self {
        Self {
            architecture: "x86_64".to_owned(),
            glib: glib.to_owned(),
            libc: "glibc 2.36".to_owned(),
            rustc: "rustc 1.95.0".to_owned(),
            valgrind: "valgrind-3.19.0".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let here = Facts::with_glib("2.80.0");
        assert!(here.differences(&here.clone()).is_empty());
        assert_eq!(
            here.differences(&Facts::with_glib("2.74.6")),
            ["GLib 2.80.0 instead of 2.74.6"]
        );
    }
}

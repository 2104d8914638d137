//! The tests that are left out on Windows, as no library could make them pass there: each reason
//! has a program without this one, which looks whether it still holds.

use super::windows::Windows;
use crate::run::{Outcome, code_of};

/// The package of the programs.
const PACKAGE: &str = "quirks";

/// A reason.
pub struct Quirk {
    /// The program: it ends well where the reason holds, and with 1 where it does not.
    program: &'static str,
    pub why: &'static str,
    /// The tests that are gated for it: `not(windows)`.
    pub tests: &'static [&'static str],
}

pub const QUIRKS: [Quirk; 1] = [Quirk {
    program: "thread_in_destructor",
    why: "no thread starts while another one drops its storage",
    tests: &["no_starvation::left_behind::a_thread_that_retires_does_not_count_any_more"],
}];

impl Quirk {
    /// Looks whether it holds. If not, its tests belong to those that run.
    pub fn holds(&self, windows: &Windows) -> Outcome {
        let mut run = windows.cargo(&["run", "--quiet", "--package", PACKAGE]);
        match code_of(run.args(["--bin", self.program]))? {
            0 => Ok(()),
            1 => Err(format!("it is not so here that {}", self.why)),
            code => Err(format!("`{}` has ended with {code}", self.program)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::run::root;

    #[test]
    fn every_reason_has_its_program_and_its_tests() {
        for quirk in &QUIRKS {
            let file = format!("tests/reliability/{PACKAGE}/src/bin/{}.rs", quirk.program);
            assert!(root().join(&file).is_file(), "{file}");
            for test in quirk.tests {
                let (module, name) = test.rsplit_once("::").unwrap();
                let file = format!("tests/contract/{}.rs", module.replace("::", "/"));
                let text = fs::read_to_string(root().join(&file)).unwrap();
                let gated = format!("#[cfg(not(windows))]\nfn {name}(");
                assert!(text.contains(&gated), "{file}: {name}");
            }
        }
    }
}

//! The tests that can't pass on Windows, for reasons that are not the library's: each reason has
//! a program without the library that looks whether it holds here.

use super::windows::Windows;
use crate::run::{Outcome, code_of};

/// The package of the programs.
const PACKAGE: &str = "quirks";

/// A reason.
pub struct Quirk {
    /// The program: it ends well where the reason holds, and with 1 where it does not.
    program: &'static str,
    pub why: &'static str,
    /// What is not run then: programs of tests, and the names of tests there.
    tests: &'static [(&'static str, &'static str)],
}

const QUIRKS: [Quirk; 1] = [Quirk {
    program: "thread_in_destructor",
    why: "no thread can start while another one drops its storage, under the loader's lock",
    tests: &[(
        "contract",
        "no_starvation::left_behind::a_thread_that_retires_does_not_count_any_more",
    )],
}];

/// The reasons that hold here.
pub fn here(windows: &Windows) -> Outcome<Vec<&'static Quirk>> {
    let mut here = Vec::new();
    for quirk in &QUIRKS {
        let mut run = windows.cargo(&["run", "--quiet", "--package", PACKAGE]);
        match code_of(run.args(["--bin", quirk.program]))? {
            0 => here.push(quirk),
            1 => eprintln!("xtask: it is not so here that {}", quirk.why),
            code => return Err(format!("`{}` has ended with {code}", quirk.program)),
        }
    }
    Ok(here)
}

impl Quirk {
    /// The tests of `suite` that it keeps from passing.
    pub fn tests(&self, suite: &str) -> impl Iterator<Item = &'static str> {
        let of_suite = self.tests.iter().filter(move |(of, _)| *of == suite);
        of_suite.map(|(_, test)| *test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::root;

    #[test]
    fn every_reason_has_its_program() {
        for quirk in &QUIRKS {
            let file = format!("tests/reliability/{PACKAGE}/src/bin/{}.rs", quirk.program);
            assert!(root().join(&file).is_file(), "{file}");
        }
    }

    #[test]
    fn a_test_is_left_out_of_its_own_suite() {
        let quirk = &QUIRKS[0];
        assert_eq!(quirk.tests("contract").count(), 1);
        assert_eq!(quirk.tests("observe").count(), 0);
    }
}

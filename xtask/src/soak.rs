//! `cargo xtask soak`: builds the soak with the chosen backend and runs it.

use crate::need::Need;
use crate::run::{Outcome, cargo, run};
use crate::setup::set_up;

/// Runs `tests/reliability/soak` with `arguments`, of which `--gtask` chooses the
/// backend.
pub fn soak(arguments: &[String]) -> Outcome {
    set_up(Need::FOR_DEMO)?;
    let mut soak = cargo(&["run", "--release", "--package", "soak"]);
    let (backend, rest) = split(arguments);
    // Threads that keep freed blocks for themselves make the heap look as if it grew.
    soak.env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0");
    run(soak.args(backend).arg("--").args(rest))
}

/// What cargo is told of `arguments`, and what the soak is.
fn split(arguments: &[String]) -> (&'static [&'static str], Vec<&str>) {
    let is_backend = |word: &&str| *word == "--gtask";
    let words = || arguments.iter().map(String::as_str);
    let backend: &[&str] = if words().any(|word| is_backend(&word)) {
        &["--features", "gtask"]
    } else {
        &[]
    };
    (backend, words().filter(|word| !is_backend(word)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_for_cargo_and_all_others_are_for_the_soak() {
        let words = ["--gtask", "--minutes", "2"].map(str::to_owned);
        let gtask: &[&str] = &["--features", "gtask"];
        assert_eq!(split(&words), (gtask, vec!["--minutes", "2"]));
        let native: &[&str] = &[];
        assert_eq!(split(&words[1..]), (native, vec!["--minutes", "2"]));
    }
}

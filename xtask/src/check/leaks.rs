//! The leaks that the contract allows, for each tool that looks for leaks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{Outcome, root};

/// The list, as `LeakSanitizer` reads it.
pub fn list() -> PathBuf {
    root().join("tests/reliability/leaks.txt")
}

/// Writes the same list as valgrind reads it.
pub fn write_for_valgrind(file: &Path) -> Outcome {
    let list = list();
    let written = fs::read_to_string(&list).and_then(|list| {
        let parent = file.parent().unwrap_or(file);
        fs::create_dir_all(parent)?;
        fs::write(file, for_valgrind(&list))
    });
    written.map_err(|error| format!("can't rewrite {} for valgrind: {error}", list.display()))
}

fn for_valgrind(list: &str) -> String {
    let mut suppressions = String::new();
    for function in list.lines().filter_map(|line| line.strip_prefix("leak:")) {
        // Its words are what a mangled name holds unchanged, and in this order.
        let words: Vec<&str> = function
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .collect();
        let pattern = format!("fun:*{}*", words.join("*"));
        for line in ["{", function, "Memcheck:Leak", "...", &pattern, "...", "}"] {
            suppressions += line;
            suppressions.push('\n');
        }
    }
    suppressions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_say_the_same() {
        assert_eq!(
            for_valgrind("# The worker ends last.\nleak:contract::cancel::late\n\n"),
            "{\ncontract::cancel::late\nMemcheck:Leak\n...\nfun:*contract*cancel*late*\n...\n}\n"
        );
    }

    #[test]
    fn each_leak_has_its_reason() {
        let list = fs::read_to_string(list()).unwrap();
        let mut reasoned = false;
        for line in list.lines() {
            match line {
                "" => reasoned = false,
                line if line.starts_with('#') => reasoned = true,
                line => assert!(reasoned && line.starts_with("leak:"), "{line}"),
            }
        }
    }
}

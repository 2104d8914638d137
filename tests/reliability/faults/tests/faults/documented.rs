//! `docs/misuse.md` is as complete as it says: every test that it names
//! exists, and every public function is in it.

use std::{fs, path::PathBuf};

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words between backticks.
fn quoted(document: &str) -> impl Iterator<Item = &str> {
    document.split('`').skip(1).step_by(2)
}

/// Where the test lies that a row names, and its name; `None` for any other words.
fn test(words: &str) -> Option<(String, &str)> {
    let (suite, path) = words.split_once(' ')?;
    let (modules, name) = path.rsplit_once("::").unwrap_or(("", path));
    let modules = modules.replace("::", "/");
    let file = match suite {
        "contract" => format!("tests/contract/{modules}.rs"),
        "faults" => format!("tests/reliability/faults/tests/faults/{modules}.rs"),
        "drivers" | "gtask" => format!("tests/{suite}.rs"),
        "forbidden" => {
            let forbidden = "tests/reliability/compile-fail/tests/forbidden";
            return Some((format!("{forbidden}/{name}.rs"), "main"));
        }
        _ => return None,
    };
    Some((file, name))
}

#[test]
fn every_test_that_the_table_names_exists() {
    let document = read("docs/misuse.md");
    let mut found = 0;
    for (file, name) in quoted(&document)
        .filter(|words| !words.contains('…'))
        .filter_map(test)
    {
        let source = read(&file);
        assert!(
            source.contains(&format!("fn {name}()")),
            "{file} has no {name}"
        );
        found += 1;
    }
    assert!(found > 80, "{found} are not all of them");
}

#[test]
fn every_row_names_a_test() {
    for row in read("docs/misuse.md")
        .lines()
        .filter(|line| line.starts_with("| "))
    {
        let last = row.trim_end_matches(['|', ' ']).rsplit('|').next();
        let last = last.expect("a row has a last column").trim();
        assert!(
            last == "test" || quoted(last).any(|words| test(words).is_some()),
            "{row}"
        );
    }
}

#[test]
fn every_public_function_is_in_the_table() {
    let document = read("docs/misuse.md");
    for file in [
        "builder", "task", "running", "watch", "progress", "worker", "runner",
    ] {
        let source = read(&format!("src/{file}.rs"));
        for line in source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub fn "))
        {
            let name = line.split(['(', '<']).next().unwrap_or(line);
            let is_there = quoted(&document)
                .any(|words| words == name || words.rsplit("::").next() == Some(name));
            assert!(is_there, "{file}.rs: {name} is not in docs/misuse.md");
        }
    }
}

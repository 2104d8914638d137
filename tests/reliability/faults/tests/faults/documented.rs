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
        "contract" | "observe" | "tracing" => format!("tests/{suite}/{modules}.rs"),
        "faults" => format!("tests/reliability/faults/tests/faults/{modules}.rs"),
        "drivers" | "gtask" | "stuck" => format!("tests/{suite}.rs"),
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
        "builder",
        "task",
        "running",
        "future",
        "watch",
        "progress",
        "worker",
        "runner",
        "observe/inspect",
        "observe/slow",
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

#[test]
fn every_state_is_explained() {
    use qio_task::TaskState::{Delivering, Driven, Held, Late, Queued, Running, Waiting};
    let document = read("docs/debugging.md");
    for state in [Held, Driven, Waiting, Running, Queued, Delivering, Late] {
        let row = format!("| `{state}");
        assert!(document.contains(&row), "docs/debugging.md has no {row}");
    }
}

/// The programs that must not compile, each with what the compiler says.
fn forbidden() -> Vec<(String, String)> {
    let folder = "tests/reliability/compile-fail/tests/forbidden";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let files = fs::read_dir(path.join(folder)).expect("the programs are there");
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    names
        .filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned()))
        .map(|name| {
            (
                read(&format!("{folder}/{name}.rs")),
                read(&format!("{folder}/{name}.stderr")),
            )
        })
        .collect()
}

/// Whether every one of `lines` is in `text`, in this order.
fn has_in_order<'a>(text: &str, mut lines: impl Iterator<Item = &'a str>) -> bool {
    let mut rest = text.lines();
    lines.all(|line| rest.any(|other| other.trim() == line.trim()))
}

#[test]
fn the_guide_quotes_the_compiler() {
    let (guide, forbidden) = (read("docs/guide.md"), forbidden());
    let blocks = guide.split("```rust,compile_fail,").skip(1);
    for block in blocks.clone() {
        let block = block.split("```").next().unwrap_or(block);
        let (code, program) = block.split_once('\n').expect("a block has lines");
        let (words, lines): (Vec<_>, Vec<_>) =
            program.lines().partition(|line| line.starts_with("// "));
        let said = forbidden
            .iter()
            .find(|(program, _)| has_in_order(program, lines.iter().copied()))
            .unwrap_or_else(|| panic!("no program of `forbidden` has\n{program}"));
        for words in words {
            let words = words.trim_start_matches("// ").trim_end_matches(" […]");
            assert!(said.1.contains(words), "the compiler does not say {words}");
        }
        assert!(said.1.contains(code), "that is not {code}:\n{program}");
    }
    assert!(blocks.count() > 5, "some have gone");
}

#[test]
fn every_code_of_the_guide_is_given() {
    let (guide, forbidden) = (read("docs/guide.md"), forbidden());
    let codes = guide
        .match_indices("E0")
        .map(|(at, _)| &guide[at..at + 5])
        .filter(|code| code[2..].chars().all(|digit| digit.is_ascii_digit()));
    for code in codes {
        assert!(
            forbidden.iter().any(|(_, said)| said.contains(code)),
            "{code}"
        );
    }
}

#[test]
fn every_link_of_the_guide_leads_somewhere() {
    let (guide, rendered) = (read("docs/guide.md"), read("src/guide.rs"));
    let definitions = guide.lines().filter(|line| line.starts_with('['));
    let links = definitions.filter_map(|line| line.split_once("]: "));
    for (label, target) in links.clone() {
        let file = target.split('#').next().unwrap_or(target);
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
        assert!(path.join(file).exists(), "there is no {file}");
        let again = format!("//! {label}]: ");
        assert!(rendered.contains(&again), "docs.rs has no {label}]");
    }
    assert!(links.count() > 3, "some have gone");
}

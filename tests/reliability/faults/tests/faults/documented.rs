//! `docs/misuse.md` is as complete as it says: every test that it names
//! exists, and every public function is in it. And what the documents link to is there.

use std::{
    env, fs,
    path::{Component, Path, PathBuf},
    process::Command,
};

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
    let mut found = 0;
    // What a user holds, and what those have who look.
    for folder in ["src/task", "src/observe"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
        for file in fs::read_dir(path.join(folder)).expect("the sources are there") {
            let file = file.unwrap();
            // In a folder is what one of the files has for each platform, of which none is public.
            if file.path().is_dir() {
                continue;
            }
            let file = file.file_name().into_string().unwrap();
            let source = read(&format!("{folder}/{file}"));
            for line in source
                .lines()
                .filter_map(|line| line.trim().strip_prefix("pub fn "))
            {
                let name = line.split(['(', '<']).next().unwrap_or(line);
                let is_there = quoted(&document)
                    .any(|words| words == name || words.rsplit("::").next() == Some(name));
                assert!(is_there, "{folder}/{file}: {name} is not in docs/misuse.md");
                found += 1;
            }
        }
    }
    assert!(found > 50, "{found} are not all of them");
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

/// What the package consists of, as it would be published.
fn packaged() -> Vec<PathBuf> {
    let cargo = env::var_os("CARGO").expect("cargo runs the tests");
    let output = Command::new(cargo)
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .args(["--package", "qio-task"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{output:?}");
    let list = String::from_utf8(output.stdout).expect("the names are text");
    list.lines().map(PathBuf::from).collect()
}

/// What a document links to, or shows: without code, and without addresses of the web.
fn links(document: &str) -> Vec<&str> {
    let text = document.split("```").step_by(2);
    let starts = ["](", "]: ", "src=\"", "srcset=\""];
    text.flat_map(|text| starts.map(|start| text.split(start).skip(1)))
        .flatten()
        .filter_map(|rest| rest.split([')', '"', '\n', ' ']).next())
        .filter(|link| !link.contains("://"))
        .collect()
}

/// The folder or file that `path` leads to from this file.
fn resolve(file: &Path, path: &str) -> PathBuf {
    let mut target = file.parent().unwrap_or(file).to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => assert!(target.pop(), "{path} leaves the package"),
            part => target.push(part),
        }
    }
    target
}

/// (What rustdoc makes of them is looked at where that is built: `links.rs` of xtask.)
#[test]
fn every_link_of_a_packaged_document_leads_into_the_package() {
    let packaged = packaged();
    let mut found = 0;
    let is_document = |file: &&PathBuf| file.extension().is_some_and(|it| it == "md");
    for file in packaged.iter().filter(is_document) {
        let document = read(file.to_str().expect("its name is text"));
        for link in links(&document) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => file.clone(),
                path => resolve(file, path),
            };
            let is_there = packaged.iter().any(|other| other.starts_with(&target));
            assert!(is_there, "{} links to {link}", file.display());
            if !heading.is_empty() {
                let headings = read(target.to_str().expect("its name is text"));
                let mut lines = headings.lines().filter(|line| line.starts_with('#'));
                let is_there = lines.any(|line| anchor(line) == heading);
                assert!(is_there, "{} links to {link}", file.display());
            }
            found += 1;
        }
    }
    assert!(found > 30, "{found} are not all of them");
}

/// What a heading is linked to by.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
    words
        .chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}

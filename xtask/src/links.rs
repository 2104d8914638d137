//! The links of the documentation, as rustdoc has rendered it: each leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::run::Outcome;

/// Follows the links of `crate_name`'s documentation in `folder`, from its first page on.
/// Those to other places of the web are not followed.
///
/// # Errors
///
/// All that lead nowhere, each with the page that it is on.
pub fn follow(folder: &Path, crate_name: &str) -> Outcome<usize> {
    let mut waiting = vec![folder.join(crate_name).join("index.html")];
    let mut pages: BTreeSet<PathBuf> = waiting.iter().cloned().collect();
    let (mut followed, mut dead) = (0, Vec::new());
    while let Some(page) = waiting.pop() {
        let html = read(&page)?;
        // What follows is other crates' documentation of their own traits, by whose links
        // rustdoc does not know its way.
        let ours = html.split(" id=\"blanket-implementations\"").next();
        for link in links(ours.unwrap_or(&html)).filter(|link| !is_elsewhere(link)) {
            followed += 1;
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let path = path.split('?').next().unwrap_or(path);
            let target = match path {
                "" => page.clone(),
                path => resolve(&page, path),
            };
            if !leads_somewhere(&target, fragment)? {
                dead.push(format!("{} has {link}", page.display()));
            }
            // The source of the crate, and what all crates share, is rustdoc's own.
            let is_page = target.extension().is_some_and(|it| it == "html");
            let is_ours = is_page && target.starts_with(folder.join(crate_name));
            if is_ours && target.exists() && pages.insert(target.clone()) {
                waiting.push(target);
            }
        }
    }
    if dead.is_empty() {
        Ok(followed)
    } else {
        Err(format!("links lead nowhere:\n{}", dead.join("\n")))
    }
}

fn read(page: &Path) -> Outcome<String> {
    fs::read_to_string(page).map_err(|error| format!("can't read {}: {error}", page.display()))
}

/// What the attributes of a page name that a browser would open or load.
fn links(html: &str) -> impl Iterator<Item = &str> {
    [" href=\"", " src=\"", " srcset=\""]
        .into_iter()
        .flat_map(|attribute| html.split(attribute).skip(1))
        .filter_map(|rest| Some(rest.split_once('"')?.0))
}

/// Whether it has a scheme, as `https:` or `data:`.
fn is_elsewhere(link: &str) -> bool {
    let scheme = link.split_once(':').map_or("", |(scheme, _)| scheme);
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The file that `path` names on this page.
fn resolve(page: &Path, path: &str) -> PathBuf {
    let mut file = page.parent().unwrap_or(page).to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                file.pop();
            }
            part => file.push(part),
        }
    }
    file
}

fn leads_somewhere(target: &Path, fragment: &str) -> Outcome<bool> {
    // Those of a source's lines are made by its script.
    let is_source = target.to_string_lossy().ends_with(".rs.html");
    if fragment.is_empty() || is_source || !target.is_file() {
        return Ok(target.is_file());
    }
    Ok(read(target)?.contains(&format!(" id=\"{fragment}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A documentation with these files, for one test.
    fn documentation(test: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("links-{test}-{}", std::process::id()));
        for (name, text) in files {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        folder
    }

    #[track_caller]
    fn dead(test: &str, files: &[(&str, &str)]) -> String {
        let folder = documentation(test, files);
        let why = follow(&folder, "a").unwrap_err();
        fs::remove_dir_all(folder).unwrap();
        why
    }

    #[test]
    fn those_that_lead_somewhere_are_counted() {
        let index = r##"<a href="b/c.html#d">c</a> <a href="#e"></a> <h2 id="e"> <a href="x:y">"##;
        let files = [
            ("a/index.html", index),
            (
                "a/b/c.html",
                r#"<p id="d"> <img src="../../logo.svg"> <a href="https://e.org">"#,
            ),
            ("logo.svg", ""),
        ];
        let folder = documentation("alive", &files);
        assert_eq!(follow(&folder, "a"), Ok(3));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_file_is_told_of_wherever_it_is_named() {
        let index = r#"<a href="b.html">b</a>"#;
        let b = r#"<img src="plot.svg"> <source srcset="dark.png"> <a href="docs/c.md">"#;
        let why = dead("files", &[("a/index.html", index), ("a/b.html", b)]);
        for link in ["plot.svg", "dark.png", "docs/c.md"] {
            assert!(why.contains(&format!("b.html has {link}")), "{why}");
        }
    }

    #[test]
    fn a_missing_heading_is_told_of() {
        let index = r##"<h2 id="here"> <a href="#there">"##;
        let why = dead("heading", &[("a/index.html", index)]);
        assert!(why.contains("index.html has #there"), "{why}");
    }
}

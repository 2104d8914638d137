//! All that is wrong with a package, in lines for who has to put it right.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::imports::{Imports, imports};
use crate::modules::{files, modules};
use crate::rings::{parts, rings};
use crate::sources::Sources;
use crate::table::Floors;

/// Looks at each crate of a package; where there are `floors`, it has one.
pub fn findings(sources: &Sources, floors: Option<&Floors>) -> Vec<String> {
    let (mut findings, mut seen) = (Vec::new(), BTreeSet::<PathBuf>::new());
    for root in sources.roots() {
        let modules = match modules(sources, root) {
            Ok(modules) => modules,
            Err(why) => return vec![why],
        };
        seen.extend(files(&modules).into_iter().map(Path::to_owned));
        let imports = imports(&modules);
        findings.extend(circles(&imports));
        if let Some(floors) = floors {
            findings.extend(floors.findings(files(&modules).into_iter(), &imports));
        }
    }
    // What is not looked at would seem to be clean.
    let unseen = sources.files().filter(|file| !seen.contains(*file));
    findings.extend(unseen.map(|file| format!("{} is in no crate", file.display())));
    findings
}

/// The rings of files, as `a.rs:3 -> b.rs:5 -> a.rs`: in line 3 of a.rs is what imports b.rs.
fn circles(imports: &Imports) -> impl Iterator<Item = String> {
    let edges: BTreeSet<(&Path, &Path)> = imports
        .keys()
        .map(|(from, to)| (from.as_path(), to.as_path()))
        .collect();
    rings(&edges).into_iter().map(|ring| {
        let parts = parts(&ring).map(|(from, to)| {
            let reason = &imports[&(from.to_path_buf(), to.to_path_buf())];
            format!("{}:{} -> ", from.display(), reason.line)
        });
        let parts: String = parts.collect();
        format!("files import each other: {parts}{}", ring[0].display())
    })
}

//! Whether the library exports what the header declares, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{Outcome, output};

/// What every name of ours begins with.
const PREFIX: &str = "qio_";

/// Compares the functions of `header` with the symbols of `library`.
pub fn compare(header: &Path, library: &Path) -> Outcome {
    let mut nm = Command::new("nm");
    // Of a Mach-O file, whose names have an underscore more, those that are not local.
    let (arguments, ornament): (&[&str], _) = if cfg!(target_os = "macos") {
        (&["-gU"], "_")
    } else {
        (&["-D", "--defined-only"], "")
    };
    let listing = output(nm.args(arguments).arg(library))
        .ok_or_else(|| format!("`nm` can't read {}", library.display()))?;
    compare_with(header, &exported(&listing, ornament))
}

/// Compares the functions of `header` with what a library has `exported`.
pub fn compare_with(header: &Path, exported: &BTreeSet<&str>) -> Outcome {
    let text = fs::read_to_string(header)
        .map_err(|error| format!("can't read {}: {error}", header.display()))?;
    let declared = declared(&text);
    judge(&declared, exported)?;
    println!("{} functions, each declared and exported", declared.len());
    Ok(())
}

fn judge(declared: &BTreeSet<&str>, exported: &BTreeSet<&str>) -> Outcome {
    let missing: Vec<_> = declared.difference(exported).copied().collect();
    let hidden: Vec<_> = exported.difference(declared).copied().collect();
    match (missing.as_slice(), hidden.as_slice()) {
        ([], []) if declared.is_empty() => Err("the header declares no function".to_owned()),
        ([], []) => Ok(()),
        _ => Err(format!(
            "declared but not exported: [{}]; exported but not declared: [{}]",
            missing.join(" "),
            hidden.join(" ")
        )),
    }
}

/// The functions that a header declares, in the style of this one: a name, a space and a
/// parenthesis. What only looks like it is in comments, and in lines for the
/// preprocessor.
fn declared(header: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut continued = false;
    // Each piece but the first begins with a comment.
    for (number, piece) in header.split("/*").enumerate() {
        let code = match number {
            0 => piece,
            _ => piece.split_once("*/").map_or("", |(_comment, code)| code),
        };
        for line in code.lines() {
            let directive = continued || line.trim_start().starts_with('#');
            continued = directive && line.ends_with('\\');
            if !directive {
                names.extend(called(line));
            }
        }
    }
    names
}

/// The names of ours in `line` that a parenthesis follows.
fn called(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.split(" (")
        .zip(line.match_indices(" ("))
        .filter_map(move |(before, _)| before.rsplit(|c| !is_part(c)).next())
        .filter(|name| name.starts_with(PREFIX))
}

/// The names in a listing of `nm`, of which the last word of each line is one.
fn exported<'a>(listing: &'a str, ornament: &str) -> BTreeSet<&'a str> {
    listing
        .lines()
        .filter_map(|line| line.split_whitespace().next_back())
        .map(|name| name.strip_prefix(ornament).unwrap_or(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::root;

    #[test]
    fn only_declarations_count() {
        let header = "\
/* qio_task_in_comment (x) */
#define QIO_TASK_VALUE \\
  qio_task_in_macro (1)
/**
 * qio_task_new:
 * See qio_task_old ().
 */
QIOTask *qio_task_new (gpointer source);
const gchar *qio_task_check_version (guint major,
                                     guint minor); /* and */ guint qio_task_get_2 (void);
typedef void (*QIOTaskFunc) (QIOTask *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QIOTask, qio_task_abandon)
";
        let names = ["qio_task_check_version", "qio_task_get_2", "qio_task_new"];
        assert_eq!(declared(header), BTreeSet::from(names));
    }

    #[test]
    fn our_header_declares_what_the_issue_lists() {
        let header = fs::read_to_string(root().join("src/capi/qio-task.h")).unwrap();
        let declared = declared(&header);
        for name in [
            "task_new",
            "task_new_full",
            "task_run_in_thread",
            "task_complete",
            "task_free",
            "task_propagate_error",
            "task_set_stack_size",
            "task_set_group",
            "group_new",
            "group_set_ended_func",
        ] {
            assert!(declared.contains(format!("{PREFIX}{name}").as_str()));
        }
        assert!(
            declared
                .iter()
                .all(|name| header.contains(&format!("* {name}:")))
        );
    }

    #[test]
    fn each_line_of_nm_has_a_name() {
        let listing = "0000000000011790 T qio_task_new\n0000000000011800 B rust_thing\n";
        assert_eq!(
            exported(listing, ""),
            BTreeSet::from(["qio_task_new", "rust_thing"])
        );
        let mach_o = "0000000000003f00 T _qio_task_new\n";
        assert_eq!(exported(mach_o, "_"), BTreeSet::from(["qio_task_new"]));
    }

    #[test]
    fn neither_side_may_have_more() {
        let set = |names: &[&'static str]| names.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(judge(&set(&["a", "b"]), &set(&["a", "b"])), Ok(()));
        assert!(judge(&set(&["a", "b"]), &set(&["a"])).is_err());
        assert!(judge(&set(&["a"]), &set(&["a", "b"])).is_err());
        assert!(judge(&set(&[]), &set(&[])).is_err());
    }
}

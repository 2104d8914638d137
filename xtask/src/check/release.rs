//! The public surface, beside that of the last release.

use std::process::{Command, Stdio};

use super::ending::{Stop, Work};
use crate::run::{cargo, run};
use crate::tool::Tool;

/// What the registry says of the package.
#[derive(Debug, PartialEq, Eq)]
enum Registry {
    Has,
    HasNot,
    /// It could not be asked.
    Silent(String),
}

/// Compares with the last release, once there is one: the tool is not built before.
pub fn semver() -> Work<String> {
    match ask() {
        Registry::Has => {}
        Registry::HasNot => {
            let why = "nothing has been released yet: there is nothing to compare with";
            return Err(Stop::Nothing(why.to_owned()));
        }
        Registry::Silent(why) => {
            let why = format!("the registry can't be asked for the last release: {why}");
            return Err(Stop::Lacks(why));
        }
    }
    Tool::SEMVER_CHECKS.set_up()?;
    run(Tool::SEMVER_CHECKS
        .command()?
        .args(["--package", "qio-task"]))?;
    Ok("compatible with the last release, as its version says".to_owned())
}

fn ask() -> Registry {
    let mut info: Command = cargo(&["info", "--registry", "crates-io", "qio-task"]);
    match info.stdin(Stdio::null()).output() {
        Ok(answer) if answer.status.success() => Registry::Has,
        Ok(answer) => refused(&String::from_utf8_lossy(&answer.stderr)),
        Err(error) => Registry::Silent(error.to_string()),
    }
}

/// Why cargo tells nothing of the package.
fn refused(words: &str) -> Registry {
    if words.contains("could not find `qio-task` in registry") {
        return Registry::HasNot;
    }
    let error = words.lines().find_map(|line| line.strip_prefix("error: "));
    Registry::Silent(error.unwrap_or("it does not answer").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_is_not_there_is_not_a_silent_registry() {
        let words =
            "    Updating crates.io index\nerror: could not find `qio-task` in registry `…`";
        assert_eq!(refused(words), Registry::HasNot);
        let words =
            "    Updating crates.io index\nerror: failed to query the registry\n\nCaused by:";
        let why = "failed to query the registry".to_owned();
        assert_eq!(refused(words), Registry::Silent(why));
    }
}

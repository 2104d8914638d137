//! What the dependencies are: their licences, their sources, and what is known against
//! them. `deny.toml` says what is allowed.

use std::time::Duration;

use super::ending::{Stop, Work};
use crate::run::{run, run_within};
use crate::tool::Tool;

/// Fetching the database takes seconds where it can be fetched.
const PATIENCE: Duration = Duration::from_mins(1);

/// What `Cargo.lock` and the manifests tell by themselves.
pub fn licences() -> Work<String> {
    Tool::DENY.set_up()?;
    let workspace = ["--workspace", "check", "licenses", "sources"];
    run(Tool::DENY.command()?.args(workspace))?;
    // Of the library alone: what only the tests need, no user has to build twice.
    run(Tool::DENY.command()?.args(["check", "bans"]))?;
    Ok("as deny.toml allows".to_owned())
}

/// What the database of advisories has, where it can be had.
pub fn advisories() -> Work<String> {
    Tool::DENY.set_up()?;
    let mut fetch = Tool::DENY.command()?;
    fetch.args(["fetch", "db"]);
    // The git that it starts gives up by itself, too.
    for (variable, value) in [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_HTTP_LOW_SPEED_LIMIT", "1000"),
        ("GIT_HTTP_LOW_SPEED_TIME", "30"),
    ] {
        fetch.env(variable, value);
    }
    run_within(PATIENCE, &mut fetch).map_err(|why| {
        Stop::Nothing(format!(
            "the database, a repository of the RustSec project, can't be fetched from here: {why}"
        ))
    })?;
    run(Tool::DENY
        .command()?
        .args(["check", "--disable-fetch", "advisories"]))?;
    Ok("none of them has one".to_owned())
}

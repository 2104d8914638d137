//! The contestants' programs: what they offer, and running them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use process_control::{ChildExt, Control, Output};
use serde::Deserialize;

use crate::case::Case;
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::results::Outcome;

/// One source, built with either backend.
pub struct Programs {
    pub native: PathBuf,
    pub gtask: PathBuf,
}

/// A line of what a program offers.
#[derive(Deserialize)]
struct Offer {
    contestant: String,
    measure: String,
}

/// The line that a program prints about a run.
#[derive(Deserialize)]
struct Line {
    values: BTreeMap<String, Option<f64>>,
}

impl Programs {
    /// Everyone who can be run, with each measure. The build with `gtask` gives its
    /// own backend of the library, the native one all others.
    pub fn offered(&self, limit: Duration) -> Result<Vec<(Contestant, Measure)>> {
        let mut offered = Vec::new();
        for (program, is_shim) in [(&self.native, false), (&self.gtask, true)] {
            let mut list = Command::new(program);
            let output = captured(list.arg("list"), limit)?
                .with_context(|| format!("{} does not end its list", program.display()))?;
            if !output.status.success() {
                bail!(
                    "{} gives no list: {}",
                    program.display(),
                    said(&output.stderr)
                );
            }
            for line in String::from_utf8_lossy(&output.stdout).lines() {
                let offer = serde_json::from_str(line)
                    .with_context(|| format!("{} lists `{line}`", program.display()))?;
                offered.extend(known(&offer, is_shim));
            }
        }
        Ok(offered)
    }

    /// Runs `case` once, for at most `limit`.
    pub fn run(&self, case: Case, limit: Duration) -> Result<Outcome> {
        let mut command = Command::new(self.program(case.contestant));
        command.args(["run", case.contestant.argument(), case.measure.name()]);
        if let (Some(option), Some(size)) = (case.measure.option(), case.size) {
            command.args([option, &size.to_string()]);
            if case.measure == Measure::Foreign {
                // It takes long; ours is a median of whole processes.
                command.args(["--repeat", "1"]);
            }
            if case.contestant == Contestant::Blocking && case.measure == Measure::Blockers {
                // Its maximum is taken from there alone.
                command.env("BLOCKING_MAX_THREADS", size.to_string());
            }
        }
        let Some(output) = captured(&mut command, limit)? else {
            return Ok(Outcome::Overran(limit.as_secs()));
        };
        if !output.status.success() {
            return Ok(Outcome::Failed(said(&output.stderr)));
        }
        Ok(match serde_json::from_slice::<Line>(&output.stdout) {
            Ok(line) => Outcome::Values(
                line.values
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, value?)))
                    .collect(),
            ),
            Err(error) => Outcome::Failed(format!("its line is not as agreed: {error}")),
        })
    }

    fn program(&self, contestant: Contestant) -> &Path {
        match contestant {
            Contestant::Shim => &self.gtask,
            _ => &self.native,
        }
    }
}

fn known(offer: &Offer, is_shim: bool) -> Option<(Contestant, Measure)> {
    let contestant = Contestant::ALL.into_iter().find(|contestant| {
        contestant.argument() == offer.contestant && (*contestant == Contestant::Shim) == is_shim
    })?;
    let measure = clap::ValueEnum::from_str(&offer.measure, false).ok()?;
    Some((contestant, measure))
}

/// None where it had to be ended.
fn captured(command: &mut Command, limit: Duration) -> Result<Option<Output>> {
    let name = Path::new(command.get_program())
        .file_name()
        .map(OsStr::to_string_lossy)
        .unwrap_or_default()
        .into_owned();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|child| {
            child
                .controlled_with_output()
                .time_limit(limit)
                .terminate_for_timeout()
                .wait()
        })
        .with_context(|| format!("can't run {name}"))
}

/// The last line of a program's complaint.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    last.unwrap_or("without a word").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Placement;

    const LONG: Duration = Duration::from_mins(1);

    /// A script in which each contestant ends in another way.
    fn programs() -> Programs {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/contest");
        Programs {
            native: program.into(),
            gtask: program.into(),
        }
    }

    fn outcome(contestant: Contestant, limit: Duration) -> Outcome {
        let case = Case {
            measure: Measure::Burst,
            contestant,
            placement: Placement::Machine,
            size: Some(100),
        };
        programs().run(case, limit).unwrap()
    }

    #[test]
    fn a_run_is_asked_for_by_name_and_size() {
        let values = [("per_task_ns".to_owned(), 312.0)].into();
        assert_eq!(outcome(Contestant::Native, LONG), Outcome::Values(values));
    }

    #[test]
    fn a_complaint_is_kept() {
        let failed = Outcome::Failed("no threads left".to_owned());
        assert_eq!(outcome(Contestant::Gtask, LONG), failed);
    }

    #[test]
    fn a_line_that_is_none_is_a_failure() {
        assert!(matches!(outcome(Contestant::Gio, LONG), Outcome::Failed(_)));
    }

    #[test]
    fn who_does_not_end_is_ended() {
        let limit = Duration::from_millis(50);
        assert_eq!(outcome(Contestant::Tokio, limit), Outcome::Overran(0));
    }

    #[test]
    fn each_build_gives_its_own_backend() {
        assert_eq!(
            programs().offered(LONG).unwrap(),
            [
                (Contestant::Native, Measure::Burst),
                (Contestant::Gtask, Measure::RoundTrip),
                (Contestant::Shim, Measure::Burst),
            ]
        );
    }
}

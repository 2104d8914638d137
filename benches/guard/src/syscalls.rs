//! Counting the system calls of a burst with strace.

use std::env;
use std::process::Command;

use crate::backend::BACKEND;
use crate::command::{Outcome, run_for_stderr};
use crate::judge::{Row, ratio, thousands};

/// How many workers the burst has.
pub const WORKERS: u32 = 20_000;

/// A burst makes fewer calls than this.
const BOUND: u64 = 2_000;

/// How many bursts are counted. Where the threads meet is chance: some make several
/// times the calls of the others, and the median is judged.
const RUNS: usize = 5;

/// Those that wake a thread or a loop, or wait for being woken.
const CALLS: [&str; 3] = ["futex", "write", "writev"];

/// The calls of the median burst.
pub fn count() -> Outcome<u64> {
    println!(
        "{RUNS} bursts of {}, and the median counts",
        thousands(WORKERS.into())
    );
    let mut totals = [0; RUNS];
    for total in &mut totals {
        let counts = parse(&run_for_stderr(&mut strace()?)?)?;
        *total = counts.iter().map(|(_, count)| count).sum();
        let counts: Vec<_> = (counts.iter())
            .map(|(call, count)| format!("{call} {}", thousands(*count)))
            .collect();
        println!("{} calls: {}", thousands(*total), counts.join(", "));
    }
    totals.sort_unstable();
    Ok(totals[RUNS / 2])
}

/// This very program, as `burst`, under strace.
fn strace() -> Outcome<Command> {
    let program = env::current_exe().map_err(|error| format!("where is this program? {error}"))?;
    let mut strace = Command::new("strace");
    // With the filter, only the calls that count are slowed down, so that the
    // threads meet more as they do when nobody looks.
    strace
        .args(["-f", "-c", "--seccomp-bpf", "-e"])
        .arg(format!("trace={}", CALLS.join(",")))
        .arg(program)
        .arg("burst");
    Ok(strace)
}

/// Reads the table that `strace -c` ends with: the number of calls is the fourth
/// column, the name the last. Calls that were not made are not in it.
fn parse(summary: &str) -> Outcome<Vec<(&'static str, u64)>> {
    let unreadable = || format!("strace's summary is not as expected:\n{summary}");
    if !summary.contains("% time") {
        return Err(unreadable());
    }
    let count_of = |call| {
        let columns = (summary.lines())
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .find(|columns| columns.last() == Some(&call));
        columns.map_or(Some(0), |columns| columns.get(3)?.parse().ok())
    };
    CALLS
        .into_iter()
        .map(|call| Some((call, count_of(call)?)))
        .collect::<Option<_>>()
        .ok_or_else(unreadable)
}

/// What the user has to see to, if anything.
pub fn failure(calls: u64) -> Option<String> {
    (calls >= BOUND).then(|| {
        format!(
            "A burst of {} on {BACKEND} makes {} `futex` and `write` calls; fewer than {} is the \
             bound. `strace -f target/release/guard burst` shows them.",
            thousands(WORKERS.into()),
            thousands(calls),
            thousands(BOUND),
        )
    })
}

pub fn row(calls: u64) -> Row {
    [
        format!("burst of {}, system calls", thousands(WORKERS.into())),
        format!("< {}", thousands(BOUND)),
        thousands(calls),
        ratio(BOUND, calls),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// strace 6.1.
    const SUMMARY: &str = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 99.88    0.219539         192      1140       332 futex
  0.12    0.000255          12        21           write
------ ----------- ----------- --------- --------- ----------------
100.00    0.219794         189      1161       332 total
";

    #[test]
    fn calls_are_read_with_and_without_errors() {
        let expected = vec![("futex", 1_140), ("write", 21), ("writev", 0)];
        assert_eq!(parse(SUMMARY), Ok(expected));
    }

    #[test]
    fn what_is_no_summary_is_not_zero() {
        assert!(parse("strace: ptrace: Operation not permitted").is_err());
        assert!(parse(&SUMMARY.replace("1140", "many")).is_err());
    }

    #[test]
    fn the_bound_itself_fails() {
        assert_eq!(failure(BOUND - 1), None);
        let why = failure(BOUND).unwrap();
        assert!(why.contains("2,000"), "{why}");
    }
}

//! What the soak says: a line as it goes, and the verdict at its end.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use crate::{
    ending::Ending,
    flat::{Readings, Tolerance, Verdict},
    gauges::Gauges,
    ledger::Sums,
};

const MIB: u64 = 1 << 20;

/// The line of progress: one that is rewritten on a terminal, else one now and then.
pub struct Line {
    is_terminal: bool,
    shown: Option<Duration>,
    last: (Duration, u64),
}

/// How often there is a line where it is not rewritten.
const PACE: Duration = Duration::from_secs(10);

impl Line {
    pub fn new() -> Self {
        Self {
            is_terminal: io::stdout().is_terminal(),
            shown: None,
            last: (Duration::ZERO, 0),
        }
    }

    pub fn show(&mut self, at: Duration, sums: &Sums, gauges: &Gauges) {
        let is_due = self.shown.is_none_or(|shown| at >= shown + PACE);
        if !self.is_terminal && !is_due {
            return;
        }
        self.shown = Some(at);
        let (ended, (then, before)) = (sums.ended(), self.last);
        let milliseconds = u64::try_from(at.saturating_sub(then).as_millis()).unwrap_or(u64::MAX);
        let rate = 1000 * (ended - before) / milliseconds.max(1);
        self.last = (at, ended);
        let seconds = at.as_secs();
        let mut line = format!(
            "{:02}:{:02} {ended} tasks, {rate}/s, {} pending",
            seconds / 60,
            seconds % 60,
            sums.made().saturating_sub(ended),
        );
        let counts = Ending::ALL.map(|ending| (ending, sums.by_ending(ending)));
        let seen = counts.into_iter().filter(|(_, count)| *count > 0);
        line.extend(seen.map(|(ending, count)| format!(" · {ending} {count}")));
        let Gauges {
            resident,
            threads,
            descriptors,
            ..
        } = gauges;
        let gauges = [
            (resident / MIB, "MiB"),
            (*threads, "threads"),
            (*descriptors, "descriptors"),
        ];
        line.extend(gauges.map(|(reading, unit)| format!(" · {reading} {unit}")));
        let mut out = io::stdout().lock();
        // Nobody may be there to read it any more.
        let _ = if self.is_terminal {
            write!(out, "\r\x1b[K{line}").and_then(|()| out.flush())
        } else {
            writeln!(out, "{line}")
        };
    }

    /// What comes next begins a line of its own.
    pub fn end(&self) {
        if self.is_terminal {
            println!();
        }
    }
}

/// The readings of the run.
#[derive(Default)]
pub struct History {
    resident: Readings,
    threads: Readings,
    descriptors: Readings,
    heap_at_rest: Readings,
    descriptors_at_rest: Readings,
}

impl History {
    /// A reading while the soak runs.
    pub fn push(&mut self, at: Duration, gauges: &Gauges) {
        self.resident.push(at, gauges.resident);
        self.threads.push(at, gauges.threads);
        self.descriptors.push(at, gauges.descriptors);
    }

    /// A reading while all rest and nothing is pending: what is there then is
    /// there to stay.
    pub fn push_at_rest(&mut self, at: Duration, gauges: &Gauges) {
        self.heap_at_rest.push(at, gauges.heap);
        self.descriptors_at_rest.push(at, gauges.descriptors);
    }

    /// Says whether each gauge is flat. `false` if one is not.
    pub fn judge(&self, run: Duration) -> bool {
        let tolerance = |percent, slack| Tolerance { percent, slack };
        let gauges = [
            (
                "resident memory",
                MIB,
                "MiB",
                &self.resident,
                tolerance(15, 8 * MIB),
            ),
            (
                "heap at rest",
                1024,
                "KiB",
                &self.heap_at_rest,
                tolerance(5, MIB),
            ),
            ("threads", 1, "", &self.threads, tolerance(10, 8)),
            ("descriptors", 1, "", &self.descriptors, tolerance(15, 32)),
            (
                "descriptors at rest",
                1,
                "",
                &self.descriptors_at_rest,
                tolerance(0, 24),
            ),
        ];
        let mut are_flat = true;
        for (name, unit, symbol, readings, tolerance) in gauges {
            match readings.judge(run, tolerance) {
                None => println!("{name}: not judged, the run was too short"),
                Some(verdict) => {
                    are_flat &= verdict.is_flat();
                    say(name, unit, symbol, verdict, tolerance);
                }
            }
        }
        are_flat
    }
}

#[expect(clippy::cast_precision_loss, reason = "to be read")]
fn say(name: &str, unit: u64, symbol: &str, verdict: Verdict, tolerance: Tolerance) {
    let is = if verdict.is_flat() {
        "flat"
    } else {
        "NOT FLAT"
    };
    let Tolerance { percent, slack } = tolerance;
    println!(
        "{name}: {is}; {} {symbol} at most in the last third, {} in the second minute, \
         {percent} % and {} {symbol} more allowed; {:+.1} {symbol} an hour by least squares",
        verdict.last / unit,
        verdict.reference / unit,
        slack / unit,
        verdict.slope / unit as f64,
    );
}

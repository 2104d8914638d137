//! Runs one measure of one contestant and prints it as a line of JSON.

#![deny(unsafe_code)]

// Implementation
//
// `offers` is the table of contestants and measures. A contestant implements the
// traits of `contestants`; a measure is generic over one of them. Both meet in
// `app`, the main loop that everything runs in.

mod app;
mod contestants;
mod gate;
mod measures;
mod offers;
mod proc;
mod spin;
mod stats;

use std::{
    num::NonZero,
    process::{self, ExitCode},
    thread,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use serde_json::json;

use measures::Size;
use offers::{Measure, OFFERS, Offer};

/// Runs one measure of one contestant, in this process
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what can be run, a line of JSON for each contestant and measure
    List,
    /// Run it, and print a line of JSON with its values
    Run {
        /// One of those that `list` prints
        contestant: String,
        measure: Measure,
        /// How many tasks; each measure has a default
        #[arg(long)]
        n: Option<NonZero<usize>>,
        /// How many threads complete tasks, or how many workers are running
        #[arg(long)]
        threads: Option<NonZero<usize>>,
        /// How often it is measured, for the median
        #[arg(long)]
        repeat: Option<NonZero<usize>>,
        /// How long threads may stay idle before they count as retired
        #[arg(long)]
        seconds: Option<f64>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::List => {
            list();
            Ok(())
        }
        Command::Run {
            contestant,
            measure,
            n,
            threads,
            repeat,
            seconds,
        } => {
            let size = Size {
                n,
                threads,
                repeat,
                seconds,
            };
            run(&contestant, measure, &size)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("contest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    for Offer {
        contestant,
        measure,
        ..
    } in OFFERS
    {
        println!(
            "{}",
            json!({ "contestant": contestant, "measure": name(*measure) })
        );
    }
}

fn run(contestant: &str, measure: Measure, size: &Size) -> anyhow::Result<()> {
    let offer = OFFERS
        .iter()
        .find(|offer| offer.contestant == contestant && offer.measure == measure)
        .with_context(|| format!("`{contestant}` has no measure `{}`", name(measure)))?;
    watch();
    let values = (offer.run)(size)?;
    for (name, value) in &values {
        ensure!(value.is_finite(), "`{name}` came out as {value}");
    }
    let values: serde_json::Map<_, _> = values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    println!(
        "{}",
        json!({
            "contestant": contestant,
            "measure": name(measure),
            "n": size.n,
            "threads": size.threads,
            "values": values,
        })
    );
    Ok(())
}

/// No measure takes so long.
const LONGEST: Duration = Duration::from_mins(5);

/// Ends the program when a contestant hangs.
///
/// It takes a thread, so no contestant runs in a process of one, as no
/// application does: the C library is a little faster there, with those
/// contestants that would start no thread of their own.
fn watch() {
    thread::spawn(|| {
        thread::sleep(LONGEST);
        eprintln!("contest: it has not ended within {LONGEST:?}");
        process::exit(1);
    });
}

/// What the command line calls it.
fn name(measure: Measure) -> String {
    measure
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, clap::Error> {
        let all = std::iter::once(&"contest").chain(arguments);
        Arguments::try_parse_from(all).map(|arguments| arguments.command)
    }

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_measure_is_run_with_what_is_given() {
        let command = parse(&[
            "run",
            "qio-task",
            "round-trip",
            "--n",
            "7",
            "--threads",
            "2",
        ]);
        let Ok(Command::Run {
            contestant,
            measure,
            n,
            threads,
            repeat,
            seconds,
        }) = command
        else {
            panic!("{command:?}");
        };
        assert_eq!(
            (contestant.as_str(), measure),
            ("qio-task", Measure::RoundTrip)
        );
        assert_eq!((n, threads), (NonZero::new(7), NonZero::new(2)));
        assert_eq!((repeat, seconds), (None, None));
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(parse(&[]).is_err());
        assert!(parse(&["run", "qio-task"]).is_err());
        assert!(parse(&["run", "qio-task", "walk"]).is_err());
        assert!(parse(&["run", "qio-task", "burst", "--n", "0"]).is_err());
        assert!(parse(&["run", "qio-task", "burst", "--n", "-1"]).is_err());
        assert!(parse(&["run", "qio-task", "foreign", "--threads", "0"]).is_err());
    }

    #[test]
    fn nobody_is_offered_twice() {
        for (index, offer) in OFFERS.iter().enumerate() {
            let before = &OFFERS[..index];
            assert!(
                !before
                    .iter()
                    .any(|other| other.contestant == offer.contestant
                        && other.measure == offer.measure),
                "{} {:?}",
                offer.contestant,
                offer.measure
            );
        }
    }
}

//! Runs the contestants in turn, and writes what they reached beside the targets.

#![deny(unsafe_code)]

// Implementation
//
// `plan` says what is run in which order, `session` carries it out with `program`
// and asks `forecast` before each run. What comes out are `results`; `tables`,
// `targets` and `plot` look at them, and `document` keeps it all.

mod case;
mod contestant;
mod document;
mod forecast;
mod machine;
mod measure;
mod placement;
mod plan;
mod plot;
mod program;
mod results;
mod session;
mod size;
mod stats;
mod table;
mod tables;
mod targets;
mod unit;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use document::{Document, LEGEND};
use machine::Machine;
use measure::Measure;
use plan::Effort;
use program::Programs;
use size::{Binaries, Sizes};

/// Runs the contestants in turn, and writes what they reached beside the targets
#[derive(Debug, Parser)]
struct Arguments {
    /// The contestants' program
    #[arg(long, value_name = "PATH")]
    native: PathBuf,
    /// The same, built with the feature `gtask`
    #[arg(long, value_name = "PATH")]
    gtask: PathBuf,
    /// Where to write the results
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A stripped program with the library
    #[arg(long, value_name = "PATH", requires_all = ["with_gtask", "without"])]
    with: Option<PathBuf>,
    /// The same, built with the feature `gtask`
    #[arg(long, value_name = "PATH")]
    with_gtask: Option<PathBuf>,
    /// The same without the library
    #[arg(long, value_name = "PATH")]
    without: Option<PathBuf>,
    /// Fewer sizes and repetitions: about two minutes
    #[arg(long)]
    quick: bool,
    /// Only look whether the other arguments are right
    #[arg(long)]
    check: bool,
    /// What to measure; without any, everything
    #[arg(value_name = "MEASURE")]
    measures: Vec<Measure>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.check {
        return Ok(());
    }
    let measures = if arguments.measures.is_empty() {
        Measure::value_variants()
    } else {
        &arguments.measures
    };
    let effort = if arguments.quick {
        Effort::Quick
    } else {
        Effort::Full
    };
    let programs = Programs {
        native: arguments.native,
        gtask: arguments.gtask,
    };
    let mut machine = Machine::look();
    let runs = session::hold(&programs, effort, measures)?;
    machine.look_again();
    let binaries = match (arguments.with, arguments.with_gtask, arguments.without) {
        (Some(native), Some(gtask), Some(without)) if measures.contains(&Measure::Size) => {
            Some(Binaries {
                without,
                native,
                gtask,
            })
        }
        _ => None,
    };
    let sizes = binaries.as_ref().map(Sizes::of).transpose()?;
    let targets = targets::verdicts(&runs, measures);
    let mut tables = tables::tables(&runs, sizes);
    let mut reached = targets::table(&targets);
    reached.notes.extend(machine.noise());
    tables.push(reached);
    let document = Document {
        machine,
        targets,
        sizes,
        runs,
        tables,
    };
    document.write(&arguments.out)?;
    println!("{}", document.machine.line());
    println!("{}", document.machine.circumstances());
    println!("{LEGEND}");
    for table in &document.tables {
        println!("\n{}", table.terminal().trim_end());
    }
    println!("\nWritten to {}", arguments.out.display());
    Ok(())
}

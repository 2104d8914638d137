//! The guard that does not depend on the clock: counts instructions and system
//! calls, and fails when a change has made the library do more than was accepted.

// Implementation
//
// `benches/instructions.rs` is what callgrind counts, `burst` what strace counts.
// `instructions` and `syscalls` start them and read the counts, `judge` compares
// with `accepted`, the counts in the repository, and says so. `backend` is the one that
// this program was built with, `facts` are of the machine, `command` is the one place
// that starts other programs.

mod accepted;
mod backend;
mod burst;
mod command;
mod facts;
mod instructions;
mod judge;
mod syscalls;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use accepted::{Accepted, Record};
use backend::BACKEND;
use command::Outcome;
use facts::Facts;
use judge::Comparison;

/// Exit status when a program is not installed that this one can't do without.
const NOT_INSTALLED: u8 = 2;

/// Counts the library's instructions and system calls.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Clone, Copy)]
enum Command {
    /// Compare with the accepted counts; this is what happens without a command
    Check,
    /// Make this backend's instruction counts the accepted ones
    Accept,
    /// Run the burst whose system calls `check` counts, to look at it with strace
    Burst,
}

impl Command {
    fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Check => &["valgrind", "strace"],
            Self::Accept => &["valgrind"],
            Self::Burst => &[],
        }
    }
}

fn main() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Check);
    let absent = command.needs().iter().find(|it| !command::is_on_path(it));
    if let Some(program) = absent {
        eprintln!("guard: `{program}` is not installed; the guard counts with it.");
        return ExitCode::from(NOT_INSTALLED);
    }
    let outcome = match command {
        Command::Check => check(),
        Command::Accept => accept(),
        Command::Burst => {
            burst::burst(syscalls::WORKERS);
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nguard: {why}");
            ExitCode::FAILURE
        }
    }
}

fn check() -> Outcome {
    // First: cargo replaces the file of this program as it builds the benchmark.
    let calls = syscalls::count()?;
    let now = Record::new(Facts::of_this_machine(), instructions::count()?);

    let accepted = Accepted::read()?;
    let comparison = Comparison::new(accepted.of(BACKEND), &now);
    println!(
        "\n{BACKEND}\n{}",
        judge::table(&[comparison.rows(), vec![syscalls::row(calls)]].concat())
    );
    for remark in comparison.remarks() {
        println!("{remark}");
    }
    let mut failures = comparison.failures();
    failures.extend(syscalls::failure(calls));
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n"))
    }
}

fn accept() -> Outcome {
    let now = Record::new(Facts::of_this_machine(), instructions::count()?);
    let mut accepted = Accepted::read()?;
    let comparison = Comparison::new(accepted.of(BACKEND), &now);
    println!("\n{BACKEND}\n{}", judge::table(&comparison.rows()));
    accepted.set(BACKEND, now);
    accepted.write()
}

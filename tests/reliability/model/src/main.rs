//! Runs random programs against the model, and compares what backends did.

use std::{
    fmt::Write,
    fs, io,
    ops::Range,
    path::PathBuf,
    process::ExitCode,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand};
use model::campaign::{self, Failure, Totals};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run programs, and write what each has done to a file.
    Run {
        #[arg(long)]
        programs: usize,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long)]
        out: PathBuf,
        /// How many programs run at a time.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
    },
    /// Compare two such files.
    Compare { one: PathBuf, other: PathBuf },
    /// Print a program.
    Show { seed: u64, number: usize },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Run {
            programs,
            seed,
            out,
            jobs,
        } => run(programs, seed, &out, jobs),
        Command::Compare { one, other } => compare(&one, &other),
        Command::Show { seed, number } => {
            println!("{:?}", campaign::program(seed, number));
            ExitCode::SUCCESS
        }
    }
}

fn run(programs: usize, seed: u64, out: &PathBuf, jobs: usize) -> ExitCode {
    let start = Instant::now();
    let half = programs / 2;
    let mut results = run_some(0..half, seed, jobs);
    // In a loop that always has something to do, what is due waits for ever in the first half,
    // and in the second never.
    qio_task::set_max_delay(Duration::ZERO);
    results.extend(run_some(half..programs, seed, jobs));
    let mut totals = Totals::default();
    for result in results {
        match result {
            Ok(part) => {
                totals.programs += part.programs;
                totals.operations += part.operations;
                totals.callbacks += part.callbacks;
                totals.slow += part.slow;
                totals.hashes.extend(part.hashes);
            }
            Err(failure) => {
                println!("program {} of seed {seed}, made small:", failure.number);
                println!("{:?}", failure.program);
                println!("{}", failure.difference);
                return ExitCode::FAILURE;
            }
        }
    }
    totals.hashes.sort_unstable();
    let mut lines = String::new();
    for (number, hash) in &totals.hashes {
        let _ = writeln!(lines, "{number} {hash:016x}");
    }
    if let Err(error) = fs::write(out, lines) {
        println!("{}: {error}", out.display());
        return ExitCode::FAILURE;
    }
    println!(
        "{} programs, {} operations, {} callbacks, {} s; {} that the machine was too slow for",
        totals.programs,
        totals.operations,
        totals.callbacks,
        start.elapsed().as_secs(),
        totals.slow,
    );
    ExitCode::SUCCESS
}

fn run_some(programs: Range<usize>, seed: u64, jobs: usize) -> Vec<Result<Totals, Failure>> {
    let next = AtomicUsize::new(programs.start);
    let take = || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        (number < programs.end).then_some(number)
    };
    thread::scope(|scope| {
        let job = || {
            let (started, starts) = mpsc::channel();
            thread::spawn(move || watch_for_hangs(seed, &starts));
            campaign::run(seed, std::iter::from_fn(take), |number| {
                let _ = started.send(number);
            })
        };
        let jobs: Vec<_> = (0..jobs).map(|_| scope.spawn(job)).collect();
        let join = |job: thread::ScopedJoinHandle<_>| job.join().expect("a program panics");
        jobs.into_iter().map(join).collect()
    })
}

/// Ends the process, with a word, when a program takes longer than any can.
fn watch_for_hangs(seed: u64, starts: &mpsc::Receiver<usize>) {
    let mut last = None;
    loop {
        match starts.recv_timeout(Duration::from_mins(1)) {
            Ok(number) => last = Some(number),
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
            Err(mpsc::RecvTimeoutError::Timeout) => break,
        }
    }
    if let Some(number) = last {
        println!("program {number} of seed {seed} hangs:");
        println!("{:?}", campaign::program(seed, number));
    }
    std::process::exit(1);
}

fn compare(one: &PathBuf, other: &PathBuf) -> ExitCode {
    let read = || io::Result::Ok((fs::read_to_string(one)?, fs::read_to_string(other)?));
    let (one, other) = match read() {
        Ok(both) => both,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    // A program that the machine was too slow for is in neither or in one.
    let hashes = |text: &str| -> std::collections::BTreeMap<String, String> {
        let line = |line: &str| line.split_once(' ').map(|(a, b)| (a.into(), b.into()));
        text.lines().filter_map(line).collect()
    };
    let (one, other) = (hashes(&one), hashes(&other));
    let both = one.iter().filter_map(|(n, a)| Some((n, a, other.get(n)?)));
    let (mut programs, mut differences) = (0, 0);
    for (number, one, other) in both {
        programs += 1;
        if one != other {
            println!("program {number} differs");
            differences += 1;
        }
    }
    println!("{programs} programs compared, {differences} differences");
    match (programs, differences) {
        (1.., 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

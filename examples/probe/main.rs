//! Finds out how far a connection to a URL gets: lookup, connect, TLS, and an
//! HTTP request or a WebSocket echo, for many URLs at once on one main loop.
//!
//! Each step is a [`qio_task::QioTask`] about a [`connection::Connection`]: the
//! lookup runs in a worker thread, everything else is driven by the loop.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

mod cli;
mod connect;
mod connection;
mod demo;
mod drive;
mod exchange;
mod foreign;
mod http;
mod identity;
mod live;
mod lookup;
mod prober;
mod record;
mod report;
mod socket;
mod steps;
mod stream;
mod target;
mod tls;
mod tls_stream;
mod trust;
mod upgrade;
mod websocket;
mod words;
mod zone;

use cli::Options;
use demo::Demo;
use record::Record;
use target::Target;
use trust::Trust;

fn main() -> ExitCode {
    let code = run(&Options::parse()).unwrap_or_else(|reason| {
        say(&reason);
        BAD_USAGE
    });
    ExitCode::from(code)
}

const FAILED: u8 = 1;
const BAD_USAGE: u8 = 2;
/// 128 and the number of SIGINT, as a shell has it.
const INTERRUPTED: u8 = 130;

/// Probes what the command line asks for, and returns the exit status.
fn run(options: &Options) -> Result<u8, String> {
    // Ends, with its threads, as this function does.
    let demo = if options.urls.is_empty() {
        Some(Demo::start().map_err(|error| format!("the demo's server: {error}"))?)
    } else {
        None
    };
    let (urls, trust) = match &demo {
        Some(demo) => (demo.urls(), Trust::Only(vec![demo.certificate()])),
        None => (options.urls.clone(), Trust::from(options)),
    };
    if matches!(trust, Trust::Anyone) {
        say("warning: with --insecure, certificates are not checked");
    }

    let targets: Vec<Result<Target, Record>> = urls
        .iter()
        .map(|url| Target::parse(url).map_err(|reason| Record::malformed(url, reason)))
        .collect();
    let malformed = targets.iter().all(Result::is_err);
    let ended = prober::run(targets, trust, options)?;

    // A reader that has gone away is no reason to panic.
    let _ = report::write(&ended.records, options.json);
    for record in &ended.records {
        if let Some(failure) = &record.error {
            say(&format!(
                "{}: {}: {}",
                record.url, failure.step, failure.reason
            ));
        }
    }
    Ok(match ended.records.iter().all(|record| record.ok) {
        _ if ended.interrupted => INTERRUPTED,
        _ if malformed => BAD_USAGE,
        true => 0,
        false => FAILED,
    })
}

/// One line on the standard error, which may be closed.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "probe: {line}");
}

//! Makes tasks of all kinds on many threads, for as long as one likes, and
//! counts each: made, and ended in exactly one way.

// Implementation
//
// Two sorts of threads, the *actors*: `home` threads iterate contexts and make
// tasks there, each step of a `kind` chosen at random from `kinds`; completers,
// `errand`, end the tasks of others and make tasks for the contexts of others.
// Each callback captures a `token`, each result is a `result::Value` and each
// source a `source::Homebound`: they check where they are used and dropped, and
// count themselves in the `ledger`. The `conductor` lets all of them run, has
// them rest now and then so that the counts can be compared, looks at the
// `gauges`, and has the `verdict` passed, on what grows by `flat`.

mod conductor;
mod draft;
mod ending;
mod errand;
mod fail;
mod flat;
mod gauges;
mod here;
mod home;
mod kind;
mod kinds;
mod ledger;
mod options;
mod order;
mod place;
mod refusal;
mod report;
mod result;
mod source;
mod token;
mod verdict;
mod warnings;
mod world;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let options = options::Options::parse();
    if let Err(why) = options.check() {
        eprintln!("soak: {why}");
        return ExitCode::from(2);
    }
    fail::watch_panics();
    warnings::watch(options.orphans);
    conductor::conduct(&options)
}

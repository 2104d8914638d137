//! The commands of the README, `cargo xtask demo`, `cargo xtask test`, `cargo xtask
//! check`, `cargo xtask bench`, `cargo xtask capi` and `cargo xtask gallery`: each sets up
//! what it needs and goes on.

// Implementation
//
// This program must build where the library can't yet: it uses no system library
// and, but for its tests, no crate. `setup` looks for the needs of `need`, and installs
// them with the package manager that `manager` finds; `suite` runs the stages of the
// test, each under its title as `stage` has it, and counts with `counts`, which `tally`
// adds up, once more with what `portable` has for other systems; `check` attacks the contract, stage by stage, with the tools that `tool`
// builds; `bench` builds what is measured and starts it; `capi` installs the C library
// and has C programs use it; `gallery` runs the GTK application, or tests it in a
// `session` of its own, as one stage of `check` needs it, too; `run` starts all other programs. `tests/floors`, a part of the
// tests, looks at which file imports which.

mod bench;
mod capi;
mod check;
mod counts;
mod gallery;
mod links;
mod manager;
mod need;
mod portable;
mod run;
mod session;
mod setup;
mod soak;
mod stage;
mod suite;
mod tally;
mod tap;
mod tool;

use std::process::ExitCode;

use need::Need;
use run::{Outcome, cargo, ended, misused};

const USAGE: &str = "\
Usage: cargo xtask <COMMAND>

Commands:
  demo [-- ARGS]  Build the `probe` example and run it, with ARGS if given
  test            Check format, lints, tests on both backends and documentation
  check [--all] [STAGE...]
                  Attack the contract: random programs, every order of threads,
                  faults, foreign loops, sanitizers, valgrind, mutants, coverage,
                  dependencies; half an hour, and some to build tools. --help lists
                  the stages. `systems`, which tests on other releases of Debian,
                  and `platforms`, on Windows under Wine, run only when named
  bench [--quick] [MEASURE...]
                  Compare both backends with what one would use instead, and count
                  instructions and system calls; about ten minutes, with --quick
                  two, and some to build. The results go to target/bench. MEASURE
                  is one of inline, round-trip, burst, blockers, frame, foreign,
                  memory, idle, cancel, timeouts, messages and size
  soak [--minutes N] [--gtask] [OPTION...]
                  Make tasks of all kinds on many threads for N minutes, ten if
                  not told, and count each; --help says what else it takes
  capi [--prefix DIR] [--features gtask]
                  Build the C library with cargo-c, test it as installed on both
                  backends and under valgrind, and install it below DIR; two
                  minutes, and some to build cargo-c. --help says what it looks at
  gallery [--gtask] [-- ARGS]
                  Build Task Gallery, the GTK application, and run it, with ARGS if
                  given; with --test, drive it by real events in a window that
                  nobody sees, on both backends; --help says more

All install first what the system lacks, and say what they run.";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    match command.as_deref() {
        None | Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Some("demo") => ended(demo(&rest)),
        Some("test") if rest.is_empty() => suite::test(),
        Some("test") => misused("`test` takes no argument", USAGE),
        Some("check") => check::check(&rest),
        Some("bench") if rest.iter().any(|word| word == "--help" || word == "-h") => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Some("bench") => ended(bench::bench(&rest)),
        Some("capi") => capi::capi(&rest),
        Some("gallery") => gallery::gallery(&rest),
        Some("soak") => ended(soak::soak(&rest)),
        Some(other) => misused(&format!("there is no command `{other}`"), USAGE),
    }
}

fn demo(arguments: &[String]) -> Outcome {
    setup::set_up(Need::FOR_DEMO)?;
    let mut probe = cargo(&["run", "--release", "--example", "probe", "--"]);
    probe.args(match arguments {
        [first, rest @ ..] if first == "--" => rest,
        all => all,
    });
    run::run(&mut probe)
}

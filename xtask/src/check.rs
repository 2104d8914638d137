//! `cargo xtask check`: attacks the contract in each way that there is a stage for.
//!
//! A stage that fails stops none of the others. One that can't run has shown nothing,
//! and says why: where its tool can't be had, it fails the whole; where there is
//! nothing to look at on this machine or not yet, it is left out in plain sight.

mod backends;
mod coverage;
mod dependencies;
mod ending;
mod guide;
mod lcov;
mod leaks;
mod llvm;
mod loops;
mod memory;
mod miri;
mod mutants;
mod packaged;
mod platforms;
mod programs;
mod release;
mod request;
mod rust;
mod sanitizer;
mod systems;
mod tree;
mod venv;
mod versions;

use std::process::ExitCode;
use std::time::Instant;

use ending::{Ending, Work, table};
use request::Request;

use crate::need::Need;
use crate::run::ended;
use crate::setup::set_up;

/// One way to attack the contract.
struct Stage {
    name: &'static str,
    what: &'static str,
    /// Returns what it has seen, in a few words.
    work: fn(&Request) -> Work<String>,
}

/// In the order in which they run: what finds most comes first.
const STAGES: [Stage; 18] = [
    Stage {
        name: "model",
        what: "random programs beside a model, on both backends",
        work: |_| programs::model(),
    },
    Stage {
        name: "interleavings",
        what: "the library's machines under every order of their threads (loom)",
        work: |_| programs::interleavings(),
    },
    Stage {
        name: "threads",
        what: "the same machines on real threads (ThreadSanitizer)",
        work: |_| programs::threads(),
    },
    Stage {
        name: "miri",
        what: "the task's allocation where all that is undefined is seen (Miri)",
        work: |_| miri::miri(),
    },
    Stage {
        name: "faults",
        what: "what happens when the system refuses, ends or surprises",
        work: |_| programs::faults(),
    },
    Stage {
        name: "soak",
        what: "many threads, contexts and endings, and counts that add up",
        work: |_| programs::soak(),
    },
    Stage {
        name: "misuse",
        what: "what the types forbid does not compile",
        work: |_| programs::misuse(),
    },
    Stage {
        name: "guide",
        what: "the six steps of the guide, as a newcomer takes them",
        work: |_| guide::six_steps(),
    },
    Stage {
        name: "loops",
        what: "tasks in loops that never rest: of Qt, GTK, asyncio, GJS and libdex",
        work: |_| loops::loops(),
    },
    Stage {
        name: "address",
        what: "the suite under AddressSanitizer and LeakSanitizer",
        work: |_| memory::address(),
    },
    Stage {
        name: "memcheck",
        what: "the suite under valgrind",
        work: |_| memory::memcheck(),
    },
    Stage {
        name: "mutants",
        what: "a change of the sources fails a test (cargo-mutants); a share of them, \
               another one each day, or --all",
        work: mutants::mutants,
    },
    Stage {
        name: "coverage",
        what: "lines and branches that the suite reaches (cargo-llvm-cov)",
        work: |_| coverage::coverage(),
    },
    Stage {
        name: "licences",
        what: "licences, sources and duplicates of the dependencies (cargo-deny)",
        work: |_| dependencies::licences(),
    },
    Stage {
        name: "advisories",
        what: "known vulnerabilities of the dependencies (cargo-deny)",
        work: |_| dependencies::advisories(),
    },
    Stage {
        name: "minimal",
        what: "the package with the oldest dependencies that it allows",
        work: |_| versions::minimal(),
    },
    Stage {
        name: "oldest-rust",
        what: "the package with the oldest Rust that it allows",
        work: |_| versions::oldest_rust(),
    },
    Stage {
        name: "semver",
        what: "the public surface beside that of the last release (cargo-semver-checks)",
        work: |_| release::semver(),
    },
];

/// Those that are too long to run when nobody has asked for them.
const LONG_STAGES: [Stage; 2] = [
    Stage {
        name: request::SYSTEMS,
        what: "`cargo xtask test` and the model on other releases of Debian, each in a root \
               of its own; trixie and sid, or those that --release names",
        work: systems::systems,
    },
    Stage {
        name: request::PLATFORMS,
        what: "the library on Windows, under Wine, and whether it compiles for macOS, \
               the BSDs and Windows; or one part of that, which --part names",
        work: platforms::platforms,
    },
];

fn all_stages() -> Vec<&'static Stage> {
    STAGES.iter().chain(&LONG_STAGES).collect()
}

fn names() -> Vec<&'static str> {
    all_stages().iter().map(|stage| stage.name).collect()
}

/// Runs the stages that `arguments` name, or all that are not too long.
pub fn check(arguments: &[String]) -> ExitCode {
    let request = match Request::parse(arguments, &names()) {
        Ok(request) => request,
        Err(why) => {
            eprintln!("xtask: {why}\n\n{}", usage());
            return ExitCode::from(2);
        }
    };
    if request.help {
        println!("{}", usage());
        return ExitCode::SUCCESS;
    }
    if let Err(why) = set_up(Need::FOR_C).and_then(|()| set_up(Need::FOR_TEST)) {
        return ended(Err(why));
    }
    let long = |stage: &&Stage| request.asks_for(stage.name);
    let endings: Vec<Ending> = STAGES
        .iter()
        .filter(|stage| request.names(stage.name))
        .chain(LONG_STAGES.iter().filter(long))
        .map(|stage| run(stage, &request))
        .collect();
    println!("\n{}", table(&endings));
    if endings.iter().all(Ending::is_well) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run(stage: &Stage, request: &Request) -> Ending {
    eprintln!("\nxtask: == {}: {} ==", stage.name, stage.what);
    let start = Instant::now();
    let result = (stage.work)(request);
    let ending = Ending::new(stage.name, result, start.elapsed());
    eprintln!("xtask: {ending}");
    ending
}

/// How the command is used: its stages among it.
fn usage() -> String {
    format!(
        "\
Usage: cargo xtask check [--all] [STAGE...] [--release NAME...] [--gallery | --loops]
                          [--part NAME...]

Attacks the contract on both backends; without a STAGE in each of the first ways, within
half an hour on two cores. The first time tools are built besides, below target/tools.

Stages:
{}

Only when asked for:
{}

  --all           every mutant, not a share of them: an hour more
  --release NAME  a release of Debian for `systems`, as bookworm; may be repeated. It
                  needs root, this machine's Rust and its apt's archive of Debian; and
                  keeps what it downloads and builds below target/check/systems, which
                  may be removed
  --gallery       `cargo xtask gallery --test` on them instead; its pictures are in
                  root/built/gallery there
  --loops         the stage `loops` on them instead, whose toolkits are newer there
  --part NAME     a part of `platforms` alone: {}; may be repeated. It keeps what it
                  downloads and builds below target/check/platforms",
        listed(&STAGES),
        listed(&LONG_STAGES),
        request::Part::names()
    )
}

fn listed(stages: &[Stage]) -> String {
    let line = |stage: &Stage| format!("  {:14} {}", stage.name, stage.what);
    stages.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_stage_has_a_name_of_its_own_and_is_explained() {
        let different: BTreeSet<_> = names().into_iter().collect();
        assert_eq!(different.len(), all_stages().len());
        for Stage { name, what, .. } in all_stages() {
            assert!(usage().contains(name) && usage().contains(what));
        }
    }
}

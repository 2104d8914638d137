//! The verdict on a run: whether the counts add up, nothing grows, and all
//! happened that should.

use std::{process::ExitCode, time::Duration};

use crate::{
    ending::Ending,
    gauges::Gauges,
    ledger::Sums,
    options::Options,
    refusal::{self, CAN_REFUSE},
    report::History,
    warnings,
};

/// What is known at the end of a run.
pub struct Run<'a> {
    pub options: &'a Options,
    pub time: Duration,
    pub sums: Sums,
    pub history: History,
    /// How often all have rested and the counts were right, and how long that took.
    pub rests: (u32, Duration),
    pub descriptors_at_start: u64,
}

/// The global default context keeps one, and GLib some of its own.
const LASTING_DESCRIPTORS: u64 = 8;

/// Says how it went.
pub fn pass(run: &Run) -> ExitCode {
    let sums = &run.sums;
    println!("{}\n", sums.table());
    let mut problems = Vec::new();
    if !run.options.instrumented && !run.history.judge(run.time) {
        problems.push("something grows".to_owned());
    }
    problems.extend(sums.imbalance());
    problems.extend(refusals_came_through(sums));
    problems.extend(leaks_were_told(sums));
    let descriptors = Gauges::read().descriptors;
    problems.extend(descriptors_went(run, descriptors));
    let (rests, resting) = run.rests;
    println!("the counts were compared {rests} times, in {resting:.1?} of the run");
    let (made, seconds) = (sums.made(), run.time.as_secs().max(1));
    println!(
        "{made} tasks made in {seconds} s ({}/s), {} threads refused, {} descriptors at the start \
         and {descriptors} at the end",
        made / seconds,
        refusal::refusals(),
        run.descriptors_at_start,
    );
    let terms = Ending::ALL.map(|ending| format!("{ending} {}", sums.by_ending(ending)));
    println!("made {made} = {}", terms.join(" + "));
    if problems.is_empty() {
        println!("soak: nothing was lost, and nothing came twice");
        return ExitCode::SUCCESS;
    }
    for problem in problems {
        println!("soak: FAILED: {problem}");
    }
    ExitCode::FAILURE
}

/// Tasks are refused a thread if, and only if, threads are.
fn refusals_came_through(sums: &Sums) -> Option<String> {
    let (tasks, threads) = (sums.by_ending(Ending::Refused), refusal::refusals());
    let is_odd = CAN_REFUSE && (tasks > 0) != (threads > 0);
    is_odd.then(|| format!("{threads} threads were refused, and {tasks} tasks say so"))
}

/// The library warns of each callback that it leaks with a thread.
fn leaks_were_told(sums: &Sums) -> Option<String> {
    let (leaked, told) = (sums.by_ending(Ending::Leaked), warnings::leaked());
    let is_odd = leaked != told;
    is_odd.then(|| format!("{leaked} callbacks were left to ended threads; {told} were told of"))
}

/// Each place has a context that nobody has used yet, with one descriptor.
fn descriptors_went(run: &Run, last: u64) -> Option<String> {
    let contexts = run.options.contexts as u64;
    let limit = run.descriptors_at_start + contexts + LASTING_DESCRIPTORS;
    (last > limit).then(|| format!("{last} descriptors are left where {limit} may be"))
}

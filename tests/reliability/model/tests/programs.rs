//! A few hundred programs, for every run of the tests; `cargo run -p model`
//! runs as many as one likes.

use std::time::Duration;

use model::campaign;

#[test]
fn programs_do_what_the_model_says() {
    let seed = 4;
    // In a loop that always has something to do, what is due waits for ever, or never.
    for (delay, numbers) in [(Duration::MAX, 0..500), (Duration::ZERO, 500..1000)] {
        qio_task::set_max_delay(delay);
        let totals = match campaign::run(seed, numbers, |_| {}) {
            Ok(totals) => totals,
            Err(failure) => panic!(
                "program {} of seed {seed}, with a delay of {delay:?}, made small:\n{:?}\n{}",
                failure.number, failure.program, failure.difference
            ),
        };
        assert_eq!(totals.programs + totals.slow, 500);
        assert!(totals.callbacks > 500, "they do something");
    }
}

#[test]
fn a_printed_program_is_the_rust_that_makes_it() {
    use model::program::{Op, Plan, Script, Slot, Step, Thread};
    let program = Script(vec![Step {
        by: Thread::T0,
        on: model::program::On::First,
        op: Op::Make {
            slot: Slot::S1,
            plan: Plan {
                named: true,
                ..Plan::default()
            },
        },
    }]);
    let printed = "Script(vec![\n\
        Step { by: T0, on: First, op: Make { slot: S1, plan: \
        Plan { named: true, ..Plan::default() } } },\n])";
    assert_eq!(format!("{program:?}"), printed);
}

//! A few hundred programs, for every run of the tests; `cargo run -p model`
//! runs as many as one likes.

use model::campaign;

#[test]
fn programs_do_what_the_model_says() {
    let seed = 4;
    let totals = match campaign::run(seed, 0..500, |_| {}) {
        Ok(totals) => totals,
        Err(failure) => panic!(
            "program {} of seed {seed}, made small:\n{:?}\n{}",
            failure.number, failure.program, failure.difference
        ),
    };
    assert_eq!(totals.programs + totals.slow, 500);
    assert!(totals.callbacks > 500, "they do something");
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

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

/// That there is a word for those who wait for a place in a group.
#[test]
fn places_go_to_the_most_urgent_member_then_to_the_first() {
    use Slot::{S0, S1, S2, S3, S4};
    use model::{
        check,
        event::{What, Who},
        program::{
            Act, GroupOp, Level, Max, On, Op, Plan, Script, Slot, Step, Team, Thread, WorkerEnd,
        },
        runner::Crew,
    };
    let step = |op| Step {
        by: Thread::T0,
        on: On::First,
        op,
    };
    let member = |slot, priority| {
        let plan = Plan {
            group: Some(Team::G0),
            priority,
            ..Plan::default()
        };
        [Op::Make { slot, plan }, Op::Run(slot)].map(step)
    };
    let group = |op| step(Op::Group(Team::G0, op));
    let mut steps = vec![
        group(GroupOp::New {
            within: None,
            cancels_on_error: false,
        }),
        group(GroupOp::SetMaxThreads(Max::One)),
    ];
    steps.extend(member(S0, Level::Low));
    steps.extend(member(S1, Level::Idle));
    steps.extend(member(S2, Level::Idle));
    steps.extend(member(S3, Level::High));
    steps.extend(member(S4, Level::High));
    steps.extend(
        [
            Op::Cancel(S4),
            // The third one starts while this one waits, and that one goes on as none is left.
            Op::Worker(S0, Act::Own(WorkerEnd::Ok)),
            Op::Finish(S3, WorkerEnd::Ok),
            Op::Finish(S1, WorkerEnd::Ok),
            Op::Finish(S2, WorkerEnd::Ok),
        ]
        .map(step),
    );
    let events = check(&Crew::new(), &Script(steps)).unwrap();
    let of_workers = events
        .iter()
        .filter_map(|event| match (event.who, &event.what) {
            (Who::Worker(id), What::Started(_)) => Some((id, "starts")),
            (Who::Worker(id), What::Spared(_)) => Some((id, "is spared")),
            (Who::Worker(id), What::Called(..)) => Some((id, "goes on")),
            _ => None,
        });
    let in_order = [
        (0, "starts"),
        (4, "is spared"),
        (3, "starts"),
        (1, "starts"),
        (2, "starts"),
        (0, "goes on"),
    ];
    assert_eq!(of_workers.collect::<Vec<_>>(), in_order);
}

//! Programs that once did not do what the model says, as small as they get.

use model::{
    check,
    event::{Event, Outcome, Part, What, Who},
    program::{
        Act, Act::Check, Bar::*, Driver::*, End::Ok, GroupOp, Kind::*, Level, On::*, Op, Op::*,
        Pace::*, Place::*, Plan, Script, Slot::*, Step, Team::*, Thread::*, Token::*, WorkerEnd,
    },
    runner::Crew,
};

#[track_caller]
fn agrees(program: &Script) {
    check(&Crew::new(), program).unwrap();
}

/// The cancellation of a worker's task was in the queue of a context as that died. What
/// the worker leaves then is dropped by the worker.
#[test]
#[rustfmt::skip]
fn a_late_result_after_a_cancellation_that_died_with_its_context() {
    let program = Script(vec![
        Step { by: T0, on: Second, op: Make { slot: S0, plan: Plan { cancellable: Some(C1), ..Plan::default() } } },
        Step { by: T0, on: First, op: DropContext(SecondOf(T0)) },
        Step { by: T0, on: First, op: Run(S0) },
        Step { by: T0, on: First, op: CancelToken(C1) },
        Step { by: T0, on: First, op: Detach(S0) },
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    let by_worker = Event { who: Who::Worker(0), what: What::Dropped(Part::Value(0)) };
    assert!(events.contains(&by_worker));
}

/// As above, and any thread may have the result: whoever drops it, it is.
#[test]
#[rustfmt::skip]
fn a_late_result_for_any_thread_after_its_context_died() {
    agrees(&Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { kind: For(FirstOf(T0)), ..Plan::default() } } },
        Step { by: T0, on: First, op: DropContext(FirstOf(T0)) },
        Step { by: T0, on: First, op: Run(S0) },
        Step { by: T0, on: First, op: Cancel(S0) },
        Step { by: T0, on: First, op: Detach(S0) },
    ]));
}

/// Random programs seldom come here: the context dies on another thread, and
/// the task's own has not heard of that yet as its worker asks.
#[test]
#[rustfmt::skip]
fn a_worker_is_told_of_a_context_that_died_elsewhere() {
    let program = Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan::default() } },
        Step { by: T0, on: First, op: Make { slot: S1, plan: Plan { kind: For(FirstOf(T0)), ..Plan::default() } } },
        Step { by: T0, on: First, op: Run(S0) },
        Step { by: T0, on: First, op: Detach(S0) },
        Step { by: T0, on: Current, op: DropContext(FirstOf(T0)) },
        Step { by: T1, on: Current, op: Drop(S1) },
        Step { by: T0, on: Current, op: Worker(S0, Check) },
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    assert!(events.iter().any(|event| event.what == What::Checked(0, true)));
}

/// The context died on another thread than the one that drives a task of it,
/// which is leaked with a warning; the model took a cancellation for a delivery.
#[test]
#[rustfmt::skip]
fn a_driven_task_whose_context_died_elsewhere_is_cancelled() {
    agrees(&Script(vec![
        Step { by: T0, on: First, op: Make { slot: S2, plan: Plan { kind: For(FirstOf(T0)), ..Plan::default() } } },
        Step { by: T0, on: First, op: Make { slot: S3, plan: Plan { kind: Future, source: true, ..Plan::default() } } },
        Step { by: T0, on: First, op: DropContext(FirstOf(T0)) },
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan::default() } },
        Step { by: T0, on: First, op: Drive(S3, Descriptor) },
        Step { by: T1, on: First, op: Complete(S2, Ok) },
    ]));
}

/// A handler that was connected to the cancellable before the task completed it with a
/// success, and the callback got that, although the cancellable is cancelled.
#[test]
#[rustfmt::skip]
fn a_task_that_an_earlier_handler_of_its_cancellable_completes_is_cancelled() {
    let program = Script(vec![
        Step { by: T0, on: Current, op: Connect(C0, S0, Ok) },
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { cancellable: Some(C0), ..Plan::default() } } },
        Step { by: T0, on: First, op: CancelToken(C0) },
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    let called = |event: &Event| matches!(event.what, What::Called(0, Outcome::Cancelled, _));
    assert!(events.iter().any(called));
}

/// Workers that wait for a thread start by priority, and one that is cancelled meanwhile never
/// does.
#[test]
#[rustfmt::skip]
fn workers_that_wait_for_a_thread_start_by_priority() {
    let at = |priority| Plan { priority, ..Plan::default() };
    let program = Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: at(Level::Idle) } },
        Step { by: T0, on: First, op: Make { slot: S1, plan: at(Level::Low) } },
        Step { by: T0, on: First, op: Make { slot: S2, plan: at(Level::High) } },
        Step { by: T0, on: First, op: Make { slot: S3, plan: at(Level::High) } },
        Step { by: T0, on: First, op: Make { slot: S4, plan: at(Level::Idle) } },
        Step { by: T0, on: First, op: RunAll(Some(S2)) },
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    let starts = events.iter().filter_map(|event| match event.what {
        What::Started(id) => Some(id),
        _ => None,
    });
    assert!(starts.eq([3, 0, 4, 1]));
}

/// What a future was sent is dropped where the future is detached.
#[test]
#[rustfmt::skip]
fn a_future_that_is_detached_elsewhere_drops_its_result_there() {
    let program = Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { kind: Future, ..Plan::default() } } },
        Step { by: T0, on: First, op: Complete(S0, Ok) },
        Step { by: T1, on: First, op: DetachFuture(S0) },
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    let there = Event { who: Who::Home(T1), what: What::Dropped(Part::Value(0)) };
    assert!(events.contains(&there));
}

/// What a cancelled worker goes on to report came after the callback of its task. What it has
/// reported before comes before that, at whatever pace.
#[test]
#[rustfmt::skip]
fn a_worker_that_reports_after_its_task_has_ended() {
    let program = Script(vec![
        Step { by: T0, on: First, op: NewBar(P0, OnceAnHour, None) },
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { progress: Some(P0), ..Plan::default() } } },
        Step { by: T0, on: First, op: Run(S0) },
        Step { by: T0, on: First, op: Worker(S0, Act::Report(P0)) },
        Step { by: T0, on: First, op: Settle },
        Step { by: T0, on: First, op: Worker(S0, Act::Report(P0)) },
        Step { by: T0, on: First, op: Settle },
        Step { by: T0, on: First, op: Cancel(S0) },
        Step { by: T0, on: First, op: Settle },
        Step { by: T0, on: First, op: Worker(S0, Act::Report(P0)) },
        Step { by: T0, on: First, op: Settle },
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    let told = events.iter().filter(|event| matches!(event.what, What::Progress(..)));
    assert_eq!(told.count(), 2);
}

/// Who waits for a task of a context owns that meanwhile: it can't be the default of another
/// thread, which completes one of its own there.
#[test]
#[rustfmt::skip]
fn a_task_that_is_completed_at_home_while_another_thread_owns_its_context() {
    agrees(&Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { kind: For(FirstOf(T1)), then: Script(vec![
            Step { by: T1, on: Current, op: Complete(S2, Ok) },
        ]), ..Plan::default() } } },
        Step { by: T2, on: First, op: Run(S0) },
        Step { by: T1, on: First, op: Make { slot: S2, plan: Plan::default() } },
        Step { by: T0, on: First, op: Wait(S0, WorkerEnd::Ok) },
    ]));
}

/// Another thread waits for the newest task, in the context of the one that was replaced: that has
/// to be told at home all the same.
#[test]
#[rustfmt::skip]
fn a_replaced_task_is_told_at_home_though_another_thread_delivers_the_newest() {
    let latest = |kind| Plan { kind, latest: true, ..Plan::default() };
    let program = Script(vec![
        Step { by: T1, on: First, op: Make { slot: S0, plan: latest(Local) } },
        Step { by: T0, on: First, op: Make { slot: S1, plan: latest(For(FirstOf(T1))) } },
        Step { by: T0, on: First, op: Run(S1) },
        Step { by: T0, on: First, op: Wait(S1, WorkerEnd::Ok) },
        Step { by: T1, on: First, op: Settle },
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    let called = |event: &Event| matches!(event.what, What::Called(0, Outcome::Cancelled, _));
    assert!(events.iter().any(called));
}

/// A worker that has committed is replaced. Its result is there as the newest task's is, which is
/// of a higher priority, and comes first all the same; another one was told before.
#[test]
#[rustfmt::skip]
fn a_committed_result_comes_before_that_of_the_task_that_has_replaced_it() {
    let at = |priority| Plan { priority, latest: true, ..Plan::default() };
    agrees(&Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: at(Level::Idle) } },
        Step { by: T0, on: First, op: Make { slot: S1, plan: at(Level::Low) } },
        Step { by: T0, on: First, op: Run(S1) },
        Step { by: T0, on: First, op: Worker(S1, Act::Commit) },
        Step { by: T0, on: First, op: Make { slot: S2, plan: at(Level::High) } },
        Step { by: T0, on: First, op: Settle },
        Step { by: T0, on: First, op: Finish(S1, WorkerEnd::Ok) },
        Step { by: T0, on: First, op: CompleteInIdle(S2, Ok) },
        Step { by: T0, on: First, op: Settle },
    ]));
}

/// The callback of a replaced task completes the newest one: another one that was replaced is told
/// before that is.
#[test]
#[rustfmt::skip]
fn the_newest_comes_last_also_where_a_replaced_one_completes_it() {
    let plan = |priority, then| Plan { priority, latest: true, then: Script(then), ..Plan::default() };
    agrees(&Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: plan(Level::High, vec![
            Step { by: T0, on: Current, op: Complete(S2, Ok) },
        ]) } },
        Step { by: T0, on: First, op: Make { slot: S1, plan: plan(Level::Low, vec![]) } },
        Step { by: T0, on: First, op: Make { slot: S2, plan: plan(Level::Idle, vec![]) } },
        Step { by: T0, on: First, op: Settle },
    ]));
}

/// GLib destroys the sources of a context from the last one on, and that of a driven task comes
/// after all of the queue's here: its groups hear that it is abandoned. With a source of the
/// queue behind it they hear of nothing. The model knows that order, which no contract does.
#[test]
#[rustfmt::skip]
fn a_driven_task_in_a_group_whose_context_dies() {
    let ended = |has_other: bool| {
        let mut steps = vec![
            Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { group: Some(G0), ..Plan::default() } } },
            Step { by: T0, on: First, op: Drive(S0, Hourly) },
            Step { by: T0, on: First, op: DropContext(FirstOf(T0)) },
            Step { by: T0, on: Current, op: Op::Group(G0, GroupOp::Ask) },
        ];
        if has_other {
            let plan = Plan { priority: Level::Low, ..Plan::default() };
            steps.insert(0, Step { by: T0, on: First, op: Make { slot: S1, plan } });
            steps.insert(1, Step { by: T0, on: First, op: Complete(S1, Ok) });
        }
        let events = check(&Crew::new(), &Script(steps)).unwrap();
        events.into_iter().find_map(|event| match event.what {
            What::Group { ended, .. } => ended,
            _ => None,
        })
    };
    assert_eq!(ended(false), Some(Err((Outcome::Abandoned, None))));
    assert_eq!(ended(true), Some(Result::Ok(())));
}

/// The callback of a task is called before that task leaves its group, also where nobody else
/// knows it.
#[test]
#[rustfmt::skip]
fn a_task_is_in_its_group_as_its_callback_is_called() {
    let ask = Step { by: T0, on: Current, op: Op::Group(G0, GroupOp::Ask) };
    let program = Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { group: Some(G0), then: Script(vec![ask.clone()]), ..Plan::default() } } },
        Step { by: T0, on: First, op: Complete(S0, Ok) },
        ask,
    ]);
    let events = check(&Crew::new(), &program).unwrap();
    let counts = events.iter().filter_map(|event| match event.what {
        What::Group { len, .. } => Some(len),
        _ => None,
    });
    assert!(counts.take(2).eq([1, 0]));
}

/// A replaced task was told long ago. As its owner completes it, too late, no other is told.
#[test]
#[rustfmt::skip]
fn a_late_result_of_a_replaced_task_has_no_other_told() {
    let plan = |priority, then| Plan { priority, latest: true, then: Script(then), ..Plan::default() };
    agrees(&Script(vec![
        Step { by: T0, on: First, op: Make { slot: S3, plan: plan(Level::Idle, vec![
            Step { by: T0, on: First, op: Make { slot: S2, plan: plan(Level::Idle, vec![]) } },
        ]) } },
        Step { by: T0, on: First, op: Make { slot: S1, plan: plan(Level::High, vec![]) } },
        Step { by: T0, on: First, op: Make { slot: S0, plan: plan(Level::Idle, vec![]) } },
        Step { by: T0, on: First, op: Iterate },
        Step { by: T0, on: First, op: Complete(S3, Ok) },
        Step { by: T0, on: First, op: Run(S0) },
    ]));
}

/// Two groups end as a context dies: with a task of this thread, and then with one for any thread.
#[test]
#[rustfmt::skip]
fn the_groups_of_tasks_that_die_with_a_context_end_in_order() {
    agrees(&Script(vec![
        Step { by: T0, on: First, op: Make { slot: S0, plan: Plan { second: Some(G0), ..Plan::default() } } },
        Step { by: T0, on: First, op: Make { slot: S1, plan: Plan { kind: For(FirstOf(T0)), group: Some(G1), ..Plan::default() } } },
        Step { by: T0, on: First, op: DropContext(FirstOf(T0)) },
        Step { by: T0, on: First, op: Op::Group(G0, GroupOp::EndedWith) },
        Step { by: T0, on: First, op: Op::Group(G1, GroupOp::EndedWith) },
    ]));
}

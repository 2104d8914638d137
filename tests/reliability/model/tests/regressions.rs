//! Programs that once did not do what the model says, as small as they get.

use model::{
    check,
    program::{Kind::*, On::*, Op::*, Place::*, Plan, Script, Slot::*, Step, Thread::*, Token::*},
    runner::Crew,
};

#[track_caller]
fn agrees(program: &Script) {
    check(&Crew::new(), program).unwrap();
}

/// The cancellation of a worker's task was in the queue of a context as that
/// died, and counted as still on its way: the worker dropped its result itself.
#[test]
#[rustfmt::skip]
fn a_late_result_after_a_cancellation_that_died_with_its_context() {
    agrees(&Script(vec![
        Step { by: T0, on: Second, op: Make { slot: S0, plan: Plan { cancellable: Some(C1), ..Plan::default() } } },
        Step { by: T0, on: First, op: DropContext(SecondOf(T0)) },
        Step { by: T0, on: First, op: Run(S0) },
        Step { by: T0, on: First, op: CancelToken(C1) },
        Step { by: T0, on: First, op: Detach(S0) },
    ]));
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

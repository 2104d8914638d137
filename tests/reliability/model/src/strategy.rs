//! How programs are made: for proptest, which makes failing ones small.

use proptest::{prelude::*, sample::select};

use crate::program::{
    Act, Bar, Driver, End, Go, GroupOp, Kind, LatestOp, Level, Max, On, Op, Pace, Place, Plan,
    Script, Slot, Step, Team, Thread, Timeout, Token, WorkerEnd,
};

use Thread::{T0, T1, T2};

/// Whole programs.
pub fn program() -> impl Strategy<Value = Script> {
    prop_oneof![
        3 => prop::collection::vec(step(DEPTH, Theme::Any), 4..32),
        1 => prop::collection::vec(step(DEPTH, Theme::Sets), 4..32),
        1 => limits(),
    ]
    .prop_map(Script)
}

/// Programs about groups with a limit: of many that wait for a place.
fn limits() -> impl Strategy<Value = Vec<Step>> {
    let op = prop_oneof![
        6 => (evenly(), plan(DEPTH, Theme::Sets)).prop_map(|(slot, plan)| Op::Make { slot, plan }),
        12 => evenly().prop_map(Op::Run),
        5 => (evenly(), worker_end()).prop_map(|(slot, end)| Op::Finish(slot, end)),
        1 => (evenly(), worker_end()).prop_map(|(slot, end)| Op::Wait(slot, end)),
        2 => (evenly(), worker_end()).prop_map(|(slot, end)| Op::Worker(slot, Act::Own(end))),
        2 => (team(), max()).prop_map(|(team, max)| Op::Group(team, GroupOp::SetMaxThreads(max))),
        2 => evenly().prop_map(Op::Cancel),
        4 => step(DEPTH, Theme::Sets).prop_map(|step| step.op),
    ];
    let step = op.prop_map(|op| Step {
        by: T0,
        on: On::First,
        op,
    });
    let new = (team(), prop::option::weighted(0.4, team()), max());
    (
        prop::collection::vec(new, 1..4),
        prop::collection::vec(step, 8..32),
    )
        .prop_map(|(groups, steps)| {
            let first = groups.into_iter().flat_map(|(team, within, max)| {
                let new = GroupOp::New {
                    within,
                    cancels_on_error: false,
                };
                [new, GroupOp::SetMaxThreads(max)].map(|op| Op::Group(team, op))
            });
            let first = first.map(|op| Step {
                by: T0,
                on: On::First,
                op,
            });
            first.chain(steps).collect()
        })
}

/// What a program is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Theme {
    Any,
    /// Groups and the newest that wins: what depends on the order of members needs several of
    /// them that have not ended and wait for the same turn.
    Sets,
}

impl Theme {
    fn either<T>(self, any: T, sets: T) -> T {
        match self {
            Self::Any => any,
            Self::Sets => sets,
        }
    }
}

/// How deep callbacks make tasks with callbacks that take steps.
const DEPTH: u32 = 2;

fn script(depth: u32, theme: Theme) -> BoxedStrategy<Script> {
    if depth == 0 {
        return Just(Script::default()).boxed();
    }
    prop_oneof![
        2 => Just(Script::default()),
        3 => prop::collection::vec(step(depth - 1, theme), 1..5).prop_map(Script),
    ]
    .boxed()
}

fn step(depth: u32, theme: Theme) -> impl Strategy<Value = Step> {
    let by = prop_oneof![theme.either(6, 24) => Just(T0), 2 => Just(T1), 1 => Just(T2)];
    // There is none outside of callbacks.
    let current = if depth == DEPTH { 1 } else { 8 };
    let on = prop_oneof![
        theme.either(8, 48) => Just(On::First),
        current => Just(On::Current),
        2 => Just(On::Second),
        1 => Just(On::Free),
    ];
    (by, on, op(depth, theme)).prop_map(|(by, on, op)| Step { by, on, op })
}

fn op(depth: u32, theme: Theme) -> BoxedStrategy<Op> {
    prop_oneof![
        theme.either(16, 48) => (slot(), plan(depth, theme)).prop_map(|(slot, plan)| Op::Make { slot, plan }),
        3 => (slot(), end()).prop_map(|(slot, end)| Op::Complete(slot, end)),
        3 => (slot(), end()).prop_map(|(slot, end)| Op::CompleteInIdle(slot, end)),
        2 => slot().prop_map(Op::Drop),
        8 => slot().prop_map(Op::Run),
        1 => prop::option::weighted(0.3, slot()).prop_map(Op::RunAll),
        5 => (slot(), act()).prop_map(|(slot, act)| Op::Worker(slot, act)),
        4 => (slot(), worker_end()).prop_map(|(slot, end)| Op::Finish(slot, end)),
        3 => (slot(), worker_end()).prop_map(|(slot, end)| Op::Wait(slot, end)),
        3 => slot().prop_map(Op::Cancel),
        2 => slot().prop_map(Op::Detach),
        3 => (slot(), driver()).prop_map(|(slot, driver)| Op::Drive(slot, driver)),
        4 => (slot(), go()).prop_map(|(slot, go)| Op::Ready(slot, go)),
        1 => slot().prop_map(Op::Ask),
        2 => slot().prop_map(Op::Poll),
        1 => slot().prop_map(Op::DropFuture),
        2 => slot().prop_map(Op::DetachFuture),
        2 => token().prop_map(Op::CancelToken),
        1 => token().prop_map(Op::RenewToken),
        2 => (token(), slot(), end())
            .prop_map(|(token, slot, end)| Op::Connect(token, slot, end)),
        2 => (bar(), pace(), prop::option::weighted(0.4, token()))
            .prop_map(|(bar, pace, token)| Op::NewBar(bar, pace, token)),
        3 => bar().prop_map(Op::Report),
        1 => bar().prop_map(Op::DropBar),
        3 => slot().prop_map(Op::Send),
        1 => slot().prop_map(Op::CancelSending),
        theme.either(8, 40) => (team(), group_op(theme)).prop_map(|(team, op)| Op::Group(team, op)),
        theme.either(3, 8) => latest_op().prop_map(Op::Latest),
        4 => Just(Op::Iterate),
        2 => Just(Op::IterateBusy),
        2 => Just(Op::Settle),
        2 => Just(Op::RunLoop),
        1 => Just(Op::Quit),
        3 => place().prop_map(Op::DropContext),
        // It takes as long as a program, and outside of callbacks for nothing.
        1 => Just(if depth < DEPTH { Op::Spin } else { Op::Settle }),
    ]
    .boxed()
}

fn group_op(theme: Theme) -> impl Strategy<Value = GroupOp> {
    let new = (prop::option::weighted(0.4, team()), any::<bool>());
    prop_oneof![
        theme.either(6, 4) => new.prop_map(|(within, cancels_on_error)| GroupOp::New { within, cancels_on_error }),
        2 => max().prop_map(GroupOp::SetMaxThreads),
        theme.either(2, 8) => Just(GroupOp::Cancel),
        1 => Just(GroupOp::Close),
        1 => Just(GroupOp::Finish),
        4 => Just(GroupOp::Ask),
        4 => Just(GroupOp::EndedWith),
        1 => Just(GroupOp::Drop),
    ]
}

fn latest_op() -> impl Strategy<Value = LatestOp> {
    select(&[LatestOp::Cancel, LatestOp::Ask, LatestOp::Drop][..])
}

fn plan(depth: u32, theme: Theme) -> impl Strategy<Value = Plan> {
    let kind = prop_oneof![
        theme.either(5, 20) => Just(Kind::Local),
        2 => place().prop_map(Kind::For),
        2 => Just(Kind::Future),
    ];
    let priority = prop_oneof![
        theme.either(4, 16) => Just(Level::Idle),
        1 => Just(Level::High),
        2 => Just(Level::Default),
        1 => Just(Level::Low),
    ];
    let timeout = prop_oneof![
        6 => Just(Timeout::None),
        1 => Just(Timeout::Zero),
        1 => Just(Timeout::Hour),
    ];
    let rare = || prop::bool::weighted(0.2);
    (
        (kind, any::<bool>(), any::<bool>(), priority),
        (
            prop::option::weighted(0.3, token()),
            rare(),
            rare(),
            timeout,
        ),
        (
            rare(),
            rare(),
            prop::option::weighted(0.3, bar()),
            script(depth, theme),
        ),
        (
            prop::option::weighted(theme.either(0.3, 0.9), team()),
            prop::option::weighted(0.15, team()),
            prop::bool::weighted(theme.either(0.15, 0.3)),
            prop::bool::weighted(0.4),
        ),
    )
        .prop_map(|(first, second, third, sets)| Plan {
            kind: first.0,
            named: first.1,
            source: first.2,
            priority: first.3,
            cancellable: second.0,
            unchecked: second.1,
            returns_first: second.2,
            timeout: second.3,
            dedicated: third.0,
            panics: third.1,
            progress: third.2,
            group: sets.0,
            second: sets.1,
            latest: sets.2,
            messages: sets.3,
            then: third.3,
        })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Check),
        2 => Just(Act::CheckCancellable),
        1 => Just(Act::Commit),
        3 => bar().prop_map(Act::Report),
        5 => slot().prop_map(Act::Send),
        2 => token().prop_map(Act::CancelToken),
        1 => team().prop_map(Act::CancelGroup),
        2 => (slot(), end()).prop_map(|(slot, end)| Act::Complete(slot, end)),
        1 => slot().prop_map(Act::Drop),
        1 => worker_end().prop_map(Act::Own),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        4 => Just(Place::FirstOf(T0)),
        2 => Just(Place::SecondOf(T0)),
        2 => Just(Place::FirstOf(T1)),
        1 => Just(Place::FirstOf(T2)),
        1 => Just(Place::Free),
    ]
}

/// Few, so that steps meet the tasks of others.
fn slot() -> impl Strategy<Value = Slot> {
    let slot = |index: usize| Just(Slot::ALL[index]);
    prop_oneof![5 => slot(0), 4 => slot(1), 3 => slot(2), 1 => slot(3), 1 => slot(4)]
}

/// All alike: of those that wait there must be several.
fn evenly() -> impl Strategy<Value = Slot> {
    select(&Slot::ALL[..])
}

fn max() -> impl Strategy<Value = Max> {
    prop_oneof![3 => Just(Max::One), 2 => Just(Max::Two), 1 => Just(Max::Any)]
}

fn token() -> impl Strategy<Value = Token> {
    select(&[Token::C0, Token::C1][..])
}

fn team() -> impl Strategy<Value = Team> {
    select(&Team::ALL[..])
}

fn bar() -> impl Strategy<Value = Bar> {
    select(&Bar::ALL[..])
}

fn pace() -> impl Strategy<Value = Pace> {
    select(&[Pace::AtOnce, Pace::OnceAnHour][..])
}

fn driver() -> impl Strategy<Value = Driver> {
    prop_oneof![4 => Just(Driver::Descriptor), 1 => Just(Driver::Hourly)]
}

fn go() -> impl Strategy<Value = Go> {
    prop_oneof![1 => Just(Go::On), 2 => end().prop_map(Go::Break)]
}

fn end() -> impl Strategy<Value = End> {
    select(&[End::Ok, End::Fail][..])
}

fn worker_end() -> impl Strategy<Value = WorkerEnd> {
    select(&[WorkerEnd::Ok, WorkerEnd::Fail, WorkerEnd::Panic][..])
}

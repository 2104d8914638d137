//! Tasks in groups: with limits, in one another, closed as their members end.
//!
//! Whatever the fate of a group, each member is told once, and the group ends once they have left.

use std::{
    pin::pin,
    sync::LazyLock,
    task::{Context, Poll, Waker},
};

use glib::{MainContext, Priority};
use qio_task::{Builder, Error, Group, GroupError, QioTask};

use super::{CANCELLED, EITHER, anywhere, by_hand, worker};
use crate::{
    draft::Draft,
    ending::{Ending, Endings},
    errand::{Errand, How},
    fail::broken,
    here::Here,
    kind::Kind,
    place::{Host, Life},
    result::{Fault, Mark, Value},
    token::{Token, Whereabouts},
    world::world,
};

/// What becomes of one whose group others may cancel.
const ANY: Endings = EITHER
    .or(Ending::Cancelled)
    .or(Ending::TimedOut)
    .or(Ending::Abandoned)
    .or(Ending::Refused);

/// Few, so that members wait for their places.
const MOST: usize = 8;

static ALL: LazyLock<Group> = LazyLock::new(|| {
    let all = Group::new();
    all.set_name("all");
    all.set_max_threads(MOST);
    all
});

/// Those that last, as windows do, in which the others are.
static WINDOWS: LazyLock<[Group; 3]> = LazyLock::new(|| {
    [2, 4, MOST].map(|max| {
        let window = Group::within(all());
        window.set_max_threads(max);
        window
    })
});

/// The group that all others are in.
pub fn all() -> &'static Group {
    &ALL
}

/// Has one in two be in a group.
pub fn perhaps(builder: Builder) -> Builder {
    if fastrand::bool() {
        builder.group(&make())
    } else {
        builder
    }
}

/// What is done to a group.
#[derive(Clone, Copy)]
pub enum Fate {
    Finish,
    Close,
    Cancel,
    /// Another limit.
    Limit,
}

impl Fate {
    fn any() -> Self {
        match fastrand::u8(..8) {
            0..2 => Self::Close,
            2 => Self::Cancel,
            3 => Self::Limit,
            _ => Self::Finish,
        }
    }

    pub fn befall(self, group: &Group) {
        match self {
            Self::Finish => group.finish(),
            Self::Close => group.close(),
            Self::Cancel => group.cancel(),
            Self::Limit => group.set_max_threads(fastrand::usize(1..4)),
        }
    }
}

/// A group of a moment.
fn make() -> Group {
    let group = match fastrand::u8(..4) {
        0 => Group::within(all()),
        _ => Group::within(&WINDOWS[fastrand::usize(..WINDOWS.len())]),
    };
    if fastrand::bool() {
        group.set_max_threads(fastrand::usize(1..3));
    }
    group.cancel_on_error(fastrand::u8(..4) == 0);
    group
}

/// A group, some members, and what becomes of them.
pub fn any(here: &Here) {
    if fastrand::u8(..64) == 0 {
        let window = WINDOWS[fastrand::usize(..WINDOWS.len())].clone();
        world().send(Errand::Group(window, Fate::Cancel));
    }
    let group = make();
    let early = fastrand::u8(..8);
    if early == 0 {
        // Of an empty group it comes at once.
        tell_end(here, &group, false);
    }
    for _ in 0..fastrand::u8(1..10) {
        member(here, &group);
    }
    match early {
        1 => world().send(Errand::Group(group.clone(), Fate::any())),
        2 => Fate::any().befall(&group),
        _ => {}
    }
    tell_end(here, &group, false);
    if !here.place.is_shared && fastrand::bool() {
        await_end(here, &group);
    }
    if fastrand::bool() {
        let other = MOST.min(fastrand::usize(1..16));
        world().send(Errand::Group(group.clone(), Fate::Limit));
        group.set_max_threads(other);
    }
    // While some may be ending.
    if fastrand::u8(..4) > 0 {
        group.finish();
    } else {
        group.close();
    }
    refused(here, &group);
    tell_end(here, &group, true);
}

/// A member of any kind. What it ends with may be an error, which cancels others.
fn member(here: &Here, group: &Group) {
    let draft = || Draft::new(here, Kind::Grouped, ANY).with(|it| it.group(group));
    match fastrand::u8(..16) {
        0..5 => detached(draft(), None),
        5 => detached(draft(), Some(group.clone())),
        6 => nested(draft(), group),
        7..9 => {
            let draft = draft();
            let mark = draft.mark();
            draft.task().complete_in_idle(mark.either_in_turn());
        }
        9 => {
            let draft = draft();
            let mark = draft.mark();
            draft.task().complete(mark.either());
        }
        10 => drop(draft().task()),
        11 => {
            let draft = draft();
            let soon = std::time::Duration::from_millis(fastrand::u64(0..4));
            detached(draft.with(|it| it.timeout(soon)), None);
        }
        12 => {
            // In two groups, or in one twice.
            let other = if fastrand::bool() { group } else { all() };
            detached(draft().with(|it| it.group(other)), None);
        }
        13 => by_hand::send(here, draft(), How::Complete),
        14 => by_hand::send(here, draft(), How::Run),
        _ => anywhere::make_in(group, Kind::Grouped, ANY),
    }
}

/// One with a worker, which may close the group that it is in.
fn detached(draft: Draft, closes: Option<Group>) {
    let (mark, hand) = worker::luggage(&draft.mark());
    drop(draft.task().run_in_thread(move |_| {
        worker::dawdle();
        if let Some(group) = closes {
            group.close();
        }
        let result = mark.either();
        drop(hand);
        result
    }));
}

/// Its worker waits for another one of the group, and lends its place meanwhile.
fn nested(draft: Draft, group: &Group) {
    let (mark, hand) = worker::luggage(&draft.mark());
    let group = group.clone();
    drop(draft.task().run_in_thread(move |_| {
        let context = MainContext::new();
        let at = Whereabouts {
            host: Some(Host::here()),
            life: Life::of(&context),
        };
        let ran = context.with_thread_default(|| {
            let mut token = Token::new(Kind::GroupNested, ANY, Priority::DEFAULT_IDLE, &at);
            let (mark, flag) = (token.mark(), token.flag());
            let builder = QioTask::builder().group(&group);
            let task = builder.callback(move |result: Result<Value, Error<Fault>>| {
                token.end(&result);
            });
            worker::run(task, &mark).wait();
            if !flag.is_set() {
                broken!("a member was waited for by another, and its callback has not run");
            }
            while context.iteration(false) {}
        });
        assert!(ran.is_ok(), "a new context has no owner");
        let result = mark.either();
        drop(hand);
        result
    }));
}

/// One that comes too late.
fn refused(here: &Here, group: &Group) {
    let draft = Draft::new(here, Kind::GroupRefused, CANCELLED).with(|it| it.group(group));
    let mark = draft.mark();
    let task = draft.task();
    match fastrand::u8(..3) {
        0 => drop(task.run_in_thread(|_| broken!("a worker ran, though its group was closed"))),
        1 => task.complete_in_idle(Ok(mark.value())),
        _ => drop(task),
    }
}

/// A task, as the ledger knows it, that is told of the end of `group`.
fn end_token(here: &Here) -> (Token, Mark) {
    let kind = Kind::GroupEnded;
    let token = Token::new(
        kind,
        super::COMPLETED,
        Priority::DEFAULT_IDLE,
        &here.whereabouts(),
    );
    let mark = token.mark();
    (token, mark)
}

/// Hears of the end. If the group `is_closed` nobody can have come since.
fn tell_end(here: &Here, group: &Group, is_closed: bool) {
    let (token, mark) = end_token(here);
    let known = is_closed.then(|| group.clone());
    group.ended_with(move |ended| {
        if let Some(group) = known {
            check(&group, &ended);
        }
        token.end(&Ok(mark.number()));
    });
}

fn await_end(here: &Here, group: &Group) {
    let (token, mark) = end_token(here);
    let ended = group.ended();
    drop(here.context().spawn_local(async move {
        let ended = ended.await;
        if let Err(error) = &ended {
            check_error(error);
        }
        token.end(&Ok(mark.number()));
    }));
}

/// A closed group has ended so.
fn check(group: &Group, ended: &Result<(), GroupError>) {
    if !group.is_empty() || !group.is_closed() {
        broken!("a group has ended, and is {group:?}");
    }
    let now = pin!(group.ended()).poll(&mut Context::from_waker(Waker::noop()));
    let described = |ended: &Result<(), GroupError>| ended.as_ref().err().map(ToString::to_string);
    match now {
        Poll::Ready(now) if described(&now) == described(ended) => {}
        other => broken!("a group has ended with {ended:?}, and then with {other:?}"),
    }
    if let Err(error) = ended {
        check_error(error);
    }
}

fn check_error(error: &GroupError) {
    if matches!(error.error(), Error::Cancelled) {
        broken!("a cancellation is taken for an error of a group");
    }
}

/// A group whose members are all of this context, and end without another thread's loop.
pub fn waited(here: &Here) {
    let group = make();
    let mut flags = Vec::new();
    for _ in 0..fastrand::u8(1..6) {
        let mut draft = Draft::new(here, Kind::GroupWaited, ANY).with(|it| it.group(&group));
        flags.push(draft.flag());
        let mark = draft.mark();
        match fastrand::u8(..4) {
            // Not in turn: they are called here, and not as they are due.
            0 => draft.task_then(|_| {}).complete_in_idle(mark.either()),
            1 => drop(draft.task_then(|_| {})),
            _ => drop(worker::run(draft.task_then(|_| {}), &mark)),
        }
    }
    // An error may have closed it: who came after that is none of its members.
    let are_members = !group.is_closed();
    if fastrand::u8(..4) == 0 {
        let fate = Fate::any();
        world().send(Errand::Group(group.clone(), fate));
    }
    let ended = group.wait();
    if are_members && flags.iter().any(|flag| !flag.is_set()) {
        broken!("a group was waited for, and a callback of it has not run");
    }
    group.finish();
    check(&group, &ended);
}

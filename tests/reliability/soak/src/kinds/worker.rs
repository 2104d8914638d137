//! Tasks with a worker in a thread.

use std::{cell::Cell, rc::Rc, thread, time::Duration};

use glib::{MainContext, Priority};
use qio_task::{Error, Progress, QioTask, Running};

use super::{EITHER, anywhere, by_hand, in_callback};
use crate::{
    draft::Draft,
    ending::{Ending, Endings},
    errand::How,
    fail::{ON_PURPOSE, broken},
    here::Here,
    kind::Kind,
    place::{Hand, Host, Life},
    result::{Fault, Mark, Value},
    token::{Token, Whereabouts},
};

/// Whatever has a worker may be refused a thread.
pub const DONE: Endings = EITHER.or(Ending::Refused);
const PANICKED: Endings = Endings::of(&[Ending::Panicked, Ending::Refused]);

/// Runs `task` with a worker that does little.
pub fn run(task: QioTask<Value, Fault>, mark: &Mark) -> Running {
    let (mark, hand) = luggage(mark);
    task.run_in_thread(move |_| {
        let result = mark.either();
        drop(hand);
        result
    })
}

/// What a worker takes along: it may outlive its task, whose thread waits for it.
pub fn luggage(mark: &Mark) -> (Mark, Option<Hand>) {
    (mark.clone(), mark.host().map(Hand::on))
}

/// Now and then a worker takes a moment.
pub fn dawdle() {
    match fastrand::u8(..) {
        0..4 => thread::sleep(Duration::from_micros(fastrand::u64(50..1000))),
        4..32 => thread::yield_now(),
        _ => {}
    }
}

pub fn detached(here: &Here) {
    for _ in 0..fastrand::u8(1..4) {
        let draft = Draft::new(here, Kind::Worker, DONE);
        let (mark, hand) = luggage(&draft.mark());
        drop(draft.task().run_in_thread(move |_| {
            dawdle();
            let result = mark.either();
            drop(hand);
            result
        }));
    }
}

pub fn waited(here: &Here) {
    let mut draft = Draft::new(here, Kind::Waited, DONE);
    let (mark, flag) = (draft.mark(), draft.flag());
    run(draft.task(), &mark).wait();
    if !flag.is_set() {
        broken!("a task was waited for, and its callback has not run");
    }
}

pub fn dedicated(here: &Here) {
    let draft = Draft::new(here, Kind::Dedicated, DONE).with(|builder| {
        let builder = builder.dedicated_thread();
        builder.name("soak dedicated")
    });
    let mark = draft.mark();
    drop(run(draft.task(), &mark));
}

pub fn panicked(here: &Here) {
    let draft = Draft::new(here, Kind::Panicked, PANICKED);
    let (mark, hand) = luggage(&draft.mark());
    drop(draft.task().run_in_thread(move |_| {
        // Dropped as the panic unwinds.
        let _luggage = (mark, hand);
        std::panic::panic_any(ON_PURPOSE)
    }));
}

pub fn progressing(here: &Here) {
    let seen = Rc::new(Cell::new(0));
    let steps = fastrand::u32(1..8);
    let draft = Draft::new(here, Kind::Progressing, DONE);
    let (mark, hand) = luggage(&draft.mark());
    let home = here.host.thread;
    let progress = Progress::new({
        let seen = seen.clone();
        move |step: u32| {
            if step <= seen.replace(step) || home != crate::place::thread_number() {
                broken!("a progress of {step} came late, or away from home");
            }
        }
    });
    let draft = draft.with(|builder| builder.progress(&progress));
    let task = draft.task_then(move |value| {
        // None comes after this one.
        let seen = seen.replace(u32::MAX);
        if value.is_some() && seen != steps {
            broken!("a task completed at a progress of {seen} where {steps} was reported");
        }
        in_callback();
    });
    drop(task.run_in_thread(move |_| {
        for step in 1..=steps {
            progress.report(step);
        }
        let result = mark.either();
        drop(hand);
        result
    }));
}

/// Its worker makes tasks for contexts of others.
pub fn maker(here: &Here) {
    let draft = Draft::new(here, Kind::Maker, DONE);
    let (mark, hand) = luggage(&draft.mark());
    drop(draft.task().run_in_thread(move |_| {
        for _ in 0..3 {
            anywhere::make();
        }
        let result = mark.either();
        drop(hand);
        result
    }));
}

/// Its worker has a context of its own, makes a task there and waits for it.
pub fn nested(here: &Here) {
    let draft = Draft::new(here, Kind::Maker, DONE);
    let (mark, hand) = luggage(&draft.mark());
    drop(draft.task().run_in_thread(move |_| {
        let context = MainContext::new();
        let at = Whereabouts {
            host: Some(Host::here()),
            life: Life::of(&context),
        };
        let ran = context.with_thread_default(|| {
            let mut token = Token::new(Kind::Nested, DONE, Priority::DEFAULT_IDLE, &at);
            let (mark, flag) = (token.mark(), token.flag());
            let ended = move |result: Result<Value, Error<Fault>>| token.end(&result);
            run(QioTask::builder().callback(ended), &mark).wait();
            if !flag.is_set() {
                broken!("a task was waited for in a worker, and its callback has not run");
            }
            while context.iteration(false) {}
        });
        assert!(ran.is_ok(), "a new context has no owner");
        let result = mark.either();
        drop(hand);
        result
    }));
}

/// Another thread has it run.
pub fn handed(here: &Here) {
    let how = if fastrand::bool() {
        How::Run
    } else {
        How::RunAndWait
    };
    by_hand::send(here, Draft::new(here, Kind::Handed, DONE), how);
}

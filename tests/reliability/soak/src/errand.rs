//! The completers: threads without a context, which end the tasks of others
//! and make tasks for the contexts of others.

use std::{
    io::Write,
    os::unix::net::UnixStream,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use gio::prelude::CancellableExt;
use qio_task::{Group, QioTask};

use crate::{
    kinds::{anywhere, grouped, worker},
    place::Hand,
    result::{Fault, Mark, Value},
    world::{Phase, world},
};

/// What another thread is to do.
pub enum Errand {
    End(Box<End>),
    Cancel(gio::Cancellable),
    Group(Group, grouped::Fate),
    /// A task whose thread has ended, or is about to.
    Orphan(QioTask<u64, Fault>),
    Write(UnixStream),
}

/// A task to be ended.
pub struct End {
    pub task: QioTask<Value, Fault>,
    pub mark: Mark,
    pub how: How,
    /// Dropped last.
    pub hand: Hand,
}

#[derive(Clone, Copy)]
pub enum How {
    Complete,
    CompleteInIdle,
    /// Completes it with a success.
    Succeed,
    Drop,
    Run,
    RunAndWait,
}

/// Lives as a completer until the soak stops.
pub fn live(errands: &Receiver<Errand>, seed: u64) {
    fastrand::seed(seed);
    let mut held = Vec::new();
    loop {
        let phase = world().phase();
        match phase {
            Phase::Run => {
                for _ in 0..fastrand::u8(..8) {
                    anywhere::make_in_turn();
                }
            }
            Phase::Drain | Phase::Leave => held.drain(..).for_each(run),
            Phase::Park => world().park(),
            Phase::Stop => return,
        }
        for errand in errands.try_iter().take(64) {
            // Some wait, so that the order is not the one of their making.
            if phase == Phase::Run && fastrand::u8(..) < 64 {
                held.push(errand);
            } else {
                run(errand);
            }
        }
        while held.len() > 32 {
            run(held.swap_remove(fastrand::usize(..held.len())));
        }
        match errands.recv_timeout(PAUSE) {
            Ok(errand) => run(errand),
            Err(RecvTimeoutError::Timeout) => held.drain(..).for_each(run),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

const PAUSE: Duration = Duration::from_millis(1);

fn run(errand: Errand) {
    match errand {
        Errand::End(end) => {
            let End {
                task,
                mark,
                how,
                hand,
            } = *end;
            match how {
                How::Complete => task.complete(mark.either_in_turn()),
                How::CompleteInIdle => task.complete_in_idle(mark.either_in_turn()),
                How::Succeed => task.complete(Ok(mark.value_in_turn())),
                How::Drop => drop(task),
                How::Run => drop(worker::run(task, &mark)),
                How::RunAndWait => worker::run(task, &mark).wait(),
            }
            drop(mark);
            drop(hand);
        }
        Errand::Cancel(cancellable) => cancellable.cancel(),
        Errand::Group(group, fate) => fate.befall(&group),
        Errand::Orphan(task) => task.complete(Ok(0)),
        Errand::Write(mut stream) => {
            // One that is closed already belongs to a task that was cancelled.
            let _ = stream.write_all(&[1]);
        }
    }
}

//! Workers: each stops after every step, until it is sent the next one.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{QioTask, Worker};

use super::{
    ON_PURPOSE, PATIENCE, WHO, World,
    watched::{Value, Watched, outcome},
};
use crate::{
    event::{Id, Part, What, Who},
    program::{Act, Slot, WorkerEnd},
};

enum Command {
    Act(Act),
    /// Send to the messages of its task, which may block it.
    Send(Slot),
    /// `Act::Own`, of a member of a group.
    Own {
        end: WorkerEnd,
        /// Its worker returns as that is closed.
        may_end: Receiver<()>,
    },
    Finish(WorkerEnd),
}

/// A worker has stopped, or does not come to that.
enum Done {
    Stopped,
    /// It waits for room among messages.
    Blocks,
}

/// The other end of a worker.
pub(super) struct Link {
    commands: Sender<Command>,
    done: Receiver<Done>,
    over: Receiver<()>,
}

impl Link {
    pub(super) fn act(&self, act: Act) {
        self.commands.send(Command::Act(act)).expect("it stopped");
        assert!(self.is_done_within(PATIENCE), "a worker hangs");
    }

    /// Has it send to the messages of its task. Says whether it waits for room among them.
    pub(super) fn send(&self, slot: Slot) -> bool {
        self.commands.send(Command::Send(slot)).expect("it stopped");
        let done = self.done.recv_timeout(PATIENCE).expect("a worker hangs");
        matches!(done, Done::Blocks)
    }

    /// Has it make a task of its own and wait for that, which lends its places. That ends as what
    /// this returns is dropped.
    pub(super) fn own(&self, end: WorkerEnd) -> Sender<()> {
        let (lets_end, may_end) = mpsc::channel();
        let own = Command::Own { end, may_end };
        self.commands.send(own).expect("it stopped");
        lets_end
    }

    /// Whether it has done what it was told, and stopped, within that time.
    pub(super) fn is_done_within(&self, time: Duration) -> bool {
        self.done.recv_timeout(time).is_ok()
    }

    pub(super) fn let_finish(&self, end: WorkerEnd) {
        let sent = self.commands.send(Command::Finish(end));
        sent.expect("it stopped");
    }

    /// Returns when the worker's result is on its way.
    pub(super) fn wait_until_over(&self) {
        // It says nothing: it goes.
        let over = self.over.recv_timeout(PATIENCE);
        assert_eq!(over, Err(RecvTimeoutError::Disconnected), "a worker hangs");
    }
}

thread_local! {
    /// Closed as the thread ends, or takes another worker: by then the result
    /// of the last one is on its way.
    static OVER: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

/// Tells whether a worker starts or is dropped before it does.
struct Start {
    world: Arc<World>,
    id: Id,
    starts: Option<Sender<(Id, bool)>>,
    /// It is told of by who waits for it.
    is_grouped: bool,
}

impl Start {
    fn tell(&mut self, has_started: bool) {
        if let Some(starts) = self.starts.take() {
            let what = if has_started {
                What::Started(self.id)
            } else {
                What::Spared(self.id)
            };
            if !(has_started && self.is_grouped) {
                self.world.log(Who::Worker(self.id), what);
            }
            let _ = starts.send((self.id, has_started));
        }
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        self.tell(false);
    }
}

/// Has `task` run in a thread. `starts` hears when its worker stops for the first time, or is
/// dropped: then the link leads nowhere.
pub(super) fn run(
    world: &Arc<World>,
    id: Id,
    task: QioTask<Value, Value>,
    starts: Sender<(Id, bool)>,
    is_grouped: bool,
) -> (qio_task::Running, Link) {
    let (commands, receiver) = mpsc::channel();
    let (acted, done) = mpsc::channel();
    let (closed, over) = mpsc::channel();
    let mut start = Start {
        world: world.clone(),
        id,
        starts: Some(starts),
        is_grouped,
    };
    let running = task.run_in_thread(move |worker| {
        OVER.set(Some(closed));
        WHO.set(Who::Worker(id));
        start.tell(true);
        let world = start.world.clone();
        drop(start);
        for command in receiver {
            match command {
                Command::Act(act) => {
                    world.act(id, worker, act);
                    let _ = acted.send(Done::Stopped);
                }
                Command::Send(slot) => {
                    world.send_blocking(slot, || {
                        let _ = acted.send(Done::Blocks);
                    });
                    let _ = acted.send(Done::Stopped);
                }
                Command::Own { end, may_end } => {
                    let wait = move || {
                        let _ = may_end.recv_timeout(PATIENCE);
                    };
                    world.make_own(Who::Worker(id), end, wait);
                    let _ = acted.send(Done::Stopped);
                }
                Command::Finish(WorkerEnd::Ok) => return Ok(Value::of_worker(&world, id)),
                Command::Finish(WorkerEnd::Fail) => return Err(Value::of_worker(&world, id)),
                Command::Finish(WorkerEnd::Panic) => break,
            }
        }
        panic!("{ON_PURPOSE}");
    });
    let link = Link {
        commands,
        done,
        over,
    };
    (running, link)
}

impl World {
    fn note_committed(&self, id: Id, is_committed: bool) {
        for kept in self.state().slots.iter_mut().flatten() {
            if kept.id == id {
                kept.is_committed |= is_committed;
            }
        }
    }

    fn act(self: &Arc<Self>, id: Id, worker: &Worker, act: Act) {
        match act {
            Act::Check => self.log(Who::Worker(id), What::Checked(id, worker.is_cancelled())),
            Act::CheckCancellable => {
                let is_cancelled = worker.cancellable().is_cancelled();
                self.log(Who::Worker(id), What::Checked(id, is_cancelled));
            }
            Act::Commit => {
                let is_committed = worker.commit().is_ok();
                self.note_committed(id, is_committed);
                self.log(Who::Worker(id), What::Committed(id, is_committed));
            }
            Act::Report(bar) => self.report(bar),
            Act::Send(slot) => {
                let _ = self.try_send(slot);
            }
            Act::CancelToken(token) => self.cancel_token(token),
            Act::CancelGroup(team) => {
                if let Some((_, group)) = self.group(team) {
                    group.cancel();
                }
            }
            Act::Complete(slot, end) => {
                if let Some((other, task)) = self.take_task(slot) {
                    self.complete(other, task, end);
                }
            }
            Act::Drop(slot) => drop(self.take_task(slot)),
            Act::Own(end) => self.make_own(Who::Worker(id), end, || {}),
        }
    }

    /// Makes a task on a context of this worker's own, and waits for it. Its worker calls `first`.
    fn make_own(self: &Arc<Self>, who: Who, end: WorkerEnd, first: impl FnOnce() + Send + 'static) {
        let context = MainContext::new();
        let (here, world) = (context.clone(), self.clone());
        let watched = Watched::new(self, Part::Callback(Id::MAX));
        let callback = move |result| {
            let is_here = MainContext::thread_default() == Some(here);
            let default = is_here.then_some(Id::MAX);
            let outcome = outcome(Id::MAX, &result);
            world.log(WHO.get(), What::Called(Id::MAX, outcome, default));
            drop((result, watched));
        };
        let world = self.clone();
        let make = || {
            let task: QioTask<Value, Value> = QioTask::builder().callback(callback);
            task.run_in_thread(move |_| {
                OVER.take();
                first();
                match end {
                    WorkerEnd::Ok => Ok(Value::new(&world, Id::MAX)),
                    WorkerEnd::Fail => Err(Value::new(&world, Id::MAX)),
                    WorkerEnd::Panic => panic!("{ON_PURPOSE}"),
                }
            })
            .wait();
        };
        context.with_thread_default(make).expect("its own");
        WHO.set(who);
    }
}

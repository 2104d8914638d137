//! The model: what the contract says of a program, without GLib.
//!
//! It is one thread and plain data. Where the contract leaves something open,
//! the events say so: see [`canonical`](crate::event::canonical).

mod bar;
mod context;
mod deliver;
mod group;
mod handles;
mod latest;
mod limits;
mod messages;
mod step;
mod task;

use context::Context;
use group::Group;
use latest::Latest;
use limits::Limits;
pub(crate) use limits::Settled;
use task::Task;

use crate::{
    event::{Event, Id, What, Who, canonical},
    program::{End, Pace, Place, Script, Slot, Team, Thread, Token, ending},
};

/// What the model says of a program.
pub(crate) struct Prediction {
    /// What has to happen.
    pub(crate) events: Vec<Event>,
    /// When which members of groups go on that had to wait for their places.
    pub(crate) settled: Vec<Settled>,
}

/// What has to happen in `program`. `hastens` says whether what is due never has to wait for
/// its turn, or always has.
pub(crate) fn predict(program: &Script, hastens: bool) -> Prediction {
    let mut model = Model::new(hastens);
    for step in program.0.iter().chain(&ending(false)) {
        model.step(Thread::T0, step);
    }
    model.is_last = true;
    for step in &ending(true) {
        model.step(Thread::T0, step);
    }
    // What was sent to a thread that has not used the library since.
    for _ in 0..2 {
        for thread in THREADS {
            model.use_library(thread);
        }
    }
    model.events.append(&mut model.some_time);
    Prediction {
        events: canonical(model.events),
        settled: model.limits.settled,
    }
}

pub(crate) const THREADS: [Thread; 3] = [Thread::T0, Thread::T1, Thread::T2];

struct Model {
    events: Vec<Event>,
    /// What happens on threads that nobody knows, by the end of the program.
    some_time: Vec<Event>,
    contexts: Vec<Context>,
    tasks: Vec<Task>,
    bars: Vec<Bar>,
    cancellables: Vec<Cancellable>,
    places: [Option<Id>; Place::COUNT],
    slots: [Option<Id>; Slot::ALL.len()],
    bar_slots: [Option<Id>; 2],
    tokens: [Id; 2],
    groups: Vec<Group>,
    teams: [Option<Id>; Team::ALL.len()],
    /// How many members have come to groups.
    joins: u32,
    limits: Limits,
    all_latest: Vec<Latest>,
    /// The one that is held.
    latest: Option<Id>,
    /// Those main loops that run, and whether they were told to quit.
    loops: Vec<bool>,
    /// The thread-default contexts of each thread.
    defaults: [Vec<Id>; 3],
    /// Takes a step, or waits for another one that does.
    busy: [bool; 3],
    /// What others have sent home, where it is looked at as the library is used.
    mail: [Vec<Mail>; 3],
    reports: u32,
    /// How many messages were sent, or were to be.
    messages: u32,
    /// How often it was noted that there is a value.
    notes: u32,
    /// How many callbacks have kept the processor for too long.
    spins: u32,
    /// What is due gets a turn in the next round, whatever else is to be done.
    hastens: bool,
    /// Callbacks take no steps any more.
    is_last: bool,
    /// A callback has panicked.
    unwinding: Option<Id>,
}

enum Mail {
    /// A reference on a context, to be given back.
    Reference(Id),
    /// A context has died.
    Death,
}

struct Cancellable {
    is_cancelled: bool,
    /// Those who hear of it, in the order in which they were connected.
    handlers: Vec<Handler>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Handler {
    /// Ends this task.
    Task(Id),
    /// Completes the task that is held there.
    Completes(Slot, End),
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Bar {
    context: Id,
    home: Thread,
    value: Option<u32>,
    /// By which number it was noted last that there is one.
    note: u32,
    pace: Pace,
    was_called: bool,
    cancels: Option<Token>,
    /// How many of the tasks that it belongs to have not ended. `None` when it belongs to none.
    owners: Option<usize>,
    is_held: bool,
    has_callback: bool,
    /// Its callback is being called.
    is_running: bool,
    /// A value came up, in a nested loop, meanwhile.
    has_missed: bool,
}

impl Model {
    fn new(hastens: bool) -> Self {
        let cancellable = || Cancellable {
            is_cancelled: false,
            handlers: Vec::new(),
        };
        Self {
            events: Vec::new(),
            some_time: Vec::new(),
            contexts: Vec::new(),
            tasks: Vec::new(),
            bars: Vec::new(),
            cancellables: vec![cancellable(), cancellable()],
            places: [None; Place::COUNT],
            slots: [None; Slot::ALL.len()],
            bar_slots: [None; 2],
            tokens: [0, 1],
            groups: Vec::new(),
            teams: [None; Team::ALL.len()],
            joins: 0,
            limits: Limits::default(),
            all_latest: Vec::new(),
            latest: None,
            loops: Vec::new(),
            defaults: Default::default(),
            busy: [true, false, false],
            mail: Default::default(),
            reports: 0,
            messages: 0,
            notes: 0,
            spins: 0,
            hastens,
            is_last: false,
            unwinding: None,
        }
    }

    fn log(&mut self, who: Who, what: What) {
        let events = match who {
            Who::Stranger => &mut self.some_time,
            _ => &mut self.events,
        };
        events.push(Event { who, what });
    }

    fn context(&mut self, id: Id) -> &mut Context {
        &mut self.contexts[id as usize]
    }

    fn task(&mut self, id: Id) -> &mut Task {
        &mut self.tasks[id as usize]
    }

    fn group(&mut self, id: Id) -> &mut Group {
        &mut self.groups[id as usize]
    }

    fn bar(&mut self, id: Id) -> &mut Bar {
        &mut self.bars[id as usize]
    }

    /// The thread-default context.
    fn default_of(&self, who: Who) -> Option<Id> {
        match who {
            Who::Home(thread) => self.defaults[thread as usize].last().copied(),
            _ => None,
        }
    }
}

fn is_home(who: Who, home: Option<Thread>) -> bool {
    home.is_some_and(|home| who == Who::Home(home))
}

fn new_id<T>(all: &[T]) -> Id {
    Id::try_from(all.len()).expect("programs are small")
}

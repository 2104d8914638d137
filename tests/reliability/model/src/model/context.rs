//! Contexts in the model: who keeps them, what they dispatch, how they die.

use std::collections::VecDeque;

use super::{Mail, Model, THREADS, is_home, new_id};
use crate::{
    event::{Id, Part, What, Who},
    program::{Level, Place, Thread},
};

pub(super) struct Context {
    /// Whose it is; the free one is nobody's.
    pub(super) thread: Option<Thread>,
    refs: u32,
    pub(super) is_alive: bool,
    /// Those who own it, the last on top.
    pub(super) owners: Vec<Thread>,
    /// In the order in which they were attached.
    sources: Vec<Source>,
    /// What the iteration under way has still to dispatch. One that is nested
    /// replaces it.
    pending: VecDeque<Source>,
    /// What GLib has found ready and not dispatched: it does not ask it again.
    flagged: Vec<Source>,
    /// Whether a round is left to sources of a lower priority.
    gives_way: GiveWay,
    /// What is due has had no turn for too long, and gets one with the timeouts.
    is_late: bool,
    lanes: [Option<Lane>; 4],
    /// The tasks whose timeouts have passed, the first one first.
    timers: VecDeque<Id>,
    /// The bars with a value that was not delivered, each with the number of its note.
    pub(super) reports: Vec<(u32, Id)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GiveWay {
    No,
    /// It is the next round, or this one, which is being prepared; the first one, or the last.
    Next {
        is_last: bool,
    },
    /// It is this one, which has been checked.
    Checked {
        is_last: bool,
    },
}

/// The completions of one priority.
#[derive(Default)]
struct Lane {
    items: VecDeque<Item>,
    rings: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Item {
    Task(Id),
    /// The messages of this task.
    Messages(Id),
    /// It was noted by this number that there is a value.
    Report(u32),
    /// A `Progress` was dropped.
    Release(Id),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Lane(Level),
    /// The timeouts of all tasks.
    Timers,
    /// What drives a task.
    Driver(Id, Level),
    /// Quits the main loop of this number when there is nothing else to do.
    Quitter(usize),
    /// Keeps the loop going while the queue gives way.
    GivesWay,
    /// Is ready until it is dispatched.
    Busy,
}

impl Source {
    /// In the order of GLib's numbers. Timeouts have the default one.
    fn priority(self) -> u32 {
        match self {
            Self::Lane(level) | Self::Driver(_, level) => level as u32,
            Self::Timers | Self::Busy => Level::Default as u32,
            Self::Quitter(_) => u32::MAX - 1,
            Self::GivesWay => u32::MAX,
        }
    }
}

impl Context {
    fn rings(&self, level: Level) -> bool {
        let lane = &self.lanes[level as usize];
        lane.as_ref().is_some_and(|lane| lane.rings)
    }

    /// The first priority at which something is due.
    fn first_due(&self) -> Option<Level> {
        let levels = [Level::High, Level::Default, Level::Idle, Level::Low];
        levels.into_iter().find(|level| self.rings(*level))
    }
}

impl Model {
    /// The context that is kept there, which is made if there is none.
    pub(super) fn ensure(&mut self, place: Place) -> Id {
        if let Some(id) = self.places[place.index()] {
            return id;
        }
        let id = new_id(&self.contexts);
        self.contexts.push(Context {
            thread: match place {
                Place::FirstOf(thread) | Place::SecondOf(thread) => Some(thread),
                Place::Free => None,
            },
            refs: 1,
            is_alive: true,
            owners: Vec::new(),
            sources: Vec::new(),
            pending: VecDeque::new(),
            flagged: Vec::new(),
            gives_way: GiveWay::No,
            is_late: false,
            lanes: Default::default(),
            timers: VecDeque::new(),
            reports: Vec::new(),
        });
        self.places[place.index()] = Some(id);
        id
    }

    pub(super) fn keep(&mut self, context: Id) {
        self.context(context).refs += 1;
    }

    /// Gives a reference back.
    pub(super) fn release(&mut self, context: Id, who: Who) {
        self.context(context).refs -= 1;
        if self.context(context).refs == 0 {
            self.die(context, who);
        }
    }

    /// Gives back the reference of a handle, which is sent home.
    pub(super) fn release_handle(&mut self, context: Id, home: Option<Thread>, who: Who) {
        match home {
            Some(home) if !is_home(who, Some(home)) => {
                self.mail[home as usize].push(Mail::Reference(context));
            }
            _ => self.release(context, who),
        }
    }

    /// Makes `thread` the owner of `context`, and that its thread-default one.
    pub(super) fn enter(&mut self, context: Id, thread: Thread) {
        self.context(context).owners.push(thread);
        self.defaults[thread as usize].push(context);
    }

    pub(super) fn leave(&mut self, context: Id, thread: Thread) {
        self.context(context).owners.pop();
        self.defaults[thread as usize].pop();
    }

    /// Whether another thread owns it.
    pub(super) fn is_taken(&self, context: Id, by: Thread) -> bool {
        let owner = self.contexts[context as usize].owners.last();
        owner.is_some_and(|owner| *owner != by)
    }

    /// Makes sure that completions of this priority can be delivered.
    pub(super) fn open_lane(&mut self, context: Id, level: Level) {
        let context = self.context(context);
        if context.lanes.iter().all(Option::is_none) {
            context.sources.push(Source::Timers);
        }
        if context.lanes[level as usize].is_none() {
            context.lanes[level as usize] = Some(Lane::default());
            context.sources.push(Source::Lane(level));
        }
    }

    /// Queues something. Says whether the context lives.
    pub(super) fn queue(&mut self, context: Id, level: Level, item: Item) -> bool {
        let context = self.context(context);
        let lane = context.lanes[level as usize].as_mut();
        if let Some(lane) = lane.filter(|_| context.is_alive) {
            lane.items.push_back(item);
            lane.rings = true;
        }
        context.is_alive
    }

    /// Takes the delivery of a task out, if it is queued.
    pub(super) fn unqueue(&mut self, context: Id, level: Level, task: Id) {
        let Some(lane) = &mut self.context(context).lanes[level as usize] else {
            return;
        };
        let is_its = |item: &Item| matches!(item, Item::Task(other) if *other == task);
        if let Some(index) = lane.items.iter().position(is_its) {
            lane.items.remove(index);
        }
    }

    pub(super) fn add_timer(&mut self, task: Id) {
        let context = self.task(task).context;
        self.context(context).timers.push_back(task);
    }

    pub(super) fn add_driver(&mut self, task: Id) {
        let context = self.task(task).context;
        let level = self.task(task).plan.priority;
        let sources = &mut self.context(context).sources;
        sources.push(Source::Driver(task, level));
    }

    /// Removes what would end the task, or drive it.
    pub(super) fn remove_sources(&mut self, task: Id) {
        let context = self.task(task).context;
        let context = self.context(context);
        context.timers.retain(|other| *other != task);
        let sources = &mut context.sources;
        sources.retain(|source| !matches!(source, Source::Driver(other, _) if *other == task));
    }

    /// Dispatches what is ready and of the highest priority. Says whether
    /// there was anything.
    pub(super) fn iterate(&mut self, id: Id, by: Thread) -> bool {
        let mut sources = self.contexts[id as usize].sources.clone();
        sources.sort_by_key(|source| source.priority());
        self.prepare(id, &sources);
        let pending = self.check(id, &sources);
        let did = !pending.is_empty();
        self.context(id).pending = pending;
        while let Some(source) = self.context(id).pending.pop_front() {
            self.context(id).flagged.retain(|other| *other != source);
            if !self.context(id).sources.contains(&source) {
                // Destroyed meanwhile.
                continue;
            }
            match source {
                Source::Lane(level) => {
                    if self.context(id).gives_way == GiveWay::No {
                        self.turn(id, level, by);
                    }
                }
                Source::Timers => self.dispatch_timers(id, by),
                Source::Driver(task, _) => self.drive(task, by),
                Source::Quitter(number) => {
                    self.loops[number] = true;
                    self.remove_source(id, source);
                }
                Source::GivesWay | Source::Busy => self.remove_source(id, source),
            }
        }
        did
    }

    /// One iteration of a loop that has something else to do.
    pub(super) fn iterate_busy(&mut self, id: Id, by: Thread) -> bool {
        self.context(id).sources.push(Source::Busy);
        let did = self.iterate(id, by);
        self.remove_source(id, Source::Busy);
        did
    }

    fn remove_source(&mut self, id: Id, source: Source) {
        let context = self.context(id);
        for sources in [&mut context.sources, &mut context.flagged] {
            if let Some(first) = sources.iter().position(|other| *other == source) {
                sources.remove(first);
            }
        }
    }

    /// Asks the sources whether they are ready, down to those that are.
    fn prepare(&mut self, id: Id, sources: &[Source]) {
        let mut ready_at = None;
        for source in sources {
            if ready_at.is_some_and(|at| source.priority() > at) {
                break;
            }
            if self.context(id).flagged.contains(source) || self.is_prepared(id, *source) {
                ready_at = Some(source.priority());
                self.flag(id, *source);
            }
        }
    }

    fn is_prepared(&mut self, id: Id, source: Source) -> bool {
        let hastens = self.hastens;
        let context = self.context(id);
        if let Source::Lane(_) | Source::Timers = source
            && let GiveWay::Checked { is_last } = context.gives_way
        {
            // Something else was ready in the first one.
            let goes_on = !is_last && context.sources.contains(&Source::GivesWay);
            context.gives_way = if goes_on {
                GiveWay::Next { is_last: true }
            } else {
                GiveWay::No
            };
        }
        let gives_way = context.gives_way != GiveWay::No;
        match source {
            Source::Lane(level) => !gives_way && context.rings(level),
            Source::Timers => {
                if hastens && !gives_way && context.first_due().is_some() {
                    context.is_late = true;
                    return true;
                }
                !gives_way && !context.timers.is_empty()
            }
            Source::Driver(..) => false,
            Source::Quitter(_) | Source::GivesWay | Source::Busy => true,
        }
    }

    /// Asks once more those that were not ready. Says what is to be dispatched.
    fn check(&mut self, id: Id, sources: &[Source]) -> VecDeque<Source> {
        let mut pending: VecDeque<Source> = VecDeque::new();
        for source in sources {
            let ready = pending.front();
            if ready.is_some_and(|ready| source.priority() > ready.priority()) {
                break;
            }
            if self.context(id).flagged.contains(source) || self.is_checked(id, *source) {
                self.flag(id, *source);
                pending.push_back(*source);
            }
        }
        pending
    }

    fn is_checked(&mut self, id: Id, source: Source) -> bool {
        if let Source::Lane(_) | Source::Timers = source
            && let GiveWay::Next { is_last } = self.context(id).gives_way
        {
            self.context(id).gives_way = GiveWay::Checked { is_last };
        }
        let context = &self.contexts[id as usize];
        match source {
            Source::Lane(level) => context.gives_way == GiveWay::No && context.rings(level),
            Source::Timers => context.gives_way == GiveWay::No && !context.timers.is_empty(),
            Source::Driver(task, _) => !self.tasks[task as usize].ready.is_empty(),
            Source::Quitter(_) | Source::GivesWay | Source::Busy => true,
        }
    }

    fn flag(&mut self, id: Id, source: Source) {
        let flagged = &mut self.context(id).flagged;
        if !flagged.contains(&source) {
            flagged.push(source);
        }
    }

    fn dispatch_timers(&mut self, id: Id, by: Thread) {
        if self.context(id).gives_way != GiveWay::No {
            return;
        }
        while let Some(task) = self.context(id).timers.pop_front() {
            self.time_out(task, Who::Home(by));
        }
        if !std::mem::take(&mut self.context(id).is_late) {
            return;
        }
        let spins = self.spins;
        while let Some(level) = self.context(id).first_due() {
            self.turn(id, level, by);
            if self.spins > spins {
                break;
            }
        }
    }

    /// Delivers all completions of one priority, also those that come
    /// meanwhile; but gives way after a callback that takes too long.
    fn turn(&mut self, id: Id, level: Level, by: Thread) {
        let spins = self.spins;
        let mut is_empty = true;
        while let Some(item) = self.lane(id, level).items.pop_front() {
            is_empty = false;
            self.deliver_item(item, id, by);
            if self.spins > spins {
                break;
            }
        }
        let lane = self.lane(id, level);
        lane.rings = !lane.items.is_empty();
        if lane.rings && self.spins > spins {
            self.give_way(id);
        }
        if !is_empty {
            self.open_mail(by);
        }
    }

    fn give_way(&mut self, id: Id) {
        let context = self.context(id);
        context.gives_way = GiveWay::Next { is_last: false };
        if !context.sources.contains(&Source::GivesWay) {
            context.sources.push(Source::GivesWay);
        }
    }

    fn lane(&mut self, id: Id, level: Level) -> &mut Lane {
        let lane = self.context(id).lanes[level as usize].as_mut();
        lane.expect("its source was dispatched")
    }

    /// Runs a main loop until there is nothing to do, or it is told to quit.
    pub(super) fn run_loop(&mut self, id: Id, by: Thread) {
        let number = self.loops.len();
        self.loops.push(false);
        let quitter = Source::Quitter(number);
        self.context(id).sources.push(quitter);
        while !self.loops[number] {
            self.iterate(id, by);
        }
        self.loops.pop();
        self.context(id).sources.retain(|source| *source != quitter);
    }

    /// The last reference is gone. What waits here is dropped where it belongs.
    fn die(&mut self, id: Id, who: Who) {
        self.abandon_drivers(id, who);
        let context = self.context(id);
        context.is_alive = false;
        context.reports.clear();
        if context.lanes.iter().all(Option::is_none) {
            // Nothing was ever made for it.
            return;
        }
        self.leak_drivers(id, who);
        // Those of this thread first: their groups may hear of them in that order.
        if let Who::Home(thread) = who {
            self.open_mail(thread);
            self.purge(thread);
        }
        for task in 0..new_id(&self.tasks) {
            if self.task(task).context == id && self.task(task).home.is_none() {
                self.bury(task, who);
            }
        }
        for thread in THREADS {
            if who != Who::Home(thread) {
                self.mail[thread as usize].push(Mail::Death);
            }
        }
    }

    /// The tasks driven by sources that come after all of the queue's, the last one first.
    pub(super) fn drivers_behind_queue(&self, id: Id) -> Vec<Id> {
        let mut sources = self.contexts[id as usize].sources.clone();
        sources.sort_by_key(|source| source.priority());
        let is_behind = |source: &Source| !matches!(source, Source::Lane(_) | Source::Timers);
        let behind = sources.into_iter().rev().take_while(is_behind);
        let driven = behind.filter_map(|source| match source {
            Source::Driver(task, _) => Some(task),
            _ => None,
        });
        driven.collect()
    }

    /// Does what was sent to `thread`.
    pub(super) fn open_mail(&mut self, thread: Thread) {
        for mail in std::mem::take(&mut self.mail[thread as usize]) {
            match mail {
                Mail::Reference(context) => self.release(context, Who::Home(thread)),
                Mail::Death => self.purge(thread),
            }
        }
    }

    /// Drops what is at home on `thread` and waits for dead contexts.
    pub(super) fn purge(&mut self, thread: Thread) {
        for task in 0..new_id(&self.tasks) {
            let Task { context, home, .. } = *self.task(task);
            if home == Some(thread) && !self.context(context).is_alive {
                self.bury(task, Who::Home(thread));
            }
        }
        for bar in 0..new_id(&self.bars) {
            let context = self.bar(bar).context;
            if self.bar(bar).home == thread && !self.context(context).is_alive {
                self.release_bar(bar, thread);
            }
        }
    }

    /// Drops the callback of a `Progress`.
    pub(super) fn release_bar(&mut self, bar: Id, by: Thread) {
        if std::mem::take(&mut self.bar(bar).has_callback) {
            self.log(Who::Home(by), What::Dropped(Part::Bar(bar)));
        }
    }

    /// A thread makes a task and completes it, on a context that dies then.
    pub(super) fn use_library(&mut self, thread: Thread) {
        self.open_mail(thread);
        self.purge(thread);
        for other in THREADS {
            if other != thread {
                self.mail[other as usize].push(Mail::Death);
            }
        }
    }
}

use super::Task;

//! [`Queue`]: what is due on one context, and what wakes it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Priority};

use super::{
    current::{address, within},
    delay::Delay,
    give_way::GiveWay,
    levels::{AtPriority, Levels},
    poll_fd::Pollable,
    source::{self, Dispatch, Prepared},
    timer::{HasTimers, Key, Timer, Timers},
    wake_up::WakeUp,
};
use crate::base::{fork, sync::lock};

/// For how long one dispatch goes on before it lets other sources run.
pub(super) const SLICE: Duration = Duration::from_millis(2);

/// How often a loop looks for what is due that nothing can wake.
const POLL: Duration = Duration::from_millis(10);

/// Something that is due on a context.
pub(crate) trait Due: Send + Sized + 'static {
    /// What there is one of for each context.
    type PerContext: Default + Send + Sync;
    /// What is done by a timer.
    type Timed: Send;

    /// Whether this thread can do it: some of it stays on its thread even when another
    /// one iterates the context.
    fn is_for_this_thread(&self) -> bool;

    /// Whether it is for a thread that has ended: nobody will ever do it.
    fn is_for_nobody(&self) -> bool;

    /// Whether it has been done otherwise, and is not to be queued any more.
    fn is_taken_back(&self) -> bool;

    /// A thread that iterates the context of `queue` has found it, and it is for another one,
    /// not for the first time. Hands out what is to be told of it.
    fn pass_over(&mut self, queue: &Queue<Self>) -> Option<Self>;

    /// Tells of what was passed over, where foreign code may run.
    fn tell_passed_over(self, queue: &Queue<Self>);

    /// This thread iterates the context of `queue`. Says whether another one has done so last.
    fn iterated(queue: &Queue<Self>) -> bool;

    /// Does it, on this thread, which is the right one. Hands back what is left to do as `end` has
    /// come: that comes first in the next turn.
    fn deliver(self, queue: &Queue<Self>, end: Instant) -> Option<Self>;

    /// The time of a timer has come.
    fn time_out(timed: Self::Timed, queue: &Queue<Self>);

    /// A dispatch on this thread has ended.
    fn dispatched();

    /// The context of `queue` is dead, and nothing is taken in any more. What was queued is
    /// dropped after this.
    fn context_died(queue: &Queue<Self>);
}

/// See the module's documentation.
pub(crate) struct Queue<D: Due> {
    /// The address of the context; only ever compared.
    context: usize,
    /// Whether anything is delivered still: not once the context is finalized, or somebody
    /// has destroyed a source of the queue.
    is_open: AtomicBool,
    levels: Levels<D>,
    pub(super) gives_way: Arc<GiveWay>,
    delay: Delay,
    /// Whether what is due is to have a turn by this queue's source.
    is_turn: AtomicBool,
    timers: Mutex<Timers<Event<D>>>,
    /// `None` while the system has none left.
    wake_up: OnceLock<WakeUp>,
    /// Whether the context has been woken, or is about to be, and has not noticed yet.
    is_woken: AtomicBool,
    pub(crate) per_context: D::PerContext,
}

/// What happens at a certain time.
enum Event<D: Due> {
    TimeOut(D::Timed),
    /// What waits for its own thread asks whether that one iterates the context again.
    Retry(Arc<dyn AtPriority<D>>),
}

impl<D: Due> Queue<D> {
    /// The queue of `context`, which has none yet.
    pub(crate) fn open(context: &MainContext) -> Arc<Self> {
        let queue = Arc::new(Self {
            context: address(context),
            is_open: AtomicBool::new(true),
            levels: Levels::new(),
            gives_way: Arc::default(),
            delay: Delay::default(),
            is_turn: AtomicBool::new(false),
            timers: Mutex::new(Timers::new()),
            wake_up: OnceLock::new(),
            is_woken: AtomicBool::new(false),
            per_context: D::PerContext::default(),
        });
        // There is no task without a queue.
        fork::watch();
        let pollable = queue.open_wake_up();
        let name = c"qio-task timers";
        source::attach(&queue, context, Priority::DEFAULT, name, pollable);
        queue
    }

    /// The level for what is due at `priority`, which is made by `open` if there is none.
    pub(super) fn level<L: AtPriority<D>>(
        &self,
        priority: Priority,
        open: impl FnOnce() -> Arc<L>,
    ) -> Arc<L> {
        // Unless another thread has just destroyed a source of the queue: what is pushed would
        // wait for ever.
        self.levels.get(priority, open, || self.is_open())
    }

    /// The level for what is due at `priority`, if there is one.
    pub(super) fn find_level<L: AtPriority<D>>(&self, priority: Priority) -> Option<Arc<L>> {
        self.levels.find(priority)
    }

    /// Whether this is the queue of `context`: not of one that is dead and had the same
    /// address.
    #[inline]
    pub(crate) fn serves(&self, context: &MainContext) -> bool {
        self.context == address(context) && self.is_open()
    }

    /// Whether anything is delivered still: not once the context is finalized, or somebody
    /// has destroyed a source of the queue.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        // ORDERING: whoever holds a reference on the context has it from
        // somebody who saw it live; nothing else is read through this.
        self.is_open.load(Ordering::Acquire)
    }

    /// The address of the context, which is only ever compared.
    pub(crate) fn context_address(&self) -> usize {
        self.context
    }

    /// Has the context's loop ask what is due, also if it sleeps.
    #[inline]
    pub(super) fn wake(&self) {
        // ORDERING: what is due was noted before this. The loop clears this first and looks
        // for what is due afterwards, so either it sees that, or it is woken again.
        if !self.is_woken.swap(true, Ordering::AcqRel)
            && let Some(wake_up) = self.wake_up.get()
        {
            wake_up.wake();
        }
    }

    /// Takes a descriptor to wake the context with, or an event, if one is left. Called where
    /// nobody else does.
    fn open_wake_up(&self) -> Option<Pollable> {
        let wake_up = WakeUp::new().ok()?;
        let pollable = wake_up.pollable();
        self.wake_up.get_or_init(|| wake_up);
        // ORDERING: see `wake`. Who was to wake the context before had nothing to do it with;
        // what is due is looked for after this.
        self.is_woken.swap(false, Ordering::AcqRel);
        Some(pollable)
    }

    /// Has `timed` timed out at the time `at`, unless what this returns is dropped before.
    ///
    /// `is_owner` says whether the context is this thread's just now: its loop asks for the first
    /// timer by itself before it sleeps.
    pub(crate) fn add_timer(
        self: &Arc<Self>,
        at: Instant,
        timed: D::Timed,
        is_owner: impl FnOnce() -> bool,
    ) -> Timer {
        let (key, is_first) = self.timers().add(at, Event::TimeOut(timed));
        if is_first && !is_owner() {
            self.wake();
        }
        let timers = self.clone();
        Timer { timers, key }
    }

    /// Has `level` look again after `time`. Called in a dispatch of the context.
    pub(super) fn retry_after(&self, time: Duration, level: Arc<dyn AtPriority<D>>) {
        let at = Instant::now() + time;
        self.timers().add(at, Event::Retry(level));
    }

    /// Whether a source of the queue goes on: not when somebody has destroyed one, though
    /// the context lives.
    pub(super) fn flow(&self) -> ControlFlow {
        self.is_open().into()
    }

    /// Whether what is due has had no turn for too long. Asked once a round.
    fn is_late(&self) -> bool {
        let first = self.levels.due_since();
        if first.is_none() {
            self.delay.forget();
        }
        first.is_some_and(|since| self.delay.is_over(since))
    }

    /// What the source says before its loop sleeps, if that can be woken.
    fn prepare_due(&self) -> Prepared {
        if D::iterated(self) {
            self.levels.look_again();
        }
        let gives_way = self.gives_way.prepare_round();
        if !gives_way && self.is_late() {
            self.is_turn.store(true, Ordering::Relaxed);
            return Prepared::Ready;
        }
        match self.timers().time_left() {
            // Somebody has destroyed another source of the queue: this one goes, too.
            _ if !self.is_open() => Prepared::Ready,
            Some(Duration::ZERO) if !gives_way => Prepared::Ready,
            Some(time) => Prepared::Within(time),
            None => Prepared::Sleeps,
        }
    }

    /// Whether the time of a timer has come.
    fn is_time_up(&self) -> bool {
        self.timers().time_left() == Some(Duration::ZERO)
    }

    fn timers(&self) -> MutexGuard<'_, Timers<Event<D>>> {
        lock(&self.timers)
    }

    /// Runs `f` with the context as the thread's default: see [`within`].
    #[inline]
    pub(crate) fn within<R>(&self, held: Option<&MainContext>, f: impl FnOnce() -> R) -> R {
        within(self.context, held, f)
    }

    /// Nothing is delivered any more: everything that waits is dropped, undone.
    ///
    /// Runs once for each source of the queue: as the context is finalized, or when somebody
    /// has destroyed one.
    pub(super) fn close(&self) {
        if !self.is_open.swap(false, Ordering::AcqRel) {
            return;
        }
        let levels = self.levels.close();
        let timers = self.timers().take_all();
        D::context_died(self);
        drop((levels, timers));
    }
}

impl<D: Due> HasTimers for Queue<D> {
    fn remove_timer(&self, key: Key) {
        let removed = self.timers().remove(key);
        // Unlocked: it may hold the last reference on something foreign.
        drop(removed);
    }
}

/// The source that wakes the context, and does what has a time.
impl<D: Due> Dispatch for Queue<D> {
    fn prepare(&self) -> Prepared {
        let prepared = self.prepare_due();
        if self.wake_up.get().is_some() {
            return prepared;
        }
        match (self.open_wake_up(), prepared) {
            (Some(pollable), _) => Prepared::Watches(pollable),
            (None, Prepared::Within(time)) => Prepared::Within(time.min(POLL)),
            (None, Prepared::Sleeps) => Prepared::Within(POLL),
            (None, prepared) => prepared,
        }
    }

    fn check(&self, is_woken: bool) -> bool {
        if is_woken && let Some(wake_up) = self.wake_up.get() {
            wake_up.clear();
            // ORDERING: see `wake`. A change, and not only a store: it sees all that was
            // noted before the last one.
            self.is_woken.swap(false, Ordering::AcqRel);
        }
        !self.gives_way.check_round() && self.is_time_up()
    }

    fn dispatch(self: &Arc<Self>) -> ControlFlow {
        if self.gives_way.is_on() {
            return self.flow();
        }
        let end = Instant::now() + SLICE;
        while Instant::now() < end {
            let Some(event) = self.timers().take_due() else {
                break;
            };
            match event {
                Event::TimeOut(timed) => D::time_out(timed, self),
                Event::Retry(level) => level.retry(),
            }
        }
        if self.is_time_up() {
            self.gives_way.begin();
        } else if self.is_turn.swap(false, Ordering::Relaxed) {
            self.levels.take_turn(end);
        }
        self.flow()
    }

    fn destroyed(&self) {
        self.close();
    }
}

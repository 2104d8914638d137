//! Completions onto a `GMainContext`.
//!
//! Each context has one `Delivery`, and in it a [`Lane`] for each priority: a
//! queue, and a source on the context that is dispatched when its bell is
//! rung. Many completions share one dispatch and one wake-up.
//!
//! Nothing here owns a reference on the context: not what is queued, and not
//! the sources, which it owns. So that any thread can wake it all the same, the
//! bell is a descriptor that its source watches. That one stays attached,
//! dormant, until the context dies; as its callback is freed a `Delivery`
//! hears of that.

mod bell;
mod item;
mod lane;
mod source;

use std::{
    collections::HashMap,
    io, mem,
    sync::{
        Arc, Mutex, MutexGuard, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use glib::{MainContext, Priority};

pub(crate) use item::Item;
pub(crate) use lane::Lane;

use crate::{
    held,
    home::Home,
    lock,
    port::AnyPort,
    progress::{self, Report},
    sent,
    table::{Entry, Table},
};

/// The deliveries of all contexts, by their addresses. One that is dead, or
/// that nobody uses, is replaced when its address is looked up.
static DELIVERIES: Mutex<Option<HashMap<usize, Weak<Delivery>>>> = Mutex::new(None);

/// Callbacks that any thread may run, and results that any thread may have.
type SharedTable = Table<dyn Entry + Send, dyn AnyPort + Send + Sync>;

/// See the module's documentation.
pub(crate) struct Delivery {
    /// The address of the context; only ever compared.
    context: usize,
    /// Whether the context lives.
    is_open: AtomicBool,
    lanes: Mutex<Vec<Arc<Lane>>>,
    /// The callbacks that any thread may run.
    tasks: Mutex<SharedTable>,
    /// Those who have reported a value that was not delivered yet.
    progress: Mutex<Vec<Arc<dyn Report>>>,
    has_progress: AtomicBool,
}

impl Delivery {
    /// The lane of `context` for tasks of `priority`.
    ///
    /// # Errors
    ///
    /// When the process is out of descriptors.
    pub(crate) fn lane(context: &MainContext, priority: Priority) -> io::Result<Arc<Lane>> {
        let delivery = Self::of(context);
        let mut lanes = lock(&delivery.lanes);
        if let Some(lane) = lanes.iter().find(|lane| lane.priority() == priority) {
            return Ok(lane.clone());
        }
        let lane = Lane::open(&delivery, context, priority)?;
        lanes.push(lane.clone());
        Ok(lane)
    }

    fn of(context: &MainContext) -> Arc<Self> {
        let address = address(context);
        let mut deliveries = lock(&DELIVERIES);
        let deliveries = deliveries.get_or_insert_default();
        let known = deliveries.get(&address).and_then(Weak::upgrade);
        known
            .filter(|delivery| delivery.serves(context))
            .unwrap_or_else(|| {
                let new = Arc::new(Self {
                    context: address,
                    is_open: AtomicBool::new(true),
                    lanes: Mutex::new(Vec::new()),
                    tasks: Mutex::new(Table::new()),
                    progress: Mutex::new(Vec::new()),
                    has_progress: AtomicBool::new(false),
                });
                deliveries.insert(address, Arc::downgrade(&new));
                new
            })
    }

    /// Whether this is the delivery of `context`: not of one that is dead and
    /// had the same address.
    #[inline]
    pub(crate) fn serves(&self, context: &MainContext) -> bool {
        self.context == address(context) && self.is_open()
    }

    /// Whether the context lives.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        // ORDERING: whoever holds a reference on the context has it from
        // somebody who saw it live; nothing else is read through this.
        self.is_open.load(Ordering::Acquire)
    }

    /// Notes that `reporter` has a value, and wakes the context through
    /// `lane`. With the context dead, hands back what can't be delivered.
    #[must_use]
    pub(crate) fn push_progress(
        &self,
        lane: &Lane,
        reporter: Arc<dyn Report>,
    ) -> Vec<Arc<dyn Report>> {
        let home = reporter.home();
        {
            let mut progress = lock(&self.progress);
            progress.push(reporter);
            // ORDERING: with the lock; a reader that sees it takes the lock.
            self.has_progress.store(true, Ordering::Release);
        }
        match lane.push(Item::Progress { home }) {
            Ok(()) => Vec::new(),
            Err(_) => mem::take(&mut *lock(&self.progress)),
        }
    }

    /// Delivers the values that have been reported so far to this thread.
    pub(crate) fn deliver_progress(&self) {
        if !self.has_progress() {
            return;
        }
        let here = Home::thread();
        let next = || {
            let mut progress = lock(&self.progress);
            let first = progress.iter().position(|reporter| reporter.home() == here);
            let next = first.map(|first| progress.remove(first));
            self.has_progress
                .store(!progress.is_empty(), Ordering::Release);
            next
        };
        // As many as have reported by now; those that do meanwhile come later.
        let so_far = lock(&self.progress).len();
        for reporter in (0..so_far).map_while(|_| next()) {
            reporter.deliver();
        }
    }

    /// The table of the callbacks that any thread may run.
    pub(crate) fn tasks(&self) -> MutexGuard<'_, SharedTable> {
        lock(&self.tasks)
    }

    /// Whether somebody has reported a value that was not delivered yet.
    #[inline]
    pub(crate) fn has_progress(&self) -> bool {
        // ORDERING: a completion that was sent after a report is received
        // through the same lock, so the report is seen.
        self.has_progress.load(Ordering::Acquire)
    }

    /// Runs `f` with the context as the thread's default.
    ///
    /// `held` is the context, from somebody who holds it. There
    /// is no safe way from here to a context that is not being dispatched: its
    /// last reference might just be dropped on another thread.
    #[inline]
    pub(crate) fn within<R>(&self, held: Option<&MainContext>, f: impl FnOnce() -> R) -> R {
        if is_thread_default(self.context) {
            return f();
        }
        let mut f = Some(f);
        let mut run = || (f.take().expect("called once"))();
        let done = held
            .cloned()
            .or_else(held::dispatching)
            .filter(|context| address(context) == self.context)
            .and_then(|context| context.with_thread_default(&mut run).ok());
        // Dead, or owned by another thread now: there is no default to set.
        done.unwrap_or_else(run)
    }

    /// The context is dead: everything that waits for it is dropped, uncalled.
    ///
    /// Runs while the context is being finalized, once for each of its sources.
    fn close(&self) {
        if !self.is_open.swap(false, Ordering::AcqRel) {
            return;
        }
        if let Some(deliveries) = &mut *lock(&DELIVERIES)
            && let Some(known) = deliveries.get(&self.context)
            && std::ptr::eq(known.as_ptr(), self)
        {
            deliveries.remove(&self.context);
        }
        let lanes = mem::take(&mut *lock(&self.lanes));
        let left: Vec<_> = lanes.iter().map(|lane| lane.close()).collect();
        let waiting = mem::take(&mut *lock(&self.progress));
        let tasks = lock(&self.tasks).purge(|_| true);
        Home::with(|home| {
            home.collect();
            home.purge(|dead| std::ptr::eq(dead, self));
        });
        sent::announce_death();
        left.into_iter().for_each(lane::Remains::discard);
        // Unlocked: destructors are foreign code.
        progress::discard(waiting);
        drop((lanes, tasks));
    }
}

#[inline]
fn address(context: &MainContext) -> usize {
    context.as_ptr().addr()
}

/// Whether the context at `address` is this thread's default.
#[inline]
fn is_thread_default(address: usize) -> bool {
    match MainContext::thread_default() {
        Some(context) => self::address(&context) == address,
        None => self::address(held::global()) == address,
    }
}

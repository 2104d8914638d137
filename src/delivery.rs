//! Completions onto a `GMainContext`.
//!
//! Each context has one `Delivery`, and in it a *lane* for each priority: a
//! queue, and sources on the context that are dispatched when its bell is
//! rung. Many completions share one dispatch and one wake-up; a dispatch gives
//! way after [`SLICE`].
//!
//! Nothing here owns a reference on the context: not what is queued, and not
//! the sources, which it owns. So that any thread can wake it all the same, the
//! bell is a pipe that the sources watch. They stay attached, dormant, until
//! the context dies; dropping their closures is how a `Delivery` hears of that.

mod lane;

use std::{
    collections::HashMap,
    io, mem,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use glib::{ControlFlow, IOCondition, MainContext, Priority, Source};

pub(crate) use lane::Item;
use lane::Lane;

use crate::{
    control::Control,
    entry::Ties,
    held,
    home::Home,
    lock,
    progress::Report,
    table::{self, Entry, Table},
};

/// For how long one dispatch delivers before it lets other sources run.
const SLICE: Duration = Duration::from_millis(2);

/// How soon what waits for its own thread asks whether that one iterates the
/// context again: each time later, as the thread may be gone.
const RETRY: Duration = Duration::from_millis(10);
const LONGEST_RETRY: Duration = Duration::from_secs(1);

/// The deliveries of all contexts, by their addresses. One that is dead, or
/// that nobody uses, is replaced when its address is looked up.
static DELIVERIES: Mutex<Option<HashMap<usize, Weak<Delivery>>>> = Mutex::new(None);

/// See the module's documentation.
pub(crate) struct Delivery {
    /// The address of the context; only ever compared.
    context: usize,
    lanes: Mutex<Lanes>,
    /// The callbacks that any thread may run.
    tasks: Mutex<Table<dyn Entry + Send>>,
    /// Those who have reported a value that was not delivered yet.
    progress: Mutex<Vec<Arc<dyn Report>>>,
    has_progress: AtomicBool,
}

/// The lanes of a living context; `None` once it is dead.
type Lanes = Option<Vec<Lane>>;

/// What the closure of each source holds: dropped with the context, or as
/// the source could not be attached to a dead one.
struct Anchor(Arc<Delivery>);

impl Drop for Anchor {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Delivery {
    /// The delivery of `context`, with a lane for tasks of `priority`.
    ///
    /// # Errors
    ///
    /// That of `pipe`, when the process is out of descriptors.
    pub(crate) fn of(context: &MainContext, priority: Priority) -> io::Result<Arc<Self>> {
        let address = address(context);
        let delivery = {
            let mut deliveries = lock(&DELIVERIES);
            let deliveries = deliveries.get_or_insert_default();
            let known = deliveries.get(&address).and_then(Weak::upgrade);
            known
                .filter(|delivery| delivery.serves(context))
                .unwrap_or_else(|| {
                    deliveries.retain(|_, delivery| delivery.strong_count() > 0);
                    let new = Arc::new(Self {
                        context: address,
                        lanes: Mutex::new(Some(Vec::new())),
                        tasks: Mutex::new(Table::new()),
                        progress: Mutex::new(Vec::new()),
                        has_progress: AtomicBool::new(false),
                    });
                    deliveries.insert(address, Arc::downgrade(&new));
                    new
                })
        };
        delivery.open_lane(context, priority)?;
        Ok(delivery)
    }

    /// Whether this is the delivery of `context`: not of one that is dead and
    /// had the same address.
    pub(crate) fn serves(&self, context: &MainContext) -> bool {
        self.context == address(context) && self.is_open()
    }

    /// Whether the context lives.
    pub(crate) fn is_open(&self) -> bool {
        lock(&self.lanes).is_some()
    }

    /// Makes sure that `context`, which this is the delivery of, has a lane
    /// for `priority`.
    pub(crate) fn open_lane(
        self: &Arc<Self>,
        context: &MainContext,
        priority: Priority,
    ) -> io::Result<()> {
        let mut lanes = lock(&self.lanes);
        let Some(lanes) = &mut *lanes else {
            return Ok(());
        };
        if lanes.iter().any(|lane| lane.priority == priority) {
            return Ok(());
        }
        let mut lane = Lane::new(priority)?;
        self.attach_source(context, &mut lane);
        lanes.push(lane);
        Ok(())
    }

    fn attach_source(self: &Arc<Self>, context: &MainContext, lane: &mut Lane) {
        let anchor = Anchor(self.clone());
        let priority = lane.priority;
        let source = glib_unix::fd_source_new(
            lane.descriptor(),
            IOCondition::IN,
            Some("qio-task completions"),
            priority,
            move |_, _| {
                anchor.0.dispatch(priority);
                // Closed, though the context lives: somebody destroyed a source.
                if anchor.0.is_open() {
                    ControlFlow::Continue
                } else {
                    ControlFlow::Break
                }
            },
        );
        source.attach(Some(context));
        lane.sources.push(source);
    }

    /// Queues `item` and wakes the context. With the context dead, `item` is
    /// handed back.
    pub(crate) fn push(&self, priority: Priority, item: Item) -> Result<(), Item> {
        let mut lanes = lock(&self.lanes);
        let Some(lane) = find(&mut lanes, priority) else {
            return Err(item);
        };
        lane.queue.push_back(item);
        lane.bell.ring();
        Ok(())
    }

    /// Notes that `reporter` has a value, and wakes the context. With the
    /// context dead, hands back what can't be delivered.
    #[must_use]
    pub(crate) fn push_progress(
        &self,
        priority: Priority,
        reporter: Arc<dyn Report>,
    ) -> Vec<Arc<dyn Report>> {
        let home = reporter.home();
        {
            let mut progress = lock(&self.progress);
            progress.push(reporter);
            // ORDERING: with the lock; a reader that sees it takes the lock.
            self.has_progress.store(true, Ordering::Release);
        }
        match self.push(priority, Item::Progress { home }) {
            Ok(()) => Vec::new(),
            Err(_) => mem::take(&mut *lock(&self.progress)),
        }
    }

    /// Delivers the values that have been reported so far to this thread.
    pub(crate) fn deliver_progress(&self) {
        // ORDERING: a completion that was sent after a report is received
        // through the same lock, so the report is seen.
        if !self.has_progress.load(Ordering::Acquire) {
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

    /// Puts a callback that any thread may run into the context's table.
    pub(crate) fn insert(
        &self,
        make: impl FnOnce(usize) -> Arc<Control>,
        entry: Box<dyn Entry + Send>,
    ) -> Arc<Control> {
        lock(&self.tasks).insert(make, entry)
    }

    /// Delivers to a task whose callback any thread may run.
    pub(crate) fn deliver(&self, control: &Arc<Control>) {
        table::deliver(control, || lock(&self.tasks));
    }

    /// Changes what is undone as a task ends whose callback any thread may run.
    pub(crate) fn change_ties(&self, control: &Arc<Control>, change: impl FnOnce(&mut Ties)) {
        if let Some(ties) = lock(&self.tasks)
            .entry(control)
            .and_then(|entry| entry.ties())
        {
            change(ties);
        }
    }

    /// Runs `f` with the context as the thread's default.
    ///
    /// `held` is the context, from somebody who holds a reference on it. There
    /// is no safe way from here to a context that is not being dispatched: its
    /// last reference might just be dropped on another thread.
    pub(crate) fn within<R>(&self, held: Option<&MainContext>, f: impl FnOnce() -> R) -> R {
        if is_thread_default(self.context) {
            return f();
        }
        let mut f = Some(f);
        let mut run = || (f.take().expect("called once"))();
        let done = held
            .cloned()
            .or_else(|| glib::main_current_source().and_then(|source| source.context()))
            .filter(|context| address(context) == self.context)
            .and_then(|context| context.with_thread_default(&mut run).ok());
        // Dead, or owned by another thread now: there is no default to set.
        done.unwrap_or_else(run)
    }

    /// What a source of the lane for `priority` does when the bell has rung.
    fn dispatch(self: &Arc<Self>, priority: Priority) {
        let Some(source) = glib::main_current_source() else {
            return;
        };
        let iteration = source.time();
        let is_due = self.with_lane(priority, |lane| {
            if lane.depth == 0 && lane.gave_way == Some(iteration) {
                // A sister source has had this iteration's slice.
                return false;
            }
            lane.bell.silence();
            if lane.queue.is_empty() {
                return false;
            }
            lane.depth += 1;
            if lane.sources.len() <= lane.depth
                && let Some(context) = source.context()
            {
                self.attach_source(&context, lane);
            }
            true
        });
        if is_due != Some(true) {
            return;
        }
        let dispatching = Dispatching {
            delivery: self,
            priority,
            source,
        };
        self.within(None, || self.deliver_queue(priority, iteration));
        drop(dispatching);
        held::collect();
    }

    fn deliver_queue(&self, priority: Priority, iteration: i64) {
        let start = Instant::now();
        while let Some(item) = self.with_lane(priority, Lane::next).flatten() {
            item.deliver(self);
            if start.elapsed() >= SLICE {
                self.with_lane(priority, |lane| lane.gave_way = Some(iteration));
                break;
            }
        }
    }

    fn with_lane<R>(&self, priority: Priority, f: impl FnOnce(&mut Lane) -> R) -> Option<R> {
        find(&mut lock(&self.lanes), priority).map(f)
    }

    /// The context is dead: everything that waits for it is dropped, uncalled.
    ///
    /// Runs while the context is being finalized. Whoever holds the lock on
    /// the lanes may still use its sources, so it can't be gone before.
    fn close(&self) {
        let Some(lanes) = lock(&self.lanes).take() else {
            return;
        };
        if let Some(deliveries) = &mut *lock(&DELIVERIES)
            && let Some(known) = deliveries.get(&self.context)
            && std::ptr::eq(known.as_ptr(), self)
        {
            deliveries.remove(&self.context);
        }
        let progress = mem::take(&mut *lock(&self.progress));
        let tasks = lock(&self.tasks).purge(|_| true);
        Home::with(|home| home.purge(|dead| std::ptr::eq(dead, self)));
        // Unlocked: destructors are foreign code.
        drop((lanes, progress, tasks));
    }
}

/// A dispatch on the stack; ends also when a callback unwinds.
struct Dispatching<'a> {
    delivery: &'a Arc<Delivery>,
    priority: Priority,
    source: Source,
}

impl Drop for Dispatching<'_> {
    fn drop(&mut self) {
        self.delivery.with_lane(self.priority, |lane| {
            lane.depth -= 1;
            if lane.queue.is_empty() {
                lane.patience = RETRY;
            }
            if !lane.queue.iter().any(Item::is_for_this_thread) {
                lane.bell.silence();
                if !lane.queue.is_empty()
                    && lane.retry.is_none()
                    && let Some(context) = self.source.context()
                {
                    let patience = lane.patience;
                    lane.patience = (2 * patience).min(LONGEST_RETRY);
                    lane.retry = Some(retry(self.delivery, self.priority, patience, &context));
                }
            }
        });
    }
}

/// Rings the bell of a lane after a while.
fn retry(
    delivery: &Arc<Delivery>,
    priority: Priority,
    patience: Duration,
    context: &MainContext,
) -> Source {
    let delivery = Arc::downgrade(delivery);
    let retry = glib::timeout_source_new(
        patience,
        Some("qio-task completions of another thread"),
        priority,
        move || {
            if let Some(delivery) = delivery.upgrade() {
                delivery.with_lane(priority, |lane| {
                    lane.retry = None;
                    lane.bell.ring();
                });
            }
            ControlFlow::Break
        },
    );
    retry.attach(Some(context));
    retry
}

fn find(lanes: &mut Lanes, priority: Priority) -> Option<&mut Lane> {
    lanes
        .iter_mut()
        .flatten()
        .find(|lane| lane.priority == priority)
}

fn address(context: &MainContext) -> usize {
    context.as_ptr().addr()
}

/// Whether the context at `address` is this thread's default.
fn is_thread_default(address: usize) -> bool {
    self::address(&MainContext::ref_thread_default()) == address
}

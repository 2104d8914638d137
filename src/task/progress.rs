//! [`Progress`]: values from a worker, coalesced to the newest.

use std::{
    cell::{Cell, RefCell},
    fmt,
    panic::Location,
    rc::Rc,
    sync::{Arc, Mutex},
};

use crate::{
    base::{fork, sync::lock},
    node::{
        context_ref::ContextRef,
        home::{self, Home},
        item::Item,
        node::Level,
        registry,
        reports::{self, discard},
    },
    observe::{Hold, Place, Watched},
};

/// Reports values to a closure on the thread that made it.
///
/// The closure runs on the context that was the thread's default when the
/// `Progress` was made, through a source of `G_PRIORITY_DEFAULT_IDLE`.
/// Between two calls values replace each other: intermediate ones may be
/// skipped, the last never. A value that was reported before a task of the
/// same context completes is delivered before that completion.
///
/// Clones report to the same closure. It is dropped, at home, after the last
/// clone is dropped, or with its context.
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use qio_task::{Progress, QioTask};
///
/// # glib::MainContext::new().with_thread_default(|| {
/// let seen = Rc::new(Cell::new(0.0));
/// let progress = Progress::new({
///     let seen = seen.clone();
///     move |fraction: f64| seen.set(fraction)
/// });
/// QioTask::builder()
///     .callback(|_: Result<(), qio_task::Error>| {})
///     .run_in_thread(move |_| {
///         progress.report(0.5);
///         progress.report(1.0);
///         Ok(())
///     })
///     .wait();
/// assert_eq!(seen.get(), 1.0);
/// # }).unwrap();
/// ```
pub struct Progress<T: Send + 'static> {
    reporter: Arc<Reporter<T>>,
}

impl<T: Send + 'static> Progress<T> {
    /// Makes a reporter to `callback`, on this thread and its default context.
    ///
    /// # Panics
    ///
    /// Panics when another thread owns this thread's default context.
    #[track_caller]
    pub fn new(callback: impl FnMut(T) + 'static) -> Self {
        fork::refuse_child();
        let location = Location::caller();
        let level = registry::level(ContextRef::current().get(), PRIORITY);
        let sink: Sink<T> = Sink {
            callback: RefCell::new(Some(Box::new(callback))),
            missed: Cell::new(false),
            location,
        };
        let index = registry::insert_callback(level.clone(), Rc::new(sink));
        let reporter = Reporter {
            value: Mutex::new(None),
            level,
            home: home::here(),
            location,
            index: index.expect("the thread does not end: it had a level just now"),
        };
        Self {
            reporter: Arc::new(reporter),
        }
    }

    /// Reports `value`, from any thread. It replaces one that has not been
    /// delivered yet; with the context gone it is dropped.
    #[track_caller]
    pub fn report(&self, value: T) {
        fork::refuse_child();
        let mut slot = lock(&self.reporter.value);
        let replaced = slot.replace(value);
        // Noted before the value can be replaced by a clone of this, whose
        // report is then as good as noted.
        let undeliverable = match replaced {
            None => self.reporter.note(),
            Some(_) => Vec::new(),
        };
        drop(slot);
        drop(replaced);
        discard(undeliverable);
    }
}

impl<T: Send + 'static> Clone for Progress<T> {
    fn clone(&self) -> Self {
        Self {
            reporter: self.reporter.clone(),
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Progress<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

const PRIORITY: glib::Priority = glib::Priority::DEFAULT_IDLE;

type Callback<T> = Box<dyn FnMut(T)>;

/// What a `Progress` reports to.
struct Sink<T> {
    /// Absent while it runs.
    callback: RefCell<Option<Callback<T>>>,
    /// A value came up, in a nested loop, while it ran.
    missed: Cell<bool>,
    /// Where the `Progress` was made.
    location: &'static Location<'static>,
}

/// The side of a `Progress` that any thread may touch.
struct Reporter<T: Send + 'static> {
    value: Mutex<Option<T>>,
    level: Arc<Level>,
    home: Home,
    location: &'static Location<'static>,
    index: usize,
}

impl<T: Send + 'static> Reporter<T> {
    /// Notes that there is a value. Hands back what can't be delivered.
    #[must_use]
    fn note(self: &Arc<Self>) -> Vec<Arc<dyn reports::Reporter>> {
        let level = &self.level;
        level.queue.per_context.reports.push(level, self.clone())
    }
}

impl<T: Send + 'static> reports::Reporter for Reporter<T> {
    fn home(&self) -> Home {
        self.home
    }

    fn place(&self) -> &'static Location<'static> {
        self.location
    }

    fn deliver(self: Arc<Self>) {
        let Some(sink) = registry::callback(&self.level.queue, self.index) else {
            return self.discard();
        };
        let Some(sink) = sink.downcast_ref::<Sink<T>>() else {
            return;
        };
        let Some(callback) = sink.callback.take() else {
            // It runs further up this stack.
            sink.missed.set(true);
            return;
        };
        let mut calling = Calling {
            reporter: &self,
            sink,
            callback: Some(callback),
        };
        loop {
            // One value: those that come meanwhile have been noted anew, and a
            // reporter that never rests does not hold up the loop.
            let value = lock(&self.value).take();
            if let (Some(value), Some(callback)) = (value, &mut calling.callback) {
                let hold = Hold::begin(|| Watched::Progress {
                    name: None,
                    place: Place::in_rust(sink.location),
                });
                callback(value);
                drop(hold);
            }
            if !sink.missed.take() {
                break;
            }
        }
    }

    fn discard(&self) {
        let value = lock(&self.value).take();
        drop(value);
    }
}

/// Puts the callback back, also when it unwinds: then what it has missed is
/// noted anew.
struct Calling<'a, T: Send + 'static> {
    reporter: &'a Arc<Reporter<T>>,
    sink: &'a Sink<T>,
    callback: Option<Callback<T>>,
}

impl<T: Send + 'static> Drop for Calling<'_, T> {
    fn drop(&mut self) {
        *self.sink.callback.borrow_mut() = self.callback.take();
        if self.sink.missed.take() {
            discard(self.reporter.note());
        }
    }
}

impl<T: Send + 'static> Drop for Reporter<T> {
    fn drop(&mut self) {
        if fork::is_child() {
            return;
        }
        let release = Item::Release {
            home: self.home,
            index: self.index,
        };
        let _ = self.level.push(release);
    }
}

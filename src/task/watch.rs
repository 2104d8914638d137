//! Tasks that the main loop drives instead of a thread.

use std::{
    fmt, fs, io,
    ops::ControlFlow,
    os::fd::{AsRawFd, RawFd},
    sync::{Arc, Mutex},
    time::Duration,
};

use glib::{IOCondition, MainContext, Source, thread_guard::ThreadGuard};

use super::task::QioTask;
use crate::{
    base::{G_LOG_DOMAIN, fork, milliseconds::rounded_up, state::Interrupt, sync::lock},
    context::current::dispatching,
    node::{
        events::{self, Activity, Event},
        item::PassedOver,
        node::NodeRef,
        wrong_thread,
    },
};

/// 49 days: as many milliseconds as a timeout source counts.
pub(super) const LONGEST: Duration = Duration::from_millis(u32::MAX as u64);

/// A task that the main loop drives: what [`QioTask::watch_fd`] and
/// [`QioTask::poll_every`] return.
///
/// Dropping it detaches: the task goes on.
pub struct Watch {
    node: NodeRef,
}

impl Watch {
    /// Cancels the task, from any thread: unless its callback has been called,
    /// it gets [`Error::Cancelled`](crate::Error::Cancelled) through the loop.
    #[doc(alias = "g_cancellable_cancel")]
    #[track_caller]
    pub fn cancel(&self) {
        fork::refuse_child();
        self.node.interrupt(Interrupt::Cancelled);
    }

    /// Whether the task has ended: its callback has returned, or was dropped
    /// with its context.
    #[doc(alias = "g_task_get_completed")]
    pub fn is_finished(&self) -> bool {
        self.node.is_finished()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("name", &self.node.name())
            .field("is_finished", &self.is_finished())
            .finish()
    }
}

impl<T: 'static, E: 'static> QioTask<T, E> {
    /// Hands the task to the main loop: `ready` is called, on this thread and
    /// the task's context, each time one of `condition` holds for the
    /// descriptor, until it breaks with the result; then the task is complete.
    ///
    /// `revents` also tells `ERR`, `HUP` and `NVAL` (closed while watched),
    /// which are always watched for. The source has the task's priority.
    ///
    /// What a descriptor is ready with may be a part of what is needed: `ready` breaks
    /// when the protocol is done, and not when some bytes have come.
    ///
    /// `fd` is kept until the task has ended: a stream is closed then, an
    /// `Rc` of one is let go of. A bare number has to stay open for as long.
    ///
    /// The returned handle can cancel the task; dropping it detaches.
    ///
    /// # Panics
    ///
    /// Panics when the descriptor is closed or negative (found out where the
    /// system has `/proc/self/fd`; elsewhere `ready` is told `NVAL`), and on
    /// another thread than the task's own.
    #[doc(alias = "g_unix_fd_source_new")]
    #[doc(alias = "qio_channel_add_watch")]
    #[track_caller]
    pub fn watch_fd(
        self,
        fd: impl AsRawFd + 'static,
        condition: IOCondition,
        mut ready: impl FnMut(IOCondition) -> std::ops::ControlFlow<Result<T, E>> + 'static,
    ) -> Watch {
        let number = fd.as_raw_fd();
        check_descriptor(number);
        drive(
            self,
            Driver::Descriptor(number, condition),
            move |revents| {
                // Kept with `ready` until the task has ended.
                let _ = &fd;
                ready(revents)
            },
        )
    }

    /// Hands the task to the main loop: `poll` is called, on this thread and
    /// the task's context, every `interval`, until it breaks with the result;
    /// then the task is complete.
    ///
    /// The first call is after one interval, of 49 days at most. It is rounded up to
    /// whole milliseconds, in which GLib counts, so that no call comes early. The source has
    /// the task's priority. The returned handle can cancel the task; dropping it detaches.
    ///
    /// # Panics
    ///
    /// Panics when `interval` is zero, and on another thread than the task's own.
    #[doc(alias = "g_timeout_source_new")]
    #[track_caller]
    pub fn poll_every(
        self,
        interval: Duration,
        mut poll: impl FnMut() -> std::ops::ControlFlow<Result<T, E>> + 'static,
    ) -> Watch {
        assert!(
            !interval.is_zero(),
            "a task can't be polled at an interval of zero"
        );
        drive(self, Driver::Interval(interval), move |_| poll())
    }
}

/// What calls the function of a driven task.
#[derive(Clone, Copy)]
enum Driver {
    Descriptor(RawFd, IOCondition),
    Interval(Duration),
}

/// # Panics
///
/// Panics when the descriptor is known to be closed.
#[track_caller]
fn check_descriptor(fd: RawFd) {
    let is_closed = |fd| {
        fs::symlink_metadata(format!("/proc/self/fd/{fd}"))
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
            && fs::symlink_metadata("/proc/self/fd").is_ok()
    };
    assert!(
        fd >= 0 && !is_closed(fd),
        "a closed descriptor can't be watched: {fd}"
    );
}

/// Attaches the source that drives `task`.
#[track_caller]
fn drive<T: 'static, E: 'static>(
    mut task: QioTask<T, E>,
    driver: Driver,
    mut ready: impl FnMut(IOCondition) -> ControlFlow<Result<T, E>> + 'static,
) -> Watch {
    fork::refuse_child();
    assert!(
        task.is_here(),
        "a task can be driven only by the loop of its own thread; this is another one"
    );
    let node = task.node().clone();
    // The context will own the source, and the source the task.
    let context = task.release_context();
    let mut task = Some(task);
    let id = node.id();
    node.tell(Event::Driven);
    if node.state.drive() {
        node.send();
    }
    let step = move |revents| {
        let busy = events::begin(id, Activity::Steps);
        let flow = ready(revents);
        drop(busy);
        match flow {
            ControlFlow::Continue(()) => glib::ControlFlow::Continue,
            ControlFlow::Break(result) => {
                if let Some(task) = task.take() {
                    task.complete_here(result);
                }
                glib::ControlFlow::Break
            }
        }
    };
    let by_loop = Arc::new(Driven {
        node: node.clone(),
        driver,
        step: Mutex::new(Confined::new(Box::new(step))),
    });
    by_loop.attach(context.get());
    Watch { node }
}

/// What the source of a driven task calls.
type Step = Box<dyn FnMut(IOCondition) -> glib::ControlFlow>;

/// A task that is driven, as its source has it.
struct Driven {
    node: NodeRef,
    driver: Driver,
    /// Locked while it is called; its source is not dispatched in it again.
    step: Mutex<Confined<Step>>,
}

impl Driven {
    /// Attaches a source to `context`, unless the task has ended.
    fn attach(self: &Arc<Self>, context: &MainContext) {
        self.node.with_attached(|attached| {
            let source = self.clone().source();
            source.attach(Some(context));
            attached.driver = Some(source);
        });
    }

    fn source(self: Arc<Self>) -> Source {
        let name = self.node.name().unwrap_or("qio-task driver").to_owned();
        let name = Some(name.as_str());
        let priority = self.node.level.priority();
        match self.driver {
            Driver::Descriptor(fd, condition) => {
                glib_unix::fd_source_new(fd, condition, name, priority, move |_, revents| {
                    self.dispatch(revents)
                })
            }
            Driver::Interval(interval) => {
                // The source cuts off what is no whole millisecond.
                let interval = rounded_up(interval.min(LONGEST));
                glib::timeout_source_new(interval, name, priority, move || {
                    self.dispatch(IOCondition::empty())
                })
            }
        }
    }

    fn dispatch(self: &Arc<Self>, revents: IOCondition) -> glib::ControlFlow {
        let Ok(mut step) = self.step.try_lock() else {
            return glib::ControlFlow::Continue;
        };
        let Some(step) = step.get_mut() else {
            self.clone().wait_for_home();
            return glib::ControlFlow::Break;
        };
        // Cancelled or timed out: its delivery is on the way, and what comes now is too late.
        if self.node.is_interrupted() || self.node.is_finished() {
            return glib::ControlFlow::Break;
        }
        self.node.level.queue.within(None, || step(revents))
    }

    /// Another thread iterates the context. A descriptor that is ready would keep
    /// it from everything else, so the source makes way for a timer.
    fn wait_for_home(self: Arc<Self>) {
        let Some(context) = dispatching() else {
            return;
        };
        let priority = self.node.level.priority();
        let mut driven = Some(self);
        let mut passed_over = PassedOver::default();
        let retry = glib::timeout_source_new(
            RETRY,
            Some("qio-task driver of another thread"),
            priority,
            move || {
                let is_home = driven
                    .as_ref()
                    .is_none_or(|driven| lock(&driven.step).is_here());
                if !is_home {
                    if passed_over.count()
                        && let Some(driven) = &driven
                    {
                        wrong_thread::tell_of_task(&driven.node);
                    }
                    return glib::ControlFlow::Continue;
                }
                let context = dispatching();
                if let (Some(driven), Some(context)) = (driven.take(), context) {
                    driven.attach(&context);
                }
                glib::ControlFlow::Break
            },
        );
        retry.attach(Some(&context));
    }
}

/// How often a driven task looks for its thread while another one iterates its context.
const RETRY: Duration = Duration::from_millis(10);

/// A value that stays on one thread inside of something that may leave it.
/// On any other thread it can't be reached and, at the end, is leaked.
struct Confined<T>(Option<ThreadGuard<T>>);

impl<T> Confined<T> {
    fn new(value: T) -> Self {
        Self(Some(ThreadGuard::new(value)))
    }

    fn is_here(&self) -> bool {
        self.0.as_ref().is_some_and(ThreadGuard::is_owner)
    }

    fn get_mut(&mut self) -> Option<&mut T> {
        self.0
            .as_mut()
            .filter(|guard| guard.is_owner())
            .map(ThreadGuard::get_mut)
    }
}

impl<T> Drop for Confined<T> {
    fn drop(&mut self) {
        if let Some(guard) = self.0.take()
            && !guard.is_owner()
        {
            std::mem::forget(guard);
            glib::g_warning!(
                G_LOG_DOMAIN,
                "a main context died on another thread than a task's own; the task is leaked"
            );
        }
    }
}

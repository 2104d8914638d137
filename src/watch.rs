//! Tasks that the main loop drives instead of a thread.

use std::{fmt, fs, io, ops::ControlFlow, os::fd::RawFd, sync::Arc, time::Duration};

use glib::{IOCondition, thread_guard::ThreadGuard};

use crate::{G_LOG_DOMAIN, QioTask, builder::LONGEST, control::Control, state::Interrupt};

/// A task that the main loop drives: what [`QioTask::watch_fd`] and
/// [`QioTask::poll_every`] return.
///
/// Dropping it detaches: the task goes on.
pub struct Watch {
    control: Arc<Control>,
}

impl Watch {
    /// Cancels the task, from any thread: unless its callback has been called,
    /// it gets [`Error::Cancelled`](crate::Error::Cancelled) through the loop.
    #[doc(alias = "g_cancellable_cancel")]
    pub fn cancel(&self) {
        self.control.interrupt(Interrupt::Cancelled);
    }

    /// Whether the task has ended: its callback has returned, or was dropped
    /// with its context.
    #[doc(alias = "g_task_get_completed")]
    pub fn is_finished(&self) -> bool {
        self.control.is_finished()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("name", &self.control.name())
            .field("is_finished", &self.is_finished())
            .finish()
    }
}

/// What calls the function of a driven task.
#[derive(Clone, Copy)]
pub(crate) enum Driver {
    Descriptor(RawFd, IOCondition),
    Interval(Duration),
}

/// # Panics
///
/// Panics when the descriptor is known to be closed.
#[track_caller]
pub(crate) fn check_descriptor(fd: RawFd) {
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
pub(crate) fn drive<T: 'static, E: 'static>(
    mut task: QioTask<T, E>,
    driver: Driver,
    ready: impl FnMut(IOCondition) -> ControlFlow<Result<T, E>> + 'static,
) -> Watch {
    assert!(
        task.is_here(),
        "a task can be driven only by the loop of its own thread; this is another one"
    );
    let control = task.control().clone();
    // The context will own the source, and the source the task.
    let Some(context) = task.release_context() else {
        return Watch { control };
    };
    let mut confined = Confined::new((Some(task), ready));
    let owner = control.clone();
    let mut step = move |revents| {
        if owner.is_finished() {
            return glib::ControlFlow::Break;
        }
        let Some((task, ready)) = confined.get_mut() else {
            return glib::ControlFlow::Continue;
        };
        owner.lane.delivery.within(None, || match ready(revents) {
            ControlFlow::Continue(()) => glib::ControlFlow::Continue,
            ControlFlow::Break(result) => {
                if let Some(task) = task.take() {
                    task.complete_here(result);
                }
                glib::ControlFlow::Break
            }
        })
    };
    let name = control.name().unwrap_or("qio-task driver").to_owned();
    let name = Some(name.as_str());
    let priority = control.lane.priority();
    let source = match driver {
        Driver::Descriptor(fd, condition) => {
            // Unlike poll(2), GLib reports errors only when asked for them.
            let condition = condition | IOCondition::ERR | IOCondition::HUP | IOCondition::NVAL;
            glib_unix::fd_source_new(fd, condition, name, priority, move |_, revents| {
                step(revents)
            })
        }
        Driver::Interval(interval) => {
            let interval = interval.clamp(Duration::from_millis(1), LONGEST);
            glib::timeout_source_new(interval, name, priority, move || step(IOCondition::empty()))
        }
    };
    let mut attached = None;
    control.with_ties(|ties| {
        source.attach(Some(context.get()));
        attached = Some(());
        ties.driver = Some(source.clone());
    });
    if attached.is_none() {
        // Ended before it was driven; the closure goes with the source.
        source.destroy();
    }
    Watch { control }
}

/// A value that stays on one thread inside of something that may leave it.
/// On any other thread it can't be reached and, at the end, is leaked.
struct Confined<T>(Option<ThreadGuard<T>>);

impl<T> Confined<T> {
    fn new(value: T) -> Self {
        Self(Some(ThreadGuard::new(value)))
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

//! [`Driven`]: a task that the main loop drives, as its source has it.

#[cfg(unix)]
use std::os::fd::RawFd;
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex},
    time::Duration,
};

use gio::prelude::SocketExtManual;
use glib::{IOCondition, MainContext, Source};

use super::{confined::Confined, task::QioTask};
use crate::{
    base::{
        fork,
        milliseconds::{LONGEST, rounded_up},
        sync::lock,
    },
    context::current::dispatching,
    node::{
        events::{self, Activity, Event},
        item::PassedOver,
        node::NodeRef,
        wrong_thread,
    },
};

/// What calls the function of a driven task.
pub(super) enum Driver {
    #[cfg(unix)]
    Descriptor(RawFd, IOCondition),
    Socket(gio::Socket, IOCondition),
    Interval(Duration),
}

/// Attaches the source that drives `task`.
#[track_caller]
pub(super) fn drive<T: 'static, E: 'static>(
    mut task: QioTask<T, E>,
    driver: Driver,
    mut ready: impl FnMut(IOCondition) -> ControlFlow<Result<T, E>> + 'static,
) -> NodeRef {
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
        at_home: Mutex::new(Confined::new((driver, Box::new(step)))),
    });
    by_loop.attach(context.get());
    node
}

/// What the source of a driven task calls.
type Step = Box<dyn FnMut(IOCondition) -> glib::ControlFlow>;

/// A task that is driven, as its source has it.
struct Driven {
    node: NodeRef,
    /// Locked while the step is called; its source is not dispatched in it again.
    at_home: Mutex<Confined<(Driver, Step)>>,
}

impl Driven {
    /// Attaches a source to `context`, unless the task has ended. Called at home.
    fn attach(self: &Arc<Self>, context: &MainContext) {
        self.node.with_attached(|attached| {
            attached.driver = self.source();
            if let Some(source) = &attached.driver {
                source.attach(Some(context));
            }
        });
    }

    /// `None` elsewhere than at home.
    fn source(self: &Arc<Self>) -> Option<Source> {
        let name = self.node.name().unwrap_or("qio-task driver").to_owned();
        let name = Some(name.as_str());
        let priority = self.node.level.priority();
        let this = self.clone();
        let mut at_home = lock(&self.at_home);
        let (driver, _) = at_home.get_mut()?;
        Some(match driver {
            #[cfg(unix)]
            Driver::Descriptor(fd, condition) => {
                glib_unix::fd_source_new(*fd, *condition, name, priority, move |_, revents| {
                    this.dispatch(revents)
                })
            }
            Driver::Socket(socket, condition) => {
                // The task's own cancellable ends the task, and so the source.
                let none = gio::Cancellable::NONE;
                socket.create_source(*condition, none, name, priority, move |_, revents| {
                    this.dispatch(revents)
                })
            }
            Driver::Interval(interval) => {
                // The source cuts off what is no whole millisecond.
                let interval = rounded_up((*interval).min(LONGEST));
                glib::timeout_source_new(interval, name, priority, move || {
                    this.dispatch(IOCondition::empty())
                })
            }
        })
    }

    fn dispatch(self: &Arc<Self>, revents: IOCondition) -> glib::ControlFlow {
        let Ok(mut at_home) = self.at_home.try_lock() else {
            return glib::ControlFlow::Continue;
        };
        let Some((_, step)) = at_home.get_mut() else {
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
                    .is_none_or(|driven| lock(&driven.at_home).is_here());
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

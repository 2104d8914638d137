//! [`Item`]: what is queued for the thread of a context.

use std::{mem, num::NonZero, sync::Arc};

use super::{Level, Queue, Shared};
use crate::{
    arrival::Left,
    context::Due,
    control::{Control, Place},
    home::Home,
    observe,
    sent::{self, Sent},
    state::Interrupt,
    table::{self, Ticket},
};

/// Something to be done on the thread of a context.
pub(crate) enum Item {
    /// A task has been decided, or its completer has ended.
    Task(Arc<Control>),
    /// A task that nobody controls has this result.
    Result {
        place: Place,
        ticket: Ticket,
        port: u32,
        key: usize,
    },
    /// There is a value of a `Progress` of that thread.
    Progress { home: NonZero<u32> },
    /// A `Progress` was dropped.
    Release { home: NonZero<u32>, index: usize },
}

impl Due for Item {
    type Shared = Shared;
    type Timed = Arc<Control>;

    /// A callback that is not `Send` stays on its thread even when another one iterates
    /// the context.
    fn is_for_this_thread(&self) -> bool {
        self.home().is_none_or(|home| home == Home::thread())
    }

    fn is_for_nobody(&self) -> bool {
        self.home().is_some_and(|home| !sent::is_alive(home))
    }

    #[inline]
    fn is_taken_back(&self) -> bool {
        matches!(self, Self::Task(control) if control.is_taken_back())
    }

    fn deliver(self, level: &Arc<Level>) {
        match self {
            Self::Task(control) => control.deliver(),
            Self::Result {
                place,
                ticket,
                port,
                key,
            } => {
                let unwinding = Resend(
                    level,
                    Some(Self::Result {
                        place,
                        ticket,
                        port,
                        key,
                    }),
                );
                level.queue.deliver_progress();
                mem::forget(unwinding);
                let left = Left::Port { port, key };
                match place {
                    Place::Context => {
                        let table = || level.queue.tasks();
                        table::deliver_result(ticket, left, level.priority(), table);
                    }
                    Place::Home(_) => {
                        Home::with(|home| {
                            let table = || home.tasks.borrow_mut();
                            table::deliver_result(ticket, left, level.priority(), table);
                        });
                    }
                }
            }
            Self::Progress { .. } => level.queue.deliver_progress(),
            Self::Release { index, .. } => {
                let released = Home::with(|home| home.sinks.borrow_mut().remove(level, index));
                drop(released);
            }
        }
    }

    /// What it brings is dropped at home.
    fn discard(self) {
        let home = self.home().filter(|home| *home != Home::thread());
        let sent = match self {
            // Those who wait for it are told here, at once.
            Self::Task(control) => match control.bury() {
                Some(left @ Left::Parcel(_)) => Sent::Left(left),
                // Cleared away with its port.
                Some(Left::Port { .. }) => Sent::Death,
                None => return,
            },
            Self::Result { .. } => Sent::Death,
            Self::Progress { .. } | Self::Release { .. } => return,
        };
        match home {
            None => {
                drop(sent);
                Home::with(Home::purge_dead);
            }
            Some(home) => {
                if let Err(sent) = sent::send(home, sent) {
                    mem::forget(sent);
                }
            }
        }
    }

    fn time_out(task: Arc<Control>) {
        task.interrupt(Interrupt::TimedOut);
    }

    fn dispatched() {
        Home::with(Home::collect);
    }

    fn context_died(queue: &Queue, discard: impl FnOnce()) {
        super::bury(queue, discard);
    }
}

impl Item {
    /// Queues it at `level`. With the context dead, what it brings is dropped at home.
    pub(crate) fn queue(self, level: &Level) {
        match &self {
            Self::Task(control) => observe::queued(control.ticket),
            Self::Result { ticket, .. } => observe::queued(*ticket),
            Self::Progress { .. } | Self::Release { .. } => {}
        }
        if let Err(item) = level.push(self) {
            item.discard();
        }
    }

    /// The number of the thread that it is for, if there is such a one.
    fn home(&self) -> Option<NonZero<u32>> {
        let place = match self {
            Self::Task(control) => control.place,
            Self::Result { place, .. } => *place,
            Self::Progress { home } | Self::Release { home, .. } => return Some(*home),
        };
        match place {
            Place::Home(home) => Some(home),
            Place::Context => None,
        }
    }

    /// Whether it delivers to this task.
    pub(crate) fn is_delivery_of(&self, task: &Arc<Control>) -> bool {
        matches!(self, Self::Task(control) if Arc::ptr_eq(control, task))
    }
}

/// Delivers later what could not be delivered now, as foreign code unwound.
struct Resend<'a>(&'a Level, Option<Item>);

impl Drop for Resend<'_> {
    fn drop(&mut self) {
        if let Some(item) = self.1.take() {
            item.queue(self.0);
        }
    }
}

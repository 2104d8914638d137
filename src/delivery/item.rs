//! [`Item`]: what is queued for the thread of a context.

use std::{mem, num::NonZero, sync::Arc};

use super::Lane;
use crate::{
    arrival::Left,
    control::{Control, Place},
    home::Home,
    sent::{self, Sent},
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

impl Item {
    /// Whether this thread can do it: a callback that is not `Send` stays on
    /// its thread even when another one iterates the context.
    pub(super) fn is_for_this_thread(&self) -> bool {
        self.home().is_none_or(|home| home == Home::thread())
    }

    /// The number of the thread that it is for, if there is such a one.
    pub(super) fn home(&self) -> Option<NonZero<u32>> {
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

    /// Of the task that it delivers to.
    #[inline]
    pub(super) fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Task(control) => Some(control.ticket),
            Self::Result { ticket, .. } => Some(*ticket),
            Self::Progress { .. } | Self::Release { .. } => None,
        }
    }

    /// Whether it delivers to this task.
    pub(super) fn is_delivery_of(&self, task: &Arc<Control>) -> bool {
        matches!(self, Self::Task(control) if Arc::ptr_eq(control, task))
    }

    /// Whether what it would deliver has been delivered otherwise.
    #[inline]
    pub(super) fn is_taken_back(&self) -> bool {
        matches!(self, Self::Task(control) if control.is_taken_back())
    }

    /// Has what it brings dropped at home, as its context is dead.
    pub(crate) fn discard(self) {
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

    /// Does it on this thread, which is the right one.
    pub(crate) fn deliver(self, lane: &Arc<Lane>) {
        match self {
            Self::Task(control) => control.deliver(),
            Self::Result {
                place,
                ticket,
                port,
                key,
            } => {
                let unwinding = Resend(
                    lane,
                    Some(Self::Result {
                        place,
                        ticket,
                        port,
                        key,
                    }),
                );
                lane.delivery.deliver_progress();
                mem::forget(unwinding);
                let left = Left::Port { port, key };
                match place {
                    Place::Context => {
                        let table = || lane.delivery.tasks();
                        table::deliver_result(ticket, left, lane.priority(), table);
                    }
                    Place::Home(_) => {
                        Home::with(|home| {
                            let table = || home.tasks.borrow_mut();
                            table::deliver_result(ticket, left, lane.priority(), table);
                        });
                    }
                }
            }
            Self::Progress { .. } => lane.delivery.deliver_progress(),
            Self::Release { index, .. } => {
                let released = Home::with(|home| home.sinks.borrow_mut().remove(lane, index));
                drop(released);
            }
        }
    }
}

/// Delivers later what could not be delivered now, as foreign code unwound.
struct Resend<'a>(&'a Lane, Option<Item>);

impl Drop for Resend<'_> {
    fn drop(&mut self) {
        if let Some(item) = self.1.take()
            && let Err(item) = self.0.push(item)
        {
            item.discard();
        }
    }
}

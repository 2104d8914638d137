//! What a context's queue asks of an [`Item`], and what comes of it and of what is [`Timed`].

use super::{
    events,
    home::{self, Home},
    item::{Item, Timed},
    mailbox,
    node::{NodeRef, Queue},
    per_context::PerContext,
    registry, wrong_thread,
};
use crate::{base::state::Interrupt, context::Due};

impl Due for Item<NodeRef> {
    type PerContext = PerContext;
    type Timed = Timed<NodeRef>;

    /// A callback that is not `Send` stays on its thread even when another one iterates
    /// the context.
    #[inline]
    fn is_for_this_thread(&self) -> bool {
        home_of(self).is_none_or(|home| home == home::here())
    }

    fn is_for_nobody(&self) -> bool {
        home_of(self).is_some_and(|home| !mailbox::is_alive(home))
    }

    #[inline]
    fn is_taken_back(&self) -> bool {
        matches!(self, Self::Task(node, _) if node.state.is_taken_back())
    }

    fn deliver(self, queue: &Queue) {
        match self {
            Self::Task(node, _) => node.deliver(),
            Self::Report { number, .. } => queue.per_context.reports.deliver(number),
            Self::Release { index, .. } => drop(registry::remove_callback(queue, index)),
        }
    }

    fn pass_over(&mut self, queue: &Queue) -> Option<Self> {
        wrong_thread::pass_over(self, queue)
    }

    fn tell_passed_over(self, queue: &Queue) {
        wrong_thread::tell(&self, queue);
    }

    #[inline]
    fn iterated(queue: &Queue) -> bool {
        queue.per_context.iterated.note()
    }

    fn time_out(timed: Timed<NodeRef>, queue: &Queue) {
        match timed {
            Timed::Task(node) => node.interrupt(Interrupt::TimedOut),
            Timed::Inactive(node) => node.look_for_life(),
            Timed::Report(number) => queue.per_context.reports.send(number),
        }
    }

    fn dispatched() {
        registry::collect();
    }

    fn context_died(queue: &Queue) {
        events::context_died(queue.context_address());
        registry::drop_all_of(queue);
    }
}

/// The thread that something is for, if there is such a one.
fn home_of(item: &Item<NodeRef>) -> Option<Home> {
    match item {
        Item::Task(node, _) => node.home,
        Item::Report { home, .. } => *home,
        Item::Release { home, .. } => Some(*home),
    }
}

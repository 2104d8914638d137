//! The places of workers in groups with a limit: of which tasks, and who gives them back.

use glib::translate::IntoGlib;

use super::{
    events::{self, Event, WaitsFor},
    node::NodeRef,
};
use crate::base::{
    limits::{Grouped, Limits, Next, State},
    sync::{Condvar, Mutex},
};

pub(crate) static LIMITS: Limits<NodeRef> = Limits {
    state: Mutex::new(State::EMPTY),
    given_back: Condvar::new(),
};

impl Grouped for NodeRef {
    fn groups(&self) -> &[usize] {
        match (self.membership(), &self.group) {
            (Some(membership), _) => membership.limits(),
            (None, Some(group)) => group.limits(),
            (None, None) => &[],
        }
    }

    fn priority(&self) -> i32 {
        self.level.priority().into_glib()
    }

    fn is_wanted(&self) -> bool {
        self.state.is_waiting()
    }
}

/// Hands the task back if its worker may have a thread now; else it waits for its places.
#[inline]
pub(super) fn take(node: NodeRef) -> Option<NodeRef> {
    if node.groups().is_empty() {
        return Some(node);
    }
    take_places(node)
}

/// Likewise, of one that is in a group.
fn take_places(node: NodeRef) -> Option<NodeRef> {
    // It is given away where it waits.
    let observed = events::observer().map(|_| node.clone());
    let taken = LIMITS.take(node).map(now_has_places);
    if let (None, Some(observed)) = (&taken, observed) {
        observed.tell(Event::Limited);
    }
    taken
}

/// The worker of a task has returned, or never will run, or waits for other tasks: gives its
/// places back, if it has any. Hands out the tasks whose workers have them now.
pub(super) fn give_back(node: &NodeRef) -> impl Iterator<Item = NodeRef> {
    let had_places = node.set_has_places(false);
    // As many as there are places may go on.
    let count = if had_places { node.groups().len() } else { 0 };
    let mut is_first = true;
    (0..count).map_while(move |_| {
        let groups = node.groups();
        let next = if std::mem::take(&mut is_first) {
            LIMITS.give_back(groups)
        } else {
            LIMITS.next(groups)
        };
        taken(next)
    })
}

/// A group has more places now. Hands out the tasks whose workers have them.
pub(crate) fn of_group(group: usize) -> impl Iterator<Item = NodeRef> {
    std::iter::from_fn(move || taken(LIMITS.next(&[group])))
}

fn taken(next: Next<NodeRef>) -> Option<NodeRef> {
    let Next { job, gone } = next;
    drop(gone);
    job.map(now_has_places)
}

fn now_has_places(node: NodeRef) -> NodeRef {
    node.set_has_places(true);
    node
}

/// Blocks until the worker of a task has the places again that it has lent.
pub(super) fn return_to(node: &NodeRef) {
    events::waiting_for(WaitsFor::Place, || LIMITS.return_to(node.groups()));
    node.set_has_places(true);
}

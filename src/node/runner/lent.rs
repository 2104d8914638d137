//! [`Lent`]: the places of a worker in its groups, which others have while it waits for another
//! task.

use std::cell::{Cell, RefCell};

use crate::node::{limits, node::NodeRef};

thread_local! {
    /// Whether there is one: to look at it costs more, as it has a destructor.
    static HAS_WORKING: Cell<bool> = const { Cell::new(false) };
    /// The task whose worker runs on this thread, if it is in groups.
    static WORKING: RefCell<Option<NodeRef>> = const { RefCell::new(None) };
}

/// The worker of `task`, which is in groups, starts on this thread.
pub(super) fn begin(task: NodeRef) {
    WORKING.set(Some(task));
    HAS_WORKING.set(true);
}

/// It has nothing more to do: places that it has lent it does not need back.
#[inline]
pub(super) fn end() {
    if HAS_WORKING.replace(false) {
        // Gone where the thread ends in the middle of its worker.
        let _ = WORKING.try_with(RefCell::take);
    }
}

/// The task whose worker runs on this thread.
pub(super) fn working() -> Option<NodeRef> {
    if !HAS_WORKING.get() {
        return None;
    }
    let working = WORKING.try_with(|working| working.borrow().clone());
    working.ok().flatten()
}

/// Dropped, it blocks this thread until its worker has its places again.
pub(super) struct Lent;

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(task) = working() {
            limits::return_to(&task);
        }
    }
}

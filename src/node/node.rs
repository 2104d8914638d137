//! [`NodeRef`]: a reference on the one allocation that is a task, whatever its types are.
//!
//! Two of its places are not for everybody, and the state says whose they are:
//!
//! | place | filled | read |
//! |---|---|---|
//! | the callback | as the node is made | once, at home: by who takes the task, or withdraws it |
//! | the slot, with the worker's function | before `State::submit_worker` | by who starts the worker, or who ends the task before |
//! | the slot, with the result | by the completer, before `State::complete` | by whom that, or a later change, gives it to |
//!
//! Whoever gets one of them here gets it as a value of its own, which can be had once.
//!
//! *Home* is the thread that made the node, where the callback may be anything. It is any
//! thread, one at a time, where the callback and the result are [`Send`].
//!
//! What depends on the types is in [`completer`](super::completer).
#![allow(unsafe_code)]

use std::{
    cell::UnsafeCell,
    io,
    mem::{self, ManuallyDrop},
    ops::Deref,
    ptr::NonNull,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering, fence},
    },
};

use super::{
    callback::Details,
    events::{self, Activity, Busy, Event},
    group,
    header::Header,
    home,
    item::Item,
};
use crate::{
    base::{
        foreign,
        quietly::quietly,
        state::{Interrupt, Leftover, Taken, Verdict},
    },
    context,
};

/// What is due on a context.
pub(crate) type Queue = context::Queue<Item<NodeRef>>;

/// What is due at one priority of it.
pub(crate) type Level = context::Level<Item<NodeRef>>;

/// Tasks that belong together.
pub(crate) type Group = group::Group<NodeRef>;

/// The side of a task that any thread may touch.
pub(crate) type TaskHeader = Header<Arc<Level>, Arc<Group>>;

/// What all nodes have.
#[repr(C)]
pub(super) struct NodeHead {
    pub(super) references: AtomicUsize,
    pub(super) functions: &'static Functions,
    /// Whose the slot is when the function of a worker is in it.
    pub(super) worker: UnsafeCell<Option<&'static WorkerFunctions>>,
    pub(super) header: TaskHeader,
}

/// What depends on the types of a node. Each is called with a pointer to one that has them.
pub(super) struct Functions {
    /// Calls the callback, which is the caller's, as is the result, if there is one.
    pub(super) deliver: unsafe fn(NonNull<NodeHead>, Taken),
    /// The same for one who has the node alone, which is freed before the callback is called.
    pub(super) deliver_alone: unsafe fn(NonNull<NodeHead>, Taken),
    /// Likewise, with this result, of the node's types, which is moved from there.
    pub(super) complete_alone: unsafe fn(NonNull<NodeHead>, *mut ()),
    pub(super) drop_callback: unsafe fn(NonNull<NodeHead>),
    pub(super) drop_result: unsafe fn(NonNull<NodeHead>),
    /// The same at home, where a worker's is not to hold up the loop.
    pub(super) discard_result: unsafe fn(NonNull<NodeHead>),
    pub(super) source: unsafe fn(NonNull<NodeHead>) -> Option<glib::Object>,
    pub(super) tell_leaked: unsafe fn(NonNull<NodeHead>),
    pub(super) async_result: unsafe fn(NonNull<NodeHead>) -> Option<gio::AsyncResult>,
    pub(super) free: unsafe fn(NonNull<NodeHead>),
}

/// What depends on the type of a worker's function. Each but the last is called with a node
/// whose slot has one of that type, which is the caller's.
pub(super) struct WorkerFunctions {
    pub(super) run: unsafe fn(NodeRef, Option<Box<dyn Busy>>),
    pub(super) refuse: unsafe fn(NodeRef, io::Error),
    pub(super) drop: unsafe fn(&NodeRef),
    /// Drops what the function has left, which nobody wants: a result of the node's types, which
    /// is moved from there.
    pub(super) discard: unsafe fn(*mut ()),
}

/// A counted reference on a node of any types.
pub(crate) struct NodeRef(pub(super) NonNull<NodeHead>);

// SAFETY: the header is for any thread (`assert_header_is_shared`), the count is atomic, and
// each of the other places is touched by one thread at a time, whose they are by the state.
// What is at home is touched there alone, and a node whose callback was not taken is never
// freed, but leaked.
unsafe impl Send for NodeRef {}
// SAFETY: as above: a reference does no more than an owner does.
unsafe impl Sync for NodeRef {}

const fn assert_header_is_shared<H: Send + Sync>() {}
const _: () = assert_header_is_shared::<TaskHeader>();

impl Clone for NodeRef {
    #[inline]
    fn clone(&self) -> Self {
        // ORDERING: the new reference is made from one that is there.
        self.shared().references.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

impl Drop for NodeRef {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: what was done with this reference comes before the node is freed.
        if self.shared().references.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            let functions = self.shared().functions;
            // SAFETY: it was the last reference, and the functions are those of its types.
            unsafe { (functions.free)(self.0) };
        }
    }
}

impl Deref for NodeRef {
    type Target = TaskHeader;

    #[inline]
    fn deref(&self) -> &TaskHeader {
        &self.shared().header
    }
}

impl PartialEq for NodeRef {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl TaskHeader {
    pub(super) fn details(&self) -> Details<'_> {
        Details {
            name: self.name(),
            priority: self.level.priority(),
        }
    }
}

impl NodeRef {
    #[inline]
    pub(super) fn shared(&self) -> &NodeHead {
        // SAFETY: this reference keeps the node, and nobody has it exclusively.
        unsafe { self.0.as_ref() }
    }

    /// Whether this is the task's home, there is one other reference, which is the registry's
    /// while the task is there, and nothing by which the task could be ended otherwise.
    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        // ORDERING: what those did who have let go of theirs comes before.
        self.shared().references.load(Ordering::Acquire) == 2
            && self.is_home()
            && self.extra().is_none()
    }

    /// Whether [`is_alone`](Self::is_alone) is so, where a task is about to be delivered; its group,
    /// if it has one, then only counts it.
    #[inline]
    pub(super) fn is_alone_now(&self) -> bool {
        match &self.group {
            None => self.is_alone(),
            Some(group) => self.leave_group_alone(group),
        }
    }

    fn leave_group_alone(&self, group: &Group) -> bool {
        // The group's is the third.
        if self.shared().references.load(Ordering::Acquire) != 3
            || !self.is_home()
            || self.extra().is_some()
        {
            return false;
        }
        // Whoever has found it there until now has a reference, too.
        let key = self.key.forget();
        drop(key.and_then(|key| group.forget(key)));
        // One that was not let in is not counted.
        self.key.is_counted() && self.is_alone()
    }

    /// Makes this and the reference that the registry had the only one, if they are.
    #[inline]
    pub(super) fn into_alone(self, registered: Self) -> Result<Alone, Self> {
        if self == registered && self.is_alone() {
            mem::forget(registered);
            Ok(Alone(ManuallyDrop::new(self).0))
        } else {
            Err(self)
        }
    }

    /// Whether there is no other reference.
    #[cfg(feature = "capi")]
    pub(crate) fn is_last(&self) -> bool {
        self.shared().references.load(Ordering::Acquire) == 1
    }

    /// Whether the callback may be touched on this thread.
    pub(super) fn may_touch_callback_here(&self) -> bool {
        self.home.is_none_or(|home| home == home::here())
    }

    /// Takes the callback, if the task is decided, nobody has taken it, and this is its home.
    pub(super) fn take_callback(&self) -> Option<TakenCallback<'_>> {
        if !self.may_touch_callback_here() {
            return None;
        }
        let taken = self.state.take()?;
        self.tell(Event::Delivered(taken.verdict));
        Some(TakenCallback { node: self, taken })
    }

    /// Takes the callback back, to be dropped uncalled, unless somebody has taken it.
    pub(super) fn withdraw_callback(&self) -> Option<Uncalled> {
        let what = self.state.withdraw()?;
        Some(Uncalled {
            node: self.clone(),
            what,
            has_callback: true,
        })
    }

    /// Ends the task from outside, unless it is too late. Says whether a delivery has to be
    /// sent, and hands out the function of a worker that never will run.
    pub(super) fn interrupt_state(&self, why: Interrupt) -> (bool, Option<Unstarted<'_>>) {
        let interrupted = self.state.interrupt(why);
        let unstarted = interrupted.drop_worker.then(|| Unstarted(self));
        (interrupted.send, unstarted)
    }

    /// The context is dead, and could not be sent to: drops the result that the completer has
    /// left here, if it is here.
    pub(super) fn drop_unsent_result(&self) {
        if self.state.take_result() {
            // SAFETY: the state has given it to this thread, which has made it, or for which
            // its types are `Send`, as the completer came here.
            unsafe { self.drop_result() };
        }
    }

    /// # Safety
    ///
    /// There is a result, it is the caller's, and may be dropped on this thread.
    pub(super) unsafe fn drop_result(&self) {
        foreign::untimed();
        // SAFETY: the caller's, and the functions are those of its types.
        quietly(|| unsafe { (self.shared().functions.drop_result)(self.0) });
    }

    /// The worker has a thread, which is this one: calls it, unless the task has ended. Hands it
    /// back then.
    pub(crate) fn run_worker(self) -> Option<Self> {
        // Told before the worker starts: from then on the task may end, and those who look would
        // forget it while its worker runs.
        let busy = events::begin(self.id(), Activity::Works);
        if !self.state.start_worker() {
            return Some(self);
        }
        self.begin_life();
        // SAFETY: the state has given the slot, with the function in it, to this thread.
        unsafe { (self.worker_functions().run)(self, busy) };
        None
    }

    /// There is no thread to be had for the worker: ends the task, unless it has ended. Hands it
    /// back then.
    pub(crate) fn refuse_worker(self, error: io::Error) -> Option<Self> {
        if !self.state.start_worker() {
            return Some(self);
        }
        // SAFETY: as in `run_worker`.
        unsafe { (self.worker_functions().refuse)(self, error) };
        None
    }

    /// # Safety
    ///
    /// The task has been handed to a worker.
    unsafe fn worker_functions(&self) -> &'static WorkerFunctions {
        // SAFETY: it is written before that, and never again.
        let functions = unsafe { *self.shared().worker.get() };
        functions.expect("they are put there with the function")
    }

    /// The object that the task is about. `None` when it has none, when the callback was
    /// taken, and away from home.
    pub(crate) fn source(&self) -> Option<glib::Object> {
        if !self.is_callback_here() {
            return None;
        }
        // SAFETY: the functions are those of its types, the callback is there, and only this
        // thread takes it.
        unsafe { (self.shared().functions.source)(self.0) }
    }

    /// The task as GIO sees it. `None` as for [`source`](Self::source).
    #[allow(dead_code, reason = "where the backend has one")]
    pub(crate) fn async_result(&self) -> Option<gio::AsyncResult> {
        if !self.is_callback_here() {
            return None;
        }
        // SAFETY: as in `source`. Nobody else looks at what is at home meanwhile: to return the
        // private object, to make the task's own, and to reference what is referenced runs no
        // foreign code.
        unsafe { (self.shared().functions.async_result)(self.0) }
    }
}

/// The callback of a task, here at home, with its result.
pub(super) struct TakenCallback<'a> {
    node: &'a NodeRef,
    taken: Taken,
}

impl TakenCallback<'_> {
    pub(super) fn verdict(&self) -> Verdict {
        self.taken.verdict
    }

    pub(super) fn call(self) {
        // SAFETY: the functions are those of its types. This was made at home, which it can't
        // leave, from what the state has given once.
        unsafe { (self.node.shared().functions.deliver)(self.node.0, self.taken) };
    }
}

/// The function of a worker that never will run; it is dropped with this.
pub(super) struct Unstarted<'a>(&'a NodeRef);

impl Drop for Unstarted<'_> {
    fn drop(&mut self) {
        // SAFETY: the state has given the slot, with the function in it, to this alone.
        quietly(|| unsafe { (self.0.worker_functions().drop)(self.0) });
    }
}

/// What is left of a task whose callback never will be called. What is not dropped is leaked.
pub(super) struct Uncalled {
    node: NodeRef,
    what: Leftover,
    has_callback: bool,
}

impl Uncalled {
    pub(super) fn node(&self) -> &NodeRef {
        &self.node
    }

    /// Drops the function of the worker, if that has not started.
    pub(super) fn drop_worker(&mut self) {
        if mem::take(&mut self.what.has_worker) {
            drop(Unstarted(&self.node));
        }
    }

    /// Drops the callback, and the result if there is one. Elsewhere than at home nothing is
    /// done, and nothing on a second call.
    pub(super) fn drop_callback(&mut self) {
        if !self.node.may_touch_callback_here() || !mem::take(&mut self.has_callback) {
            return;
        }
        // SAFETY: this is home. What the state has given is dropped once.
        unsafe {
            if self.what.has_result {
                (self.node.shared().functions.discard_result)(self.node.0);
            }
            (self.node.shared().functions.drop_callback)(self.node.0);
        }
    }

    /// Home ends, and the callback is leaked: tells who waits for it elsewhere.
    pub(super) fn tell_leaked_callback(&self) {
        if self.node.may_touch_callback_here() && self.has_callback {
            // SAFETY: this is home, and the callback is there.
            unsafe { (self.node.shared().functions.tell_leaked)(self.node.0) };
        }
    }
}

/// The only reference on a node that is at home here.
pub(super) struct Alone(NonNull<NodeHead>);

impl Alone {
    pub(super) fn node(&self) -> NonNull<NodeHead> {
        self.0
    }

    #[inline]
    pub(super) fn tell(&self, event: Event) {
        // SAFETY: nobody else has the node, which is there until this is used up.
        unsafe { self.0.as_ref() }.header.tell(event);
    }

    /// Calls the callback, if the task has been decided.
    #[inline]
    pub(super) fn deliver(self) {
        // SAFETY: the functions are those of its types, nobody else has the node, and it is
        // given up here. The state says whether the callback is there, and a result.
        unsafe {
            let shared = self.0.as_ref();
            if let Some(taken) = shared.header.state.verdict() {
                self.tell(Event::Delivered(taken.verdict));
                (shared.functions.deliver_alone)(self.0, taken);
            }
        }
    }
}

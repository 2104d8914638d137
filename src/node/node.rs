//! [`Node`]: the one allocation that is a task, and all that is unsafe about it.
//!
//! Three of its places are not for everybody, and the state says whose they are:
//!
//! | place | filled | read |
//! |---|---|---|
//! | the callback | as the node is made | once, at home: by who takes the task, or withdraws it |
//! | the result | by the completer, before `State::complete` | by whom that, or a later change, gives it to |
//! | the worker | before `State::submit_worker` | by who starts it, or who ends the task before |
//!
//! *Home* is the thread that made the node, where the callback may be anything. It is any
//! thread, one at a time, where the callback and the result are [`Send`].
#![allow(unsafe_code)]

use std::{
    cell::UnsafeCell,
    io,
    marker::PhantomData,
    mem::{self, ManuallyDrop, MaybeUninit},
    ops::Deref,
    ptr::NonNull,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering, fence},
    },
};

use super::{
    backend,
    callback::{self, About, Callback},
    due::Level,
    extra::Extra,
    header::{Details, Header, Withdrawn},
    registry,
};
use crate::{
    Error,
    base::state::{Interrupt, Taken, Verdict},
    observe::Busy,
    runner::{self, drop_quietly},
};

/// The function of a worker, with its completer.
pub(crate) trait WorkerFunction: Send {
    /// Called on a worker thread. `busy` says so to those who look.
    fn run(self: Box<Self>, busy: Option<Box<Busy>>);
    /// Called instead, when there is no thread to be had.
    fn refuse(self: Box<Self>, error: io::Error);
}

/// The allocation. The header comes first, so that a pointer to one is a pointer to the
/// other; the result next, so that its place does not depend on the callback's type.
#[repr(C)]
struct Node<T, E, C> {
    shared: Shared,
    result: UnsafeCell<MaybeUninit<Result<T, Error<E>>>>,
    at_home: UnsafeCell<MaybeUninit<AtHome<C>>>,
}

/// What all nodes have.
#[repr(C)]
struct Shared {
    references: AtomicUsize,
    functions: &'static Functions,
    worker: UnsafeCell<Option<Box<dyn WorkerFunction>>>,
    header: Header,
}

struct AtHome<C> {
    callback: C,
    task: backend::Task,
}

/// What depends on the types of a node. Each is called with a pointer to one that has them.
struct Functions {
    /// Calls the callback, which is the caller's, as is the result, if there is one.
    deliver: unsafe fn(NonNull<Shared>, Taken),
    /// Calls the callback with this result, of the node's types; frees the node before.
    deliver_alone: unsafe fn(NonNull<Shared>, *mut ()),
    drop_callback: unsafe fn(NonNull<Shared>),
    drop_result: unsafe fn(NonNull<Shared>),
    source: unsafe fn(NonNull<Shared>) -> Option<glib::Object>,
    abandon: unsafe fn(NonNull<Shared>),
    async_result: unsafe fn(NonNull<Shared>) -> Option<gio::AsyncResult>,
    free: unsafe fn(NonNull<Shared>),
}

/// A counted reference on a node of any types.
pub(crate) struct NodeRef(NonNull<Shared>);

// SAFETY: the header is for any thread (`assert_header_is_shared`), the count is atomic, and
// each of the other places is touched by one thread at a time, whose they are by the state.
// What is at home is touched there alone, and a node whose callback was not taken is never
// freed, but leaked.
unsafe impl Send for NodeRef {}
// SAFETY: as above: a reference does no more than an owner does.
unsafe impl Sync for NodeRef {}

const fn assert_header_is_shared<H: Send + Sync>() {}
const _: () = assert_header_is_shared::<Header>();

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
    type Target = Header;

    #[inline]
    fn deref(&self) -> &Header {
        &self.shared().header
    }
}

impl PartialEq for NodeRef {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl NodeRef {
    #[inline]
    fn shared(&self) -> &Shared {
        // SAFETY: this reference keeps the node, and nobody has it exclusively.
        unsafe { self.0.as_ref() }
    }

    /// Whether there is one other reference, which is the registry's while the task is
    /// there, and nothing by which the task could be ended otherwise.
    #[inline]
    fn is_alone(&self) -> bool {
        // ORDERING: what those did who have let go of theirs comes before.
        self.shared().references.load(Ordering::Acquire) == 2 && self.extra().is_none()
    }

    /// Whether there is no other reference.
    #[cfg(feature = "capi")]
    pub(crate) fn is_last(&self) -> bool {
        self.shared().references.load(Ordering::Acquire) == 1
    }

    /// Calls the callback, which `State::take` has given to the caller. Called at home.
    pub(super) fn call_back(&self, taken: Taken) {
        // SAFETY: the functions are those of its types. Home is the caller's word, and
        // `taken` says what is there.
        unsafe { (self.shared().functions.deliver)(self.0, taken) };
    }

    /// Drops the callback uncalled, which `State::withdraw` has given to the caller.
    /// Called at home.
    pub(super) fn drop_callback(&self) {
        // SAFETY: as in `call_back`.
        unsafe { (self.shared().functions.drop_callback)(self.0) };
    }

    /// Drops the result, which is the caller's. Called at home, or where it was made.
    pub(super) fn drop_result(&self) {
        // SAFETY: as in `call_back`.
        runner::quietly(|| unsafe { (self.shared().functions.drop_result)(self.0) });
    }

    /// Takes the worker's function, which is the caller's.
    pub(super) fn take_worker(&self) -> Option<Box<dyn WorkerFunction>> {
        // SAFETY: the state has given it to the caller alone.
        unsafe { (*self.shared().worker.get()).take() }
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

    /// Home ends: tells who waits for the callback elsewhere. Called there, with a callback
    /// that `State::withdraw` has given to the caller, who leaks it.
    pub(super) fn abandon(&self) {
        // SAFETY: the functions are those of its types. Home is the caller's word; what was
        // withdrawn is there until the caller drops it.
        unsafe { (self.shared().functions.abandon)(self.0) };
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

/// Who is to complete a task, once: a node of these types.
pub(crate) struct Completer<T, E> {
    node: NodeRef,
    /// A result may be left on any thread where both may go.
    types: PhantomData<Mutex<Result<T, Error<E>>>>,
}

/// What a node is made of, besides its callback.
pub(crate) struct Parts<'a> {
    pub(crate) level: Arc<Level>,
    pub(crate) cancellable: Option<&'a gio::Cancellable>,
    pub(crate) extra: Option<Box<Extra>>,
    pub(crate) keeps_success: bool,
}

impl<T: 'static, E: 'static> Completer<T, E> {
    /// Makes a node whose callback stays on this thread.
    #[inline]
    pub(crate) fn at_home(parts: Parts<'_>, callback: impl Callback<T, E> + 'static) -> Self {
        Self::make(parts, true, callback)
    }

    /// Makes a node whose callback runs on whichever thread iterates its context.
    pub(crate) fn anywhere(parts: Parts<'_>, callback: impl Callback<T, E> + Send + 'static) -> Self
    where
        T: Send,
        E: Send,
    {
        let completer = Self::make(parts, false, callback);
        let node = completer.node();
        if !node.level.queue.is_open() {
            // Another thread has just destroyed a source of the queue, and what the queue
            // kept was dropped: either with this node, or before it was there.
            let registered = registry::remove(node);
            drop((registered, Withdrawn::new(node.clone())));
        }
        completer
    }

    #[inline]
    fn make<C: Callback<T, E> + 'static>(parts: Parts<'_>, is_local: bool, callback: C) -> Self {
        let cancellable = parts.cancellable;
        let header = Header::new(parts, is_local);
        let task = if is_local {
            let source = callback.source();
            let about = About {
                source,
                cancellable,
            };
            backend::Task::new(header.details(), about)
        } else {
            backend::Task::default()
        };
        let node = Box::new(Node::<T, E, C> {
            shared: Shared {
                // This one's, and the registry's.
                references: AtomicUsize::new(2),
                functions: Node::<T, E, C>::FUNCTIONS,
                worker: UnsafeCell::new(None),
                header,
            },
            result: UnsafeCell::new(MaybeUninit::uninit()),
            at_home: UnsafeCell::new(MaybeUninit::new(AtHome { callback, task })),
        });
        // The pointer is one to the whole node, by whatever it is known later.
        let node = NonNull::from(Box::leak(node)).cast::<Shared>();
        registry::insert(NodeRef(node));
        Self {
            node: NodeRef(node),
            types: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn node(&self) -> &NodeRef {
        &self.node
    }

    /// Leaves `result`. Says whether it is wanted, and a delivery is due; else it is
    /// dropped here, where it was made.
    #[inline]
    pub(super) fn leave(self, result: Result<T, Error<E>>) -> (NodeRef, bool) {
        let success = result.is_ok();
        let node = self.node.0.cast::<Node<T, E, ()>>().as_ptr();
        // SAFETY: the node has these types, and the slot's place does not depend on the
        // callback's. It is the completer's, of which there is one, which ends here; nobody
        // reads it before `complete`.
        unsafe { (*UnsafeCell::raw_get(&raw const (*node).result)).write(result) };
        let is_wanted = self.node.state.complete(success);
        if !is_wanted {
            self.node.drop_result();
            self.node.state.end_late();
        }
        (self.node, is_wanted)
    }

    /// Ends the task here, if nobody else can: calls the callback. Else hands `result` back.
    /// Called at home.
    #[inline]
    pub(crate) fn complete_alone(
        self,
        result: Result<T, Error<E>>,
    ) -> Result<(), (Self, Result<T, Error<E>>)> {
        if !self.node.is_alone() {
            return Err((self, result));
        }
        // The other reference need not be the registry's: a task that is being dropped, with
        // its context or with its thread, belongs to who drops it, who may be further up
        // this stack.
        let Some(registered) = registry::remove(&self.node) else {
            return Err((self, result));
        };
        // Both go with the node.
        mem::forget(registered);
        let node = ManuallyDrop::new(self.node);
        node.state.take_alone();
        let mut result = ManuallyDrop::new(result);
        // SAFETY: there were two references, and both are given up here: the registry's was
        // taken out and forgotten, and this one is not dropped. So nobody else has the node.
        // The result is of the node's types, and is read once.
        unsafe { (node.shared().functions.deliver_alone)(node.0, (&raw mut result).cast()) };
        Ok(())
    }

    /// Puts the worker's function in its place. Says whether it waits for a thread now; else
    /// the task has ended before, and the function is dropped.
    pub(crate) fn submit_worker(self, make: impl FnOnce(Self) -> Box<dyn WorkerFunction>) -> bool {
        let node = self.node.clone();
        let worker = make(self);
        // SAFETY: until `submit_worker` has said otherwise it is the completer's place.
        unsafe { *node.shared().worker.get() = Some(worker) };
        let is_waiting = node.state.submit_worker();
        if !is_waiting {
            drop_quietly(node.take_worker());
        }
        is_waiting
    }
}

impl<T: 'static, E: 'static, C: Callback<T, E> + 'static> Node<T, E, C> {
    const FUNCTIONS: &'static Functions = &Functions {
        deliver: Self::deliver,
        deliver_alone: Self::deliver_alone,
        drop_callback: Self::drop_callback,
        drop_result: Self::drop_result,
        source: Self::source,
        abandon: Self::abandon,
        async_result: Self::async_result,
        free: Self::free,
    };

    /// # Safety
    ///
    /// As [`Functions::deliver`] says.
    unsafe fn deliver(shared: NonNull<Shared>, taken: Taken) {
        // SAFETY: the caller's. Both are moved out of their places, once.
        let (AtHome { callback, task }, result) = unsafe {
            let node = shared.cast::<Self>().as_ref();
            let at_home = (*node.at_home.get()).assume_init_read();
            let result = taken
                .has_result
                .then(|| (*node.result.get()).assume_init_read());
            (at_home, result)
        };
        // SAFETY: the caller holds a reference.
        let header = unsafe { &shared.as_ref().header };
        let result = match taken.verdict {
            Verdict::Completed => result.unwrap_or(Err(Error::Abandoned)),
            Verdict::Interrupted(why) => {
                drop_quietly(result);
                Err(match why {
                    Interrupt::Cancelled => Error::Cancelled,
                    Interrupt::TimedOut => Error::TimedOut,
                })
            }
        };
        callback::finish(task, header.details(), callback, result);
    }

    /// # Safety
    ///
    /// As [`Functions::deliver_alone`] says.
    #[inline]
    unsafe fn deliver_alone(shared: NonNull<Shared>, result: *mut ()) {
        // SAFETY: the caller's: it has the node alone, and gives it up.
        let (node, result) = unsafe {
            (
                Box::from_raw(shared.cast::<Self>().as_ptr()),
                result.cast::<Result<T, Error<E>>>().read(),
            )
        };
        let Self {
            shared, at_home, ..
        } = *node;
        // SAFETY: it is there until the callback is taken, which is being done here.
        let AtHome { callback, task } = unsafe { at_home.into_inner().assume_init() };
        let details = shared.header.details();
        let (id, priority) = (details.id, details.priority);
        registry::give_back(shared.header.into_level());
        callback::finish(task, Details::unnamed(id, priority), callback, result);
    }

    /// # Safety
    ///
    /// As [`NodeRef::drop_callback`] says.
    unsafe fn drop_callback(shared: NonNull<Shared>) {
        // SAFETY: the caller's.
        let at_home = unsafe { (*shared.cast::<Self>().as_ref().at_home.get()).assume_init_read() };
        let AtHome { callback, task } = at_home;
        task.abandon();
        drop(callback);
    }

    /// # Safety
    ///
    /// As [`NodeRef::drop_result`] says.
    unsafe fn drop_result(shared: NonNull<Shared>) {
        // SAFETY: the caller's.
        unsafe { (*shared.cast::<Self>().as_ref().result.get()).assume_init_drop() };
    }

    /// # Safety
    ///
    /// As [`NodeRef::source`] says.
    unsafe fn source(shared: NonNull<Shared>) -> Option<glib::Object> {
        // SAFETY: the caller's.
        let at_home = unsafe { (*shared.cast::<Self>().as_ref().at_home.get()).assume_init_ref() };
        at_home.callback.source().cloned()
    }

    /// # Safety
    ///
    /// As [`NodeRef::abandon`] says.
    unsafe fn abandon(shared: NonNull<Shared>) {
        // SAFETY: the caller's.
        let at_home = unsafe { (*shared.cast::<Self>().as_ref().at_home.get()).assume_init_ref() };
        at_home.callback.abandon();
    }

    /// # Safety
    ///
    /// As [`NodeRef::async_result`] says.
    unsafe fn async_result(shared: NonNull<Shared>) -> Option<gio::AsyncResult> {
        // SAFETY: the caller's.
        let (header, at_home) = unsafe {
            let node = shared.cast::<Self>().as_ref();
            (&node.shared.header, (*node.at_home.get()).assume_init_mut())
        };
        let cancellable = header.cancellable();
        let about = About {
            source: at_home.callback.source(),
            cancellable: cancellable.as_ref(),
        };
        at_home.task.async_result(header.details(), about)
    }

    /// # Safety
    ///
    /// `shared` is a node of these types whose last reference is gone.
    unsafe fn free(shared: NonNull<Shared>) {
        // SAFETY: the caller's. Its callback and its result were moved out or dropped:
        // their places do nothing as they are freed.
        drop(unsafe { Box::from_raw(shared.cast::<Self>().as_ptr()) });
    }
}

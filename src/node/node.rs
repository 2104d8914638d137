//! [`Node`]: the one allocation that is a task, and all that is unsafe about it.
//!
//! Two of its places are not for everybody, and the state says whose they are:
//!
//! | place | filled | read |
//! |---|---|---|
//! | the callback | as the node is made | once, at home: by who takes the task, or withdraws it |
//! | the slot, with the worker's function | before `State::submit_worker` | by who starts the worker, or who ends the task before |
//! | the slot, with the result | by the completer, before `State::complete` | by whom that, or a later change, gives it to |
//!
//! The slot is as large as a result. The function was moved out of it before there is one; a
//! larger function is in an allocation of its own, and a pointer to that in the slot.
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
    header::{Header, Withdrawn},
    registry,
};
use crate::{
    Error,
    base::state::{Interrupt, Taken, Verdict},
    observe::{Busy, trace},
    runner::{drop_quietly, quietly},
};

/// The function of a worker, for a task that ends with a `Result<T, Error<E>>`.
pub(crate) trait WorkerFunction<T, E>: Send + 'static {
    /// Called on a worker thread. `busy` says so to those who look.
    fn run(self, completer: Completer<T, E>, busy: Option<Box<Busy>>);
    /// Called instead, when there is no thread to be had.
    fn refuse(self, completer: Completer<T, E>, error: io::Error);
}

/// The allocation. The header comes first, so that a pointer to one is a pointer to the
/// other; the slot next, so that its place does not depend on the callback's type.
#[repr(C)]
struct Node<T, E, C> {
    shared: Shared,
    slot: UnsafeCell<Slot<T, E>>,
    at_home: UnsafeCell<MaybeUninit<AtHome<C>>>,
}

/// Where the result is, and before it the worker's function.
type Slot<T, E> = MaybeUninit<Result<T, Error<E>>>;

/// What all nodes have.
#[repr(C)]
struct Shared {
    references: AtomicUsize,
    functions: &'static Functions,
    /// Whose the slot is when the function of a worker is in it.
    worker: UnsafeCell<Option<&'static WorkerFunctions>>,
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
    /// The same for one who has the node alone, which is freed before the callback is called.
    deliver_alone: unsafe fn(NonNull<Shared>, Taken),
    /// Likewise, with this result, of the node's types, which is moved from there.
    complete_alone: unsafe fn(NonNull<Shared>, *mut ()),
    drop_callback: unsafe fn(NonNull<Shared>),
    drop_result: unsafe fn(NonNull<Shared>),
    source: unsafe fn(NonNull<Shared>) -> Option<glib::Object>,
    abandon: unsafe fn(NonNull<Shared>),
    async_result: unsafe fn(NonNull<Shared>) -> Option<gio::AsyncResult>,
    free: unsafe fn(NonNull<Shared>),
}

/// What depends on the type of a worker's function. Each is called with a node whose slot has
/// one of that type, which is the caller's.
struct WorkerFunctions {
    run: unsafe fn(NodeRef, Option<Box<Busy>>),
    refuse: unsafe fn(NodeRef, io::Error),
    drop: unsafe fn(&NodeRef),
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

    /// Whether this is the task's home, there is one other reference, which is the registry's
    /// while the task is there, and nothing by which the task could be ended otherwise.
    #[inline]
    fn is_alone(&self) -> bool {
        // ORDERING: what those did who have let go of theirs comes before.
        self.shared().references.load(Ordering::Acquire) == 2
            && self.is_home()
            && self.extra().is_none()
    }

    /// Makes this the only reference, if nobody else knows the task.
    #[inline]
    pub(super) fn into_alone(self) -> Result<Alone, Self> {
        if !self.is_alone() {
            return Err(self);
        }
        // The other reference need not be the registry's: a task that is being dropped, with
        // its context or with its thread, belongs to who drops it, who may be further up
        // this stack.
        let Some(registered) = registry::remove(&self) else {
            return Err(self);
        };
        // Both go with the node.
        mem::forget(registered);
        Ok(Alone(ManuallyDrop::new(self).0))
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
        quietly(|| unsafe { (self.shared().functions.drop_result)(self.0) });
    }

    /// Calls the worker's function, which is the caller's, as its completer.
    pub(super) fn call_worker(self, busy: Option<Box<Busy>>) {
        // SAFETY: the state has given the slot, with the function in it, to the caller alone.
        unsafe {
            if let Some(functions) = *self.shared().worker.get() {
                (functions.run)(self, busy);
            }
        }
    }

    /// Tells the worker's function, which is the caller's, that there is no thread.
    pub(super) fn refuse_function(self, error: io::Error) {
        // SAFETY: as in `call_worker`.
        unsafe {
            if let Some(functions) = *self.shared().worker.get() {
                (functions.refuse)(self, error);
            }
        }
    }

    /// Drops the worker's function, which is the caller's: it will never be called.
    pub(super) fn drop_worker(&self) {
        // SAFETY: as in `call_worker`.
        quietly(|| unsafe {
            if let Some(functions) = *self.shared().worker.get() {
                (functions.drop)(self);
            }
        });
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

/// The only reference on a node that is at home here.
pub(super) struct Alone(NonNull<Shared>);

impl Alone {
    /// Calls the callback. The task has been decided.
    #[inline]
    pub(super) fn deliver(self) {
        // SAFETY: the functions are those of its types, nobody else has the node, and it is
        // given up here. The callback is there: who takes it takes the node out of the
        // registry, where this was found. The state says whether there is a result.
        unsafe {
            let shared = self.0.as_ref();
            let header = &shared.header;
            if let Some(taken) = header.state.verdict() {
                trace!("qio_task_thread_result", header.id(), header.name(), verdict = ?taken.verdict);
                (shared.functions.deliver_alone)(self.0, taken);
            }
        }
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

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what a task is made of is not moved twice")]
    fn make<C: Callback<T, E> + 'static>(parts: Parts<'_>, is_local: bool, callback: C) -> Self {
        let cancellable = parts.cancellable;
        let mut node = Box::<Node<T, E, C>>::new_uninit();
        let place = node.as_mut_ptr();
        // Each field straight to its place: to move the whole there costs as much as all else.
        // SAFETY: the places are those of the node, which is there; nothing is read before it
        // is written.
        let node = unsafe {
            let shared = &raw mut (*place).shared;
            // This one's, and the registry's.
            (&raw mut (*shared).references).write(AtomicUsize::new(2));
            (&raw mut (*shared).functions).write(Node::<T, E, C>::FUNCTIONS);
            (&raw mut (*shared).worker).write(UnsafeCell::new(None));
            (&raw mut (*shared).header).write(Header::new(parts, is_local));
            let task = if is_local {
                let source = callback.source();
                let about = About {
                    source,
                    cancellable,
                };
                backend::Task::new((*shared).header.details(), about)
            } else {
                backend::Task::default()
            };
            let at_home = UnsafeCell::raw_get(&raw const (*place).at_home);
            (*at_home).write(AtHome { callback, task });
            // The slot is filled by the completer.
            NonNull::from(Box::leak(node)).cast::<Shared>()
        };
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

    /// Lends the reference on the node to `f`, which gives it back.
    ///
    /// # Panics
    ///
    /// Panics when that is one on another node.
    pub(crate) fn lend<R>(self, f: impl FnOnce(NodeRef) -> (NodeRef, R)) -> (Self, R) {
        let lent = self.node.0;
        let (node, result) = f(self.node);
        assert!(node.0 == lent, "it is another node");
        let types = PhantomData;
        (Self { node, types }, result)
    }

    /// Where the result goes.
    #[inline]
    fn slot(node: &NodeRef) -> *mut Slot<T, E> {
        let node = node.0.cast::<Node<T, E, ()>>().as_ptr();
        // SAFETY: the node has these types, and the slot's place does not depend on the
        // callback's. No reference is made.
        UnsafeCell::raw_get(unsafe { &raw const (*node).slot })
    }

    /// Leaves `result`. Says whether it is wanted, and a delivery is due; else it is
    /// dropped here, where it was made.
    #[inline]
    pub(super) fn leave(self, result: Result<T, Error<E>>) -> (NodeRef, bool) {
        let success = result.is_ok();
        // SAFETY: the slot is the completer's, of which there is one, which ends here; nobody
        // reads it before `complete`.
        unsafe { (*Self::slot(&self.node)).write(result) };
        let is_wanted = self.node.state.complete(success);
        if !is_wanted {
            self.node.drop_result();
            self.node.state.end_late();
        }
        (self.node, is_wanted)
    }

    /// Who completes the task, if nobody else can end it. Called at home.
    #[inline]
    pub(super) fn into_alone(self) -> Result<AloneCompleter<T, E>, Self> {
        let Self { node, types } = self;
        match node.into_alone() {
            Ok(alone) => Ok(AloneCompleter { alone, types }),
            Err(node) => Err(Self { node, types }),
        }
    }

    /// Puts the worker's function in its place. Says whether it waits for a thread now; else
    /// the task has ended before, and the function is dropped.
    #[inline]
    pub(crate) fn submit_worker<F: WorkerFunction<T, E>>(self, function: F) -> (NodeRef, bool) {
        let Self { node, .. } = self;
        // SAFETY: until `submit_worker` has said otherwise both places are the completer's.
        unsafe {
            Stored::<T, E, F>::put(&node, function);
            *node.shared().worker.get() = Some(Stored::<T, E, F>::FUNCTIONS);
        }
        let is_waiting = if node.is_alone() {
            node.state.submit_worker_alone();
            true
        } else {
            node.state.submit_worker()
        };
        if !is_waiting {
            node.drop_worker();
        }
        (node, is_waiting)
    }
}

/// Who completes a task that nobody else knows.
pub(super) struct AloneCompleter<T, E> {
    alone: Alone,
    types: PhantomData<Mutex<Result<T, Error<E>>>>,
}

impl<T, E> AloneCompleter<T, E> {
    /// Calls the callback with `result`.
    #[inline]
    pub(super) fn complete(self, result: Result<T, Error<E>>) {
        let mut result = ManuallyDrop::new(result);
        let node = self.alone.0;
        // SAFETY: nobody else has the node, and it is given up here. The callback is there: the
        // completer has not ended. The result is of the node's types, and is read once.
        unsafe { (node.as_ref().functions.complete_alone)(node, (&raw mut result).cast()) };
    }
}

/// A worker's function in the slot of a node of these types.
struct Stored<T, E, F>(PhantomData<(T, E, F)>);

impl<T: 'static, E: 'static, F: WorkerFunction<T, E>> Stored<T, E, F> {
    const FUNCTIONS: &'static WorkerFunctions = &WorkerFunctions {
        run: Self::run,
        refuse: Self::refuse,
        drop: Self::drop,
    };

    /// Whether it has room there. If not, a pointer has: an error is larger than that.
    const FITS: bool = Self::has_room::<F>();

    const fn has_room<V>() -> bool {
        mem::size_of::<V>() <= mem::size_of::<Slot<T, E>>()
            && mem::align_of::<V>() <= mem::align_of::<Slot<T, E>>()
    }

    /// # Safety
    ///
    /// The node has these types, and its slot, in which nothing is, is the caller's.
    #[inline]
    unsafe fn put(node: &NodeRef, function: F) {
        const { assert!(Self::has_room::<Box<F>>()) };
        let slot = Completer::<T, E>::slot(node);
        // SAFETY: the caller's, and it has room.
        unsafe {
            if Self::FITS {
                slot.cast::<F>().write(function);
            } else {
                slot.cast::<Box<F>>().write(Box::new(function));
            }
        }
    }

    /// # Safety
    ///
    /// As [`WorkerFunctions`] says; it is the caller's no more.
    #[inline]
    unsafe fn take(node: &NodeRef) -> F {
        let slot = Completer::<T, E>::slot(node);
        // SAFETY: the caller's, and `put` has put it there.
        unsafe {
            if Self::FITS {
                slot.cast::<F>().read()
            } else {
                *slot.cast::<Box<F>>().read()
            }
        }
    }

    /// # Safety
    ///
    /// As [`WorkerFunctions`] says.
    unsafe fn run(node: NodeRef, busy: Option<Box<Busy>>) {
        // SAFETY: the caller's.
        let function = unsafe { Self::take(&node) };
        let types = PhantomData;
        function.run(Completer { node, types }, busy);
    }

    /// # Safety
    ///
    /// As [`WorkerFunctions`] says.
    unsafe fn refuse(node: NodeRef, error: io::Error) {
        // SAFETY: the caller's.
        let function = unsafe { Self::take(&node) };
        let types = PhantomData;
        function.refuse(Completer { node, types }, error);
    }

    /// # Safety
    ///
    /// As [`WorkerFunctions`] says.
    unsafe fn drop(node: &NodeRef) {
        // SAFETY: the caller's.
        drop(unsafe { Self::take(node) });
    }
}

impl<T: 'static, E: 'static, C: Callback<T, E> + 'static> Node<T, E, C> {
    const FUNCTIONS: &'static Functions = &Functions {
        deliver: Self::deliver,
        deliver_alone: Self::deliver_alone,
        complete_alone: Self::complete_alone,
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
        // SAFETY: the caller's.
        let (AtHome { callback, task }, result) = unsafe { Self::take(shared, taken) };
        // SAFETY: the caller holds a reference.
        let header = unsafe { &shared.as_ref().header };
        let task = task.at_end(header.details());
        let busy = callback::seen(header, &result);
        task.finish(callback, result);
        drop(busy);
    }

    /// # Safety
    ///
    /// As [`Functions::deliver_alone`] says.
    unsafe fn deliver_alone(shared: NonNull<Shared>, taken: Taken) {
        // SAFETY: the caller's.
        let (at_home, result) = unsafe { Self::take(shared, taken) };
        // SAFETY: the caller's; what is at home has just been moved out.
        unsafe { Self::free_and_finish(shared, at_home, result) };
    }

    /// # Safety
    ///
    /// As [`Functions::complete_alone`] says.
    #[inline]
    unsafe fn complete_alone(shared: NonNull<Shared>, result: *mut ()) {
        // SAFETY: the caller's. It is there until the callback is taken, which is done here.
        unsafe {
            let at_home = (*shared.cast::<Self>().as_ref().at_home.get()).assume_init_read();
            let result = result.cast::<Result<T, Error<E>>>().read();
            Self::free_and_finish(shared, at_home, result);
        }
    }

    /// Moves the callback, and the result, out of their places.
    ///
    /// # Safety
    ///
    /// The callback is the caller's, and the result is if there is one.
    #[inline]
    unsafe fn take(
        shared: NonNull<Shared>,
        taken: Taken,
    ) -> (AtHome<C>, Result<T, Error<E>>) {
        // SAFETY: the caller's. Both are moved out once.
        let (at_home, result) = unsafe {
            let node = shared.cast::<Self>().as_ref();
            let at_home = (*node.at_home.get()).assume_init_read();
            let result = taken
                .has_result
                .then(|| (*node.slot.get()).assume_init_read());
            (at_home, result)
        };
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
        (at_home, result)
    }

    /// # Safety
    ///
    /// The caller has the node alone, gives it up, and has moved out what is at home.
    #[inline]
    unsafe fn free_and_finish(
        shared: NonNull<Shared>,
        at_home: AtHome<C>,
        result: Result<T, Error<E>>,
    ) {
        let AtHome { callback, task } = at_home;
        // SAFETY: the caller's. Besides the level, which is moved out, nothing of it has a
        // destructor: one that is alone has no `Extra`.
        let (busy, level) = unsafe {
            let header = &raw const shared.as_ref().header;
            let busy = callback::seen(&*header, &result);
            let level = (&raw const (*header).level).read();
            drop(Box::from_raw(shared.cast::<MaybeUninit<Self>>().as_ptr()));
            (busy, level)
        };
        registry::give_back(level);
        task.finish(callback, result);
        drop(busy);
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
        unsafe { (*shared.cast::<Self>().as_ref().slot.get()).assume_init_drop() };
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

//! [`Completer`]: who ends a task, and the task's allocation with its types.
//!
//! [`node`](super::node) says whose each place of it is. The slot holds the worker's function
//! first and the result later, and is as large as a result: the function is moved out before
//! the result is written. One that is too large is boxed, and the slot holds the box.
#![allow(unsafe_code)]

use std::{
    cell::UnsafeCell,
    io,
    marker::PhantomData,
    mem::{self, ManuallyDrop, MaybeUninit},
    panic::Location,
    ptr::NonNull,
    sync::{Arc, Mutex, atomic::AtomicUsize},
};

use super::{
    backend,
    callback::{About, Callback},
    events::{self, Activity, Busy, Event},
    extra::Extra,
    header::Header,
    home::{self, Home},
    levels,
    node::{Alone, Functions, Group, Level, NodeHead, NodeRef, TaskHeader, WorkerFunctions},
};
use crate::{
    Error,
    base::{
        quietly::{drop_quietly, quietly},
        state::{Completed, Interrupt, Submitted, Taken, Traits, Verdict},
    },
};

/// The function of a worker, for a task that ends with a `Result<T, Error<E>>`.
pub(crate) trait WorkerFunction<T, E>: Send + 'static {
    /// Called on a worker thread. `busy` says so to those who look.
    fn run(self, completer: Completer<T, E>, busy: Option<Box<dyn Busy>>);
    /// Called instead, when there is no thread to be had.
    fn refuse(self, completer: Completer<T, E>, error: io::Error);
    /// Called at home with what it has left, which nobody wants any more: drops it, here or
    /// where that holds up no loop.
    fn discard(result: Result<T, Error<E>>) {
        drop(result);
    }
}

/// The allocation. The header comes first, so that a pointer to one is a pointer to the
/// other; the slot next, so that its place does not depend on the callback's type.
#[repr(C)]
struct Node<T, E, C> {
    shared: NodeHead,
    slot: UnsafeCell<Slot<T, E>>,
    at_home: UnsafeCell<MaybeUninit<AtHome<C>>>,
}

/// Where the result is, and before it the worker's function.
type Slot<T, E> = MaybeUninit<Result<T, Error<E>>>;

struct AtHome<C> {
    callback: C,
    task: backend::Task,
}

/// Who is to complete a task, once: a node of these types.
pub(crate) struct Completer<T, E> {
    node: NodeRef,
    /// A result may be left on any thread where both may go.
    types: PhantomData<Mutex<Result<T, Error<E>>>>,
}

/// What a node is made of, besides its callback.
pub(crate) struct Parts {
    pub(crate) level: Arc<Level>,
    /// Where it is made.
    pub(crate) place: &'static Location<'static>,
    pub(crate) group: Option<Arc<Group>>,
    pub(crate) extra: Option<Box<Extra>>,
    pub(crate) traits: Traits,
}

/// A completer, and the reference on its node that the registry keeps.
pub(crate) struct Made<T, E> {
    pub(super) completer: Completer<T, E>,
    pub(super) registered: NodeRef,
}

impl<T: 'static, E: 'static> Completer<T, E> {
    /// Makes a node whose callback stays on this thread.
    #[inline]
    pub(crate) fn at_home(parts: Parts, callback: impl Callback<T, E> + 'static) -> Made<T, E> {
        Self::make(parts, Some(home::here()), callback)
    }

    /// Makes a node whose callback runs on whichever thread iterates its context.
    pub(crate) fn anywhere(
        parts: Parts,
        callback: impl Callback<T, E> + Send + 'static,
    ) -> Made<T, E>
    where
        T: Send,
        E: Send,
    {
        Self::make(parts, None, callback)
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "what a task is made of is not moved twice"
    )]
    fn make<C: Callback<T, E> + 'static>(
        parts: Parts,
        home: Option<Home>,
        callback: C,
    ) -> Made<T, E> {
        let Parts {
            level,
            place: made_at,
            group,
            extra,
            traits,
        } = parts;
        let mut node = Box::<Node<T, E, C>>::new_uninit();
        let place = node.as_mut_ptr();
        // Each field straight to its place: to move the whole there costs as much as all else.
        // SAFETY: the places are those of the node, which is there; nothing is read before it
        // is written.
        let node = unsafe {
            let shared = &raw mut (*place).shared;
            // Two: the completer's and the registry's.
            (&raw mut (*shared).references).write(AtomicUsize::new(2));
            (&raw mut (*shared).functions).write(Node::<T, E, C>::FUNCTIONS);
            (&raw mut (*shared).worker).write(UnsafeCell::new(None));
            let header = Header::new(level, home, made_at, group, extra, traits);
            (&raw mut (*shared).header).write(header);
            let task = if home.is_some() {
                let header = &(*shared).header;
                let has_any = header.extra().is_some_and(|extra| extra.is_foreign);
                let cancellable = has_any.then(|| header.cancellable()).flatten();
                let about = About {
                    source: callback.source(),
                    cancellable: cancellable.as_ref(),
                };
                backend::Task::new(header.details(), about)
            } else {
                backend::Task::default()
            };
            let at_home = UnsafeCell::raw_get(&raw const (*place).at_home);
            (*at_home).write(AtHome { callback, task });
            // The slot is filled by the completer.
            NonNull::from(Box::leak(node)).cast::<NodeHead>()
        };
        let (node, registered) = (NodeRef(node), NodeRef(node));
        Made {
            completer: Self::of(node),
            registered,
        }
    }

    /// `node` is one of these types, and the caller its completer.
    #[inline]
    fn of(node: NodeRef) -> Self {
        let types = PhantomData;
        Self { node, types }
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
        (Self::of(node), result)
    }

    /// Where the result goes.
    #[inline]
    fn slot(node: &NodeRef) -> *mut Slot<T, E> {
        let node = node.0.cast::<Node<T, E, ()>>().as_ptr();
        // SAFETY: the node has these types, and the slot's place does not depend on the
        // callback's. No reference is made.
        UnsafeCell::raw_get(unsafe { &raw const (*node).slot })
    }

    /// Leaves `result`, or drops it here, where it was made, if it is not wanted. Says whether a
    /// delivery is due.
    #[inline]
    pub(super) fn leave(self, result: Result<T, Error<E>>) -> (NodeRef, bool) {
        let success = result.is_ok();
        // SAFETY: the slot is the completer's, of which there is one, which ends here; nobody
        // reads it before `complete`.
        unsafe { (*Self::slot(&self.node)).write(result) };
        let completed = self.node.state.complete(success);
        if completed != Completed::Wanted {
            // SAFETY: it has just been put there, on this thread, and nobody else wants it.
            unsafe { self.node.drop_result() };
            self.node.state.end_late();
        }
        if self.node.has_sets() {
            self.node.completer_ended();
        }
        (self.node, completed != Completed::Late)
    }

    /// Who completes the task, if nobody else can end it. `registered` is the reference that
    /// the registry had.
    #[inline]
    pub(super) fn into_alone(self, registered: NodeRef) -> Result<AloneCompleter<T, E>, Self> {
        let Self { node, types } = self;
        match node.into_alone(registered) {
            Ok(alone) => Ok(AloneCompleter { alone, types }),
            Err(node) => Err(Self { node, types }),
        }
    }

    /// Puts the worker's function in its place. Says whether it waits for a thread now, and
    /// this task with it; else the task has ended before, and the function is dropped.
    #[inline]
    pub(crate) fn submit_worker<F: WorkerFunction<T, E>>(self, function: F) -> (NodeRef, bool) {
        let Self { node, .. } = self;
        // SAFETY: until `submit_worker` has said otherwise both places are the completer's, and
        // the node is of these types.
        unsafe {
            Stored::<T, E, F>::put(&node, function);
            *node.shared().worker.get() = Some(Stored::<T, E, F>::FUNCTIONS);
        }
        let submitted = if node.is_alone() {
            node.state.submit_worker_alone()
        } else {
            node.state.submit_worker()
        };
        let is_waiting = submitted == Submitted::Waits;
        if !is_waiting {
            // SAFETY: it is the completer's still.
            quietly(|| unsafe { Stored::<T, E, F>::drop(&node) });
        }
        if submitted == Submitted::Superseded {
            node.send();
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
        self.alone.tell(Event::Delivered(Verdict::Completed));
        let node = self.alone.node();
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
        discard: Self::discard,
    };

    /// Whether it fits in the slot. If not it is boxed; a box always fits, as an [`Error`] is
    /// larger.
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
    unsafe fn run(node: NodeRef, busy: Option<Box<dyn Busy>>) {
        // SAFETY: the caller's.
        let function = unsafe { Self::take(&node) };
        function.run(Completer::of(node), busy);
    }

    /// # Safety
    ///
    /// As [`WorkerFunctions`] says.
    unsafe fn refuse(node: NodeRef, error: io::Error) {
        // SAFETY: the caller's.
        let function = unsafe { Self::take(&node) };
        function.refuse(Completer::of(node), error);
    }

    /// # Safety
    ///
    /// As [`WorkerFunctions`] says.
    unsafe fn drop(node: &NodeRef) {
        // SAFETY: the caller's.
        drop(unsafe { Self::take(node) });
    }

    /// # Safety
    ///
    /// As [`WorkerFunctions`] says.
    unsafe fn discard(result: *mut ()) {
        // SAFETY: the caller's.
        F::discard(unsafe { result.cast::<Result<T, Error<E>>>().read() });
    }
}

impl<T: 'static, E: 'static, C: Callback<T, E> + 'static> Node<T, E, C> {
    const FUNCTIONS: &'static Functions = &Functions {
        deliver: Self::deliver,
        deliver_alone: Self::deliver_alone,
        complete_alone: Self::complete_alone,
        drop_callback: Self::drop_callback,
        drop_result: Self::drop_result,
        discard_result: Self::discard_result,
        source: Self::source,
        tell_leaked: Self::tell_leaked,
        async_result: Self::async_result,
        free: Self::free,
    };

    /// # Safety
    ///
    /// As [`Functions::deliver`] says.
    unsafe fn deliver(shared: NonNull<NodeHead>, taken: Taken) {
        // SAFETY: the caller's.
        let (AtHome { callback, task }, result) = unsafe { Self::take(shared, taken) };
        // SAFETY: the caller holds a reference.
        let header = unsafe { &shared.as_ref().header };
        let task = task.at_end(header.details());
        let busy = delivers(header, &result);
        task.finish(callback, result);
        drop(busy);
    }

    /// # Safety
    ///
    /// As [`Functions::deliver_alone`] says.
    unsafe fn deliver_alone(shared: NonNull<NodeHead>, taken: Taken) {
        // SAFETY: the caller's.
        let (at_home, result) = unsafe { Self::take(shared, taken) };
        // SAFETY: the caller's; what is at home has just been moved out.
        unsafe { Self::free_and_finish(shared, at_home, result) };
    }

    /// # Safety
    ///
    /// As [`Functions::complete_alone`] says.
    #[inline]
    unsafe fn complete_alone(shared: NonNull<NodeHead>, result: *mut ()) {
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
    unsafe fn take(shared: NonNull<NodeHead>, taken: Taken) -> (AtHome<C>, Result<T, Error<E>>) {
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
                if let Some(result) = result {
                    // SAFETY: the caller's, and its completer has left this result.
                    unsafe { Self::discard(shared, result) };
                }
                Err(match why {
                    Interrupt::Cancelled => Error::Cancelled,
                    Interrupt::TimedOut => Error::TimedOut,
                })
            }
        };
        (at_home, result)
    }

    /// Drops a result that nobody wants any more, at home: that of a worker, which may be
    /// large, where it holds up no loop.
    ///
    /// # Safety
    ///
    /// The caller holds a reference, and `result` is what the completer has left.
    #[cold]
    unsafe fn discard(shared: NonNull<NodeHead>, result: Result<T, Error<E>>) {
        // SAFETY: the caller's. The completer has written it before, if ever, and has ended.
        let (functions, state) = unsafe {
            let head = shared.as_ref();
            (*head.worker.get(), &head.header.state)
        };
        // Who waits blocks until the result is gone, as it does when that comes too late.
        let Some(functions) = functions.filter(|_| !state.is_waited_for()) else {
            return drop_quietly(result);
        };
        let mut result = ManuallyDrop::new(result);
        // SAFETY: it is of the node's types, and is read once.
        quietly(|| unsafe { (functions.discard)((&raw mut result).cast()) });
    }

    /// # Safety
    ///
    /// The caller has the node alone, gives it up, and has moved out what is at home.
    #[inline]
    unsafe fn free_and_finish(
        shared: NonNull<NodeHead>,
        at_home: AtHome<C>,
        result: Result<T, Error<E>>,
    ) {
        let AtHome { callback, task } = at_home;
        // SAFETY: the caller's. Besides the level and the group, which are moved out, nothing of it
        // has a destructor: one that is alone has no `Extra`.
        let (busy, level, group) = unsafe {
            let header = &raw const shared.as_ref().header;
            let busy = delivers(&*header, &result);
            let level = (&raw const (*header).level).read();
            let group = (&raw const (*header).group).read();
            drop(Box::from_raw(shared.cast::<MaybeUninit<Self>>().as_ptr()));
            (busy, level, group)
        };
        levels::give_back(level);
        // Most have none, for which this is one look.
        let counted = group.map(Counted);
        task.finish(callback, result);
        drop(busy);
        drop(counted);
    }

    /// # Safety
    ///
    /// The callback is the caller's.
    unsafe fn drop_callback(shared: NonNull<NodeHead>) {
        // SAFETY: the caller's.
        let at_home = unsafe { (*shared.cast::<Self>().as_ref().at_home.get()).assume_init_read() };
        let AtHome { callback, task } = at_home;
        task.drop_uncalled();
        drop(callback);
    }

    /// # Safety
    ///
    /// The result is the caller's.
    unsafe fn drop_result(shared: NonNull<NodeHead>) {
        // SAFETY: the caller's.
        unsafe { (*shared.cast::<Self>().as_ref().slot.get()).assume_init_drop() };
    }

    /// # Safety
    ///
    /// The result is the caller's, who is at home.
    unsafe fn discard_result(shared: NonNull<NodeHead>) {
        // SAFETY: the caller's. It is moved out once.
        unsafe {
            let result = (*shared.cast::<Self>().as_ref().slot.get()).assume_init_read();
            Self::discard(shared, result);
        }
    }

    /// # Safety
    ///
    /// The callback is there, and this is home.
    unsafe fn source(shared: NonNull<NodeHead>) -> Option<glib::Object> {
        // SAFETY: the caller's.
        let at_home = unsafe { (*shared.cast::<Self>().as_ref().at_home.get()).assume_init_ref() };
        at_home.callback.source().cloned()
    }

    /// # Safety
    ///
    /// The callback is the caller's.
    unsafe fn tell_leaked(shared: NonNull<NodeHead>) {
        // SAFETY: the caller's.
        let at_home = unsafe { (*shared.cast::<Self>().as_ref().at_home.get()).assume_init_ref() };
        at_home.callback.tell_leaked();
    }

    /// # Safety
    ///
    /// The callback is there, and this is home, where nobody else looks at it meanwhile.
    unsafe fn async_result(shared: NonNull<NodeHead>) -> Option<gio::AsyncResult> {
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
    unsafe fn free(shared: NonNull<NodeHead>) {
        // SAFETY: the caller's. Its callback and its result were moved out or dropped:
        // their places do nothing as they are freed.
        drop(unsafe { Box::from_raw(shared.cast::<Self>().as_ptr()) });
    }
}

/// A group counts a task that is alone until this is dropped, also as its callback unwinds.
struct Counted(Arc<Group>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Tells those who look that the callback of a task is being called, for as long as what this
/// returns is kept.
#[inline]
fn delivers<T, E>(header: &TaskHeader, result: &Result<T, Error<E>>) -> Option<Box<dyn Busy>> {
    let observer = events::observer()?;
    let activity = Activity::Delivers(events::outcome(result));
    observer.begin(header.id(), activity)
}

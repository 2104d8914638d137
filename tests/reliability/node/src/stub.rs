//! As much of GLib, and of what lies above the node, as the node's files ask for.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::ThreadId,
};

use crate::lock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority(i32);

impl Priority {
    pub const DEFAULT: Self = Self(0);
    pub const DEFAULT_IDLE: Self = Self(200);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlFlow {
    Continue,
    Break,
}

impl From<bool> for ControlFlow {
    fn from(goes_on: bool) -> Self {
        if goes_on { Self::Continue } else { Self::Break }
    }
}

pub(crate) trait AnySource: Send + Sync {
    fn is_ready(&self) -> bool;
    fn dispatch(&self) -> ControlFlow;
    fn destroyed(&self);
}

type Attached = (Priority, Arc<dyn AnySource>);

#[derive(Default)]
pub struct Inner {
    sources: Mutex<Vec<Attached>>,
    owner: Mutex<Option<(ThreadId, usize)>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let sources = std::mem::take(&mut *lock(&self.sources));
        for (_, source) in sources {
            source.destroyed();
        }
    }
}

#[derive(Clone)]
pub struct MainContext(Arc<Inner>);

pub struct Owner<'a>(&'a MainContext);

thread_local! {
    static DEFAULTS: RefCell<Vec<MainContext>> = const { RefCell::new(Vec::new()) };
    static DISPATCHED: RefCell<Vec<Source>> = const { RefCell::new(Vec::new()) };
}

impl MainContext {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    pub fn as_ptr(&self) -> *const Inner {
        Arc::as_ptr(&self.0)
    }

    pub fn thread_default() -> Option<Self> {
        DEFAULTS.with_borrow(|defaults| defaults.last().cloned())
    }

    pub fn with_thread_default<R>(&self, f: impl FnOnce() -> R) -> Result<R, ()> {
        let _owner = self.acquire()?;
        DEFAULTS.with_borrow_mut(|defaults| defaults.push(self.clone()));
        let result = f();
        drop(DEFAULTS.with_borrow_mut(Vec::pop));
        Ok(result)
    }

    pub fn is_owner(&self) -> bool {
        let here = std::thread::current().id();
        lock(&self.0.owner).is_some_and(|(owner, _)| owner == here)
    }

    pub fn acquire(&self) -> Result<Owner<'_>, ()> {
        let here = std::thread::current().id();
        let mut owner = lock(&self.0.owner);
        match &mut *owner {
            Some((thread, count)) if *thread == here => *count += 1,
            Some(_) => return Err(()),
            none => *none = Some((here, 1)),
        }
        Ok(Owner(self))
    }

    pub(crate) fn attach(&self, priority: Priority, source: Arc<dyn AnySource>) {
        let mut sources = lock(&self.0.sources);
        sources.push((priority, source));
        sources.sort_by_key(|(priority, _)| *priority);
    }

    /// Destroys all sources, as anybody may who has found them.
    pub(crate) fn destroy_sources(&self) {
        let sources = std::mem::take(&mut *lock(&self.0.sources));
        for (_, source) in sources {
            source.destroyed();
        }
    }

    /// Dispatches each source that is ready. Says whether one was.
    pub(crate) fn iterate(&self) -> bool {
        let Ok(_owner) = self.acquire() else {
            return false;
        };
        let sources = lock(&self.0.sources).clone();
        let mut any = false;
        for (_, source) in sources.into_iter().filter(|(_, source)| source.is_ready()) {
            any = true;
            DISPATCHED.with_borrow_mut(|all| all.push(Source(Some(self.clone()))));
            let flow = source.dispatch();
            drop(DISPATCHED.with_borrow_mut(Vec::pop));
            if flow == ControlFlow::Break {
                lock(&self.0.sources).retain(|(_, other)| !Arc::ptr_eq(&source, other));
                source.destroyed();
            }
        }
        any
    }
}

impl Drop for Owner<'_> {
    fn drop(&mut self) {
        let mut owner = lock(&self.0.0.owner);
        if let Some((_, count)) = &mut *owner {
            *count -= 1;
            if *count == 0 {
                *owner = None;
            }
        }
    }
}

/// A source, as far as the node asks.
#[derive(Clone)]
pub struct Source(Option<MainContext>);

impl Source {
    pub fn context(&self) -> Option<MainContext> {
        self.0.clone()
    }

    pub fn destroy(&self) {}
}

pub fn main_current_source() -> Option<Source> {
    DISPATCHED.with_borrow(|dispatched| dispatched.last().cloned())
}

#[derive(Clone)]
pub struct Object(Arc<()>);

impl Object {
    pub fn new() -> Self {
        Self(Arc::new(()))
    }
}

#[derive(Clone)]
pub struct AsyncResult;

pub struct SignalHandlerId;

#[derive(Clone, Default)]
pub struct Cancellable(Arc<AtomicBool>);

impl Cancellable {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn disconnect(&self, _: SignalHandlerId) {}
}

pub mod prelude {
    use super::Object;

    pub trait IsA<T> {
        fn upcast_ref(&self) -> &T;
    }

    impl IsA<Object> for Object {
        fn upcast_ref(&self) -> &Object {
            self
        }
    }
}

pub mod thread_guard {
    use std::sync::atomic::{AtomicUsize, Ordering};

    pub fn thread_id() -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static ID: usize = NEXT.fetch_add(1, Ordering::Relaxed));
        ID.with(|id| *id)
    }
}

/// No thread is the one that the process began with: what that one leaves is not freed.
pub mod thread {
    pub struct Id;

    pub fn gettid() -> Id {
        Id
    }

    impl Id {
        pub fn as_raw_nonzero(&self) -> std::num::NonZero<i32> {
            std::num::NonZero::<i32>::MAX
        }
    }
}

#[derive(Debug)]
pub(crate) enum Error<E = ()> {
    Failed(E),
    Cancelled,
    TimedOut,
    Abandoned,
    Panicked(String),
    Spawn(std::io::Error),
}

pub(crate) mod observe {
    use super::Error;

    pub(crate) struct Busy;

    macro_rules! trace {
        ($event:literal, $id:expr, $name:expr $(, $($field:tt)+)?) => {
            let _ = || {
                let _ = (&$id, &$name);
            };
        };
    }

    pub(crate) use trace;

    pub(crate) fn queued(_: u64) {}
    pub(crate) fn dropped(_: u64) {}
    pub(crate) fn at_exit() {}

    pub(crate) fn working(_: u64) -> Option<Box<Busy>> {
        None
    }

    pub(crate) fn is_any_known() -> bool {
        false
    }

    pub(crate) fn delivering<T, E>(_: u64, _: &Result<T, Error<E>>) -> Option<Box<Busy>> {
        None
    }
}

pub(crate) mod progress {
    use std::{any::Any, num::NonZero, rc::Rc, sync::Arc};

    use crate::node::due::{Level, Queue};

    pub(crate) trait Report: Send + Sync {
        fn home(&self) -> NonZero<u32>;
        fn deliver(self: Arc<Self>);
        fn discard(&self);
    }

    pub(crate) fn discard(all: Vec<Arc<dyn Report>>) {
        drop(all);
    }

    #[derive(Default)]
    pub(crate) struct Sinks;

    impl Sinks {
        pub(crate) fn purge(&mut self, _: impl Fn(&Queue) -> bool) -> Vec<Rc<dyn Any>> {
            Vec::new()
        }

        pub(crate) fn leak(&mut self) {}

        pub(crate) fn remove(&mut self, _: &Arc<Level>, _: usize) -> Option<Rc<dyn Any>> {
            None
        }
    }
}

pub(crate) mod runner {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::Mutex,
        thread::JoinHandle,
    };

    use crate::{
        lock,
        node::{header::Left, node::NodeRef},
    };

    pub(crate) enum Job {
        Work(NodeRef),
        Forget(Vec<Left>),
    }

    static RUNNING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

    pub(crate) fn run_alone(job: Job) {
        let thread = std::thread::spawn(|| match job {
            Job::Work(node) => node.run_worker(),
            Job::Forget(left) => drop(left),
        });
        lock(&RUNNING).push(thread);
    }

    /// Waits for what runs.
    pub(crate) fn join() {
        loop {
            let next = lock(&RUNNING).pop();
            match next {
                Some(thread) => thread.join().unwrap(),
                None => return,
            }
        }
    }

    pub(crate) fn quietly(f: impl FnOnce()) {
        drop(catch_unwind(AssertUnwindSafe(f)));
    }

    pub(crate) fn drop_quietly(value: impl Sized) {
        quietly(|| drop(value));
    }
}

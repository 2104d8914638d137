//! [`MainContext`]: what has sources, is owned by one thread at a time, and iterates.

use std::{
    cell::RefCell,
    ffi::c_int,
    mem,
    sync::{self, Arc, Mutex},
    thread::{self, ThreadId},
};

use super::{ffi::GMainContext, source::Source};
use crate::base::sync::lock;

#[derive(Clone)]
pub struct MainContext(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// The most urgent ones first.
    sources: Mutex<Vec<(c_int, Source)>>,
    owner: Mutex<Option<(ThreadId, usize)>>,
}

#[derive(Clone, Default)]
pub(super) struct Weak(sync::Weak<Inner>);

impl Weak {
    pub(super) fn upgrade(&self) -> Option<MainContext> {
        self.0.upgrade().map(MainContext)
    }
}

pub struct Owner<'a>(&'a MainContext);

thread_local! {
    static DEFAULTS: RefCell<Vec<MainContext>> = const { RefCell::new(Vec::new()) };
    static DISPATCHED: RefCell<Vec<Source>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn thread_default() -> Option<MainContext> {
    // Asked also as the thread ends.
    let last = DEFAULTS.try_with(|defaults| defaults.borrow().last().cloned());
    last.ok().flatten()
}

pub fn main_current_source() -> Option<Source> {
    let last = DISPATCHED.try_with(|dispatched| dispatched.borrow().last().cloned());
    last.ok().flatten()
}

impl MainContext {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// The global default context, for who asks once.
    pub fn default() -> Self {
        Self::new()
    }

    pub fn as_ptr(&self) -> *mut GMainContext {
        Arc::as_ptr(&self.0).cast_mut().cast()
    }

    pub(super) fn downgrade(&self) -> Weak {
        Weak(Arc::downgrade(&self.0))
    }

    pub fn thread_default() -> Option<Self> {
        thread_default()
    }

    pub fn with_thread_default<R>(&self, f: impl FnOnce() -> R) -> Result<R, ()> {
        struct Default;
        impl Drop for Default {
            fn drop(&mut self) {
                drop(DEFAULTS.with_borrow_mut(Vec::pop));
            }
        }

        let _owner = self.acquire()?;
        DEFAULTS.with_borrow_mut(|defaults| defaults.push(self.clone()));
        let _default = Default;
        Ok(f())
    }

    pub fn is_owner(&self) -> bool {
        let here = thread::current().id();
        lock(&self.0.owner).is_some_and(|(owner, _)| owner == here)
    }

    pub fn acquire(&self) -> Result<Owner<'_>, ()> {
        let here = thread::current().id();
        let mut owner = lock(&self.0.owner);
        match &mut *owner {
            Some((thread, count)) if *thread == here => *count += 1,
            Some(_) => return Err(()),
            none => *none = Some((here, 1)),
        }
        Ok(Owner(self))
    }

    pub(super) fn add(&self, priority: c_int, source: Source) {
        let mut sources = lock(&self.0.sources);
        sources.push((priority, source));
        sources.sort_by_key(|(priority, _)| *priority);
    }

    pub(super) fn remove(&self, source: &Source) {
        let removed = {
            let mut sources = lock(&self.0.sources);
            let index = sources.iter().position(|(_, other)| other == source);
            index.map(|index| sources.remove(index))
        };
        // Unlocked: it may be the last reference.
        drop(removed);
    }

    /// Destroys all sources, as anybody may who has found them.
    pub(crate) fn destroy_sources(&self) {
        let sources = lock(&self.0.sources).clone();
        for (_, source) in sources {
            source.destroy();
        }
    }

    /// Dispatches each source that is ready. Says whether one was.
    pub(crate) fn iterate(&self) -> bool {
        let Ok(_owner) = self.acquire() else {
            return false;
        };
        let sources = lock(&self.0.sources).clone();
        let mut any = false;
        for (_, source) in sources {
            if !source.is_ready() {
                continue;
            }
            any = true;
            DISPATCHED.with_borrow_mut(|all| all.push(source.clone()));
            let goes_on = source.dispatch();
            drop(DISPATCHED.with_borrow_mut(Vec::pop));
            if !goes_on {
                source.destroy();
            }
        }
        any
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let sources = mem::take(&mut *lock(&self.sources));
        for (_, source) in &sources {
            source.end();
        }
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

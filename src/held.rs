//! [`Held`]: a reference on a context that is given back at home.
//!
//! The last reference on a context finalizes it, and with it the sources that
//! others have attached, which may have to stay on their thread. So a handle
//! that is dropped on another thread sends its reference home, where it is
//! dropped as this library is next used there.

use std::{
    collections::BTreeMap,
    mem,
    num::NonZero,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use glib::MainContext;

use crate::{control::Place, home::Home, lock};

/// References on their way home, by the numbers of the threads that live.
static SENT: Mutex<BTreeMap<NonZero<u32>, Vec<MainContext>>> = Mutex::new(BTreeMap::new());

/// Whether there are any; the lock is taken only then.
static ANY: AtomicBool = AtomicBool::new(false);

/// See the module's documentation.
pub(crate) struct Held {
    /// None for the global default context, which never dies.
    context: Option<MainContext>,
    place: Place,
}

impl Held {
    /// This thread's default context, on which it may run callbacks that stay here.
    ///
    /// # Panics
    ///
    /// Panics when another thread owns it.
    #[inline]
    #[track_caller]
    pub(crate) fn current() -> Self {
        // Whoever has made a context its thread's default owns it.
        let context = MainContext::thread_default();
        assert!(
            context.is_some() || global().is_owner() || global().acquire().is_ok(),
            "another thread owns this thread's default main context, so a local callback can't \
             run here; make this context the thread's default with \
             `MainContext::with_thread_default`, or give the callback to its owner with \
             `Builder::callback_on`"
        );
        Self {
            context,
            place: Place::Home(Home::thread()),
        }
    }

    /// A context that any thread may drop.
    pub(crate) fn anywhere(context: MainContext) -> Self {
        Self {
            context: Some(context),
            place: Place::Context,
        }
    }

    #[inline]
    pub(crate) fn get(&self) -> &MainContext {
        self.context.as_ref().unwrap_or_else(|| global())
    }
}

/// The global default context.
#[inline]
pub(crate) fn global() -> &'static MainContext {
    static GLOBAL: OnceLock<MainContext> = OnceLock::new();
    GLOBAL.get_or_init(MainContext::default)
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        let Place::Home(home) = self.place else {
            return;
        };
        if let Some(context) = self.context.take()
            && home != Home::thread()
        {
            match lock(&SENT).get_mut(&home) {
                Some(sent) => {
                    sent.push(context);
                    // ORDERING: with the lock; a reader that sees it takes the lock.
                    ANY.store(true, Ordering::Release);
                }
                // The thread is gone, and has warned of what it left behind:
                // no other may finalize the sources that are its own.
                None => mem::forget(context),
            }
        }
    }
}

/// Drops what has come home to this thread.
#[inline]
pub(crate) fn collect() {
    if ANY.load(Ordering::Acquire) {
        collect_ours();
    }
}

#[cold]
fn collect_ours() {
    let here = Home::thread();
    let mut sent = lock(&SENT);
    let ours = sent.get_mut(&here).map(mem::take);
    let is_any_left = sent.values().any(|sent| !sent.is_empty());
    ANY.store(is_any_left, Ordering::Release);
    drop(sent);
    // Unlocked: this may finalize contexts, which runs foreign code.
    drop(ours);
}

/// This thread has a home from now on.
pub(crate) fn open() {
    lock(&SENT).insert(Home::thread(), Vec::new());
}

/// This thread is about to end. What has come home is dropped while it may be.
pub(crate) fn close() {
    let last = lock(&SENT).remove(&Home::thread());
    drop(last);
}

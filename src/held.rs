//! [`Held`]: a reference on a context that is given back at home.
//!
//! The last reference on a context finalizes it, and with it the sources that
//! others have attached, which may have to stay on their thread. So a handle
//! that is dropped on another thread sends its reference home, where it is
//! dropped as this library is next used there.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use glib::MainContext;

use crate::{control::Place, home::Home, lock};

/// References on their way home, with the number of the thread that this is.
/// Those of a thread that is gone stay.
static SENT: Mutex<Vec<(usize, MainContext)>> = Mutex::new(Vec::new());

/// Whether there are any; the lock is taken only then.
static ANY: AtomicBool = AtomicBool::new(false);

/// See the module's documentation.
pub(crate) struct Held {
    /// Taken as this is dropped.
    context: Option<MainContext>,
    place: Place,
}

impl Held {
    pub(crate) fn new(context: MainContext, place: Place) -> Self {
        Self {
            context: Some(context),
            place,
        }
    }

    pub(crate) fn get(&self) -> &MainContext {
        self.context.as_ref().expect("there until this is dropped")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(context) = self.context.take()
            && let Place::Home(home) = self.place
            && home != Home::thread()
        {
            lock(&SENT).push((home, context));
            // ORDERING: with the lock; a reader that sees it takes the lock.
            ANY.store(true, Ordering::Release);
        }
    }
}

/// Drops what has come home to this thread.
pub(crate) fn collect() {
    if !ANY.load(Ordering::Acquire) {
        return;
    }
    let here = Home::thread();
    let mut sent = lock(&SENT);
    let ours: Vec<_> = sent.extract_if(.., |(home, _)| *home == here).collect();
    ANY.store(!sent.is_empty(), Ordering::Release);
    drop(sent);
    // Unlocked: this may finalize contexts, which runs foreign code.
    drop(ours);
}

//! [`Held`]: a reference on a context that is given back at home.
//!
//! The last reference on a context finalizes it, and with it the sources that
//! others have attached, which may have to stay on their thread. So a handle
//! that is dropped on another thread sends its reference home, where it is
//! dropped as this library is next used there.

use std::{mem, sync::OnceLock};

use glib::MainContext;

use crate::{
    control::Place,
    home::Home,
    sent::{self, Sent},
};

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
        Self::try_current().expect(
            "another thread owns this thread's default main context, so a local callback can't \
             run here; make this context the thread's default with \
             `MainContext::with_thread_default`, or give the callback to its owner with \
             `Builder::callback_on`",
        )
    }

    /// As [`current`](Self::current). `None` when another thread owns it.
    #[inline]
    pub(crate) fn try_current() -> Option<Self> {
        // Whoever has made a context its thread's default owns it.
        let context = MainContext::thread_default();
        let is_ours = context.is_some() || global().is_owner() || global().acquire().is_ok();
        is_ours.then(|| Self {
            context,
            place: Place::Home(Home::thread()),
        })
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

/// The context that this thread is dispatching a source of.
pub(crate) fn dispatching() -> Option<MainContext> {
    glib::main_current_source()?.context()
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        let Place::Home(home) = self.place else {
            return;
        };
        if let Some(context) = self.context.take()
            && home != Home::thread()
            && let Err(context) = sent::send(home, Sent::Context(context))
        {
            // The thread is gone, and has warned of what it left behind: no
            // other may finalize the sources that are its own.
            mem::forget(context);
        }
    }
}

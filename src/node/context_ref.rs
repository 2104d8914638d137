//! [`ContextRef`]: a reference on a context that is given back at home.
//!
//! The last reference on a context finalizes it, and with it the sources that
//! others have attached, which may have to stay on their thread. So a handle
//! that is dropped on another thread sends its reference home, where it is
//! dropped as this library is next used there.

use std::mem;

use glib::MainContext;

use super::{
    home::{self, Home},
    mailbox,
};
use crate::{
    base::fork,
    context::current::{global, is_dispatching_global},
};

/// See the module's documentation. The default one is of the global default context.
#[derive(Default)]
pub(crate) struct ContextRef {
    /// None for the global default context, which never dies.
    context: Option<MainContext>,
    /// `None` for one that any thread may drop.
    home: Option<Home>,
}

impl ContextRef {
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
        let is_ours = context.is_some()
            || is_dispatching_global()
            || global().is_owner()
            || global().acquire().is_ok();
        is_ours.then(|| Self {
            context,
            home: Some(home::here()),
        })
    }

    /// A context that any thread may drop.
    pub(crate) fn anywhere(context: MainContext) -> Self {
        Self {
            context: Some(context),
            home: None,
        }
    }

    /// Whether this thread owns the context of a reference that any thread may drop; not one
    /// that was given up, which is the default.
    pub(crate) fn is_owned_here(&self) -> bool {
        self.context.as_ref().is_some_and(MainContext::is_owner)
    }

    #[inline]
    pub(crate) fn get(&self) -> &MainContext {
        self.context.as_ref().unwrap_or_else(|| global())
    }
}

impl Drop for ContextRef {
    #[inline]
    fn drop(&mut self) {
        let Some(home) = self.home else {
            return;
        };
        if let Some(context) = self.context.take()
            && home != home::here()
        {
            // Neither from a forked child, which has no other thread.
            let sent = if fork::is_child() {
                Err(context)
            } else {
                mailbox::send(home, context)
            };
            // The thread is gone, and has warned of what it left behind: no other may finalize
            // the sources that are its own.
            mem::forget(sent);
        }
    }
}

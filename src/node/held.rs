//! [`Held`]: a reference on a context that is given back at home.
//!
//! The last reference on a context finalizes it, and with it the sources that
//! others have attached, which may have to stay on their thread. So a handle
//! that is dropped on another thread sends its reference home, where it is
//! dropped as this library is next used there.

use std::{mem, num::NonZero};

use glib::MainContext;

use super::{mailbox, registry};
use crate::context;

/// See the module's documentation. The default one is of the global default context.
#[derive(Default)]
pub(crate) struct Held {
    /// None for the global default context, which never dies.
    context: Option<MainContext>,
    /// `None` for one that any thread may drop.
    home: Option<NonZero<u32>>,
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
        let is_ours = context.is_some()
            || context::global().is_owner()
            || context::global().acquire().is_ok();
        is_ours.then(|| Self {
            context,
            home: Some(registry::thread()),
        })
    }

    /// A context that any thread may drop.
    pub(crate) fn anywhere(context: MainContext) -> Self {
        Self {
            context: Some(context),
            home: None,
        }
    }

    #[inline]
    pub(crate) fn get(&self) -> &MainContext {
        self.context.as_ref().unwrap_or_else(|| context::global())
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        let Some(home) = self.home else {
            return;
        };
        if let Some(context) = self.context.take()
            && home != registry::thread()
            && let Err(context) = mailbox::send(home, context)
        {
            // The thread is gone, and has warned of what it left behind: no
            // other may finalize the sources that are its own.
            mem::forget(context);
        }
    }
}

//! What is due on a `GMainContext`, and how it is woken for it.
//!
//! Each context has one [`Queue`]: a descriptor that wakes it from any thread, the
//! deadlines of its tasks, and a [`Level`] for each priority, with what is due at it. The
//! queue is one source on the context, and each level another; both ask as the loop goes
//! round whether they have anything to do, so that no level needs a descriptor.
//!
//! Nothing here owns a reference on the context: it owns the sources, and the sources own
//! the queue. As the context is finalized it destroys them, and the queue is closed.
//!
//! What is due is known here only as something that is [`Due`].

mod level;
mod queue;
mod source;
mod timer;
mod wake_up;

use std::sync::OnceLock;

use glib::MainContext;

pub(crate) use level::Level;
pub(crate) use queue::{Due, Queue, Timer};

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

#[inline]
fn address(context: &MainContext) -> usize {
    context.as_ptr().addr()
}

/// Whether the context at `address` is this thread's default.
#[inline]
fn is_thread_default(address: usize) -> bool {
    match MainContext::thread_default() {
        Some(context) => self::address(&context) == address,
        None => self::address(global()) == address,
    }
}

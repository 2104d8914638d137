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

mod default;
mod level;
mod queue;
mod source;
mod timer;
mod wake_up;

use std::sync::OnceLock;

use glib::MainContext;

pub(crate) use default::is_thread_default;
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

/// The address of a context, which is only ever compared.
#[inline]
pub(crate) fn address(context: &MainContext) -> usize {
    context.as_ptr().addr()
}

/// Runs `f` with the context at `address` as the thread's default.
///
/// `held` is the context, from somebody who may hold it. There is no safe way from here to a
/// context that is not being dispatched: its last reference might just be dropped on
/// another thread.
#[inline]
pub(crate) fn within<R>(address: usize, held: Option<&MainContext>, f: impl FnOnce() -> R) -> R {
    if is_thread_default(address) {
        return f();
    }
    let mut f = Some(f);
    let mut run = || (f.take().expect("called once"))();
    let is_it = |context: &MainContext| self::address(context) == address;
    let done = held
        .filter(|context| is_it(context))
        .cloned()
        .or_else(|| dispatching().filter(is_it))
        .and_then(|context| context.with_thread_default(&mut run).ok());
    // Dead, or owned by another thread now: there is no default to set.
    done.unwrap_or_else(run)
}

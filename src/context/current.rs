//! Contexts by their address: the global default one, this thread's default, the one that is
//! being dispatched.
//!
//! Where it is only compared, no reference is taken: that would cost as much as half of all
//! that a task does.
#![allow(unsafe_code)]

use std::sync::OnceLock;

use glib::{MainContext, ffi};

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

/// Whether this thread is dispatching a source of the global default context, which it owns
/// then. To ask the context for its owner takes its lock.
#[inline]
pub(crate) fn is_dispatching_global() -> bool {
    // SAFETY: any thread may ask. A source that is being dispatched is kept by that, further up
    // this stack, and so is its context, of which no more is told than where it is.
    let context = unsafe {
        let source = ffi::g_main_current_source();
        if source.is_null() {
            return false;
        }
        ffi::g_source_get_context(source)
    };
    context.addr() == address(global())
}

/// The address of a context, which is only ever compared.
#[inline]
pub(crate) fn address(context: &MainContext) -> usize {
    context.as_ptr().addr()
}

/// Whether the context at `context` is this thread's default.
#[inline]
pub(crate) fn is_thread_default(context: usize) -> bool {
    // SAFETY: any thread may ask. What is told is an address, which is not followed.
    let default = unsafe { ffi::g_main_context_get_thread_default() };
    let default = if default.is_null() {
        address(global())
    } else {
        default.addr()
    };
    default == context
}

/// Has this thread leave whatever default it has: what was pushed and not popped. Says whether
/// there was any.
#[inline]
pub(crate) fn leave_thread_defaults() -> bool {
    // SAFETY: any thread may ask, and leave what it has entered. The default is kept by that.
    unsafe {
        let mut default = ffi::g_main_context_get_thread_default();
        let had_any = !default.is_null();
        while !default.is_null() {
            ffi::g_main_context_pop_thread_default(default);
            default = ffi::g_main_context_get_thread_default();
        }
        had_any
    }
}

/// Runs `f` with the context at `context` as the thread's default.
///
/// `held` is that context, if somebody holds it. There is no safe way from here to a context
/// that is not being dispatched: its last reference might just be dropped on another thread.
#[inline]
pub(crate) fn within<R>(context: usize, held: Option<&MainContext>, f: impl FnOnce() -> R) -> R {
    if is_thread_default(context) {
        return f();
    }
    let mut f = Some(f);
    let mut run = || (f.take().expect("called once"))();
    let is_it = |other: &MainContext| address(other) == context;
    let done = held
        .filter(|held| is_it(held))
        .cloned()
        .or_else(|| dispatching().filter(is_it))
        .and_then(|context| context.with_thread_default(&mut run).ok());
    // Dead, or owned by another thread now: there is no default to set.
    done.unwrap_or_else(run)
}

//! How a function of the header is entered, and left whatever happens inside.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{check::Checked, work::is_worker};
use crate::{
    base::{G_LOG_DOMAIN, cancellation, fork},
    error::panic_message,
};

/// Runs the body of `function`. An assertion that fails is logged as GLib does
/// it, and so is a panic: none leaves. The call returns `harmless` then, as it does in a
/// process that was forked after the first task.
#[inline]
pub(super) fn enter<R>(function: &str, harmless: R, body: impl FnOnce() -> Checked<R>) -> R {
    if fork::is_child() {
        refuse_child(function);
        return harmless;
    }
    let why = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => return value,
        Ok(Err(assertion)) => format!("assertion '{assertion}' failed"),
        Err(panic) => panic_message(&*panic),
    };
    glib::g_critical!(G_LOG_DOMAIN, "{function}: {why}");
    harmless
}

/// As [`enter`], where foreign code is called, or what a thread may be cancelled in: that of a
/// worker may be, but not in here.
#[inline]
pub(super) fn enter_for_long<R>(
    function: &str,
    harmless: R,
    body: impl FnOnce() -> Checked<R>,
) -> R {
    let state = is_worker().then(cancellation::forbid);
    let result = enter(function, harmless, body);
    if let Some(state) = state {
        cancellation::restore(state);
    }
    result
}

#[cold]
fn refuse_child(function: &str) {
    glib::g_critical!(G_LOG_DOMAIN, "{function}: {}", fork::REFUSAL);
}

/// Defines functions of the header, which are entered so. One that is refused returns nothing,
/// or zero.
macro_rules! functions {
    ($enter:ident: $(fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $returned:ty)? $body:block)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $type),*) $(-> $returned)? {
            // SAFETY: a pointer, a number or nothing, each of which may be zero.
            $enter(stringify!($name), unsafe { std::mem::zeroed() }, || $body)
        }
    )*};
}

pub(super) use functions;

//! The task's allocation under Miri, which sees what is undefined.
//!
//! `node`, `context` and `base` are files of the library itself. What they know of GLib
//! is [`stub`]: a main context of a few lines. No more than the files that call C are
//! left out, and what lies above the node: each test does what a task's handles do.
//!
//! ```sh
//! export MIRIFLAGS=-Zmiri-disable-isolation # for the clock
//! cargo +nightly miri test -p node
//! MIRIFLAGS+=" -Zmiri-many-seeds=0..16" cargo +nightly miri test -p node threads
//! ```

#![cfg(test)]
#![allow(missing_docs, reason = "the library has that of what is its own")]
#![allow(
    dead_code,
    unused_imports,
    clippy::needless_pass_by_value,
    reason = "some of it is for the library alone"
)]
#![allow(
    clippy::missing_errors_doc,
    clippy::new_without_default,
    clippy::result_unit_err,
    clippy::similar_names,
    clippy::unused_self,
    reason = "the stub is as GLib's crates are"
)]

// To the library's files this crate is those that they use.
extern crate self as gio;
extern crate self as glib;
extern crate self as rustix;

mod base;
mod context;
mod node;
mod stub;

mod home;
mod support;
mod threads;

use base::sync::{self, Apart, lock};
pub use stub::{
    AsyncResult, Cancellable, ControlFlow, MainContext, Object, Priority, SignalHandlerId, Source,
    main_current_source,
};
use stub::{Error, observe, progress, runner};
pub use stub::{prelude, thread, thread_guard};

const G_LOG_DOMAIN: &str = "qio-task";
const FLOOD: usize = 1 << 16;

fn trim<T>(slab: &mut slab::Slab<T>) {
    if slab.is_empty() && slab.capacity() > FLOOD {
        *slab = slab::Slab::new();
    }
}

/// The library warns of what is leaked.
#[macro_export]
macro_rules! g_warning {
    ($domain:expr, $($words:tt)*) => {
        eprintln!("{}: {}", $domain, format_args!($($words)*))
    };
}

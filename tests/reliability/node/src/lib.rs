//! The task's allocation under Miri, which sees what is undefined.
//!
//! The floors `base`, `context` and `node` are the library's own files, all of them, with
//! the `unsafe` of each. Below them is no GLib but [`stub`]: its main context, its sources
//! and its objects in a few lines, as far as those files ask for them. Above them each test
//! does what a task's handles do.
//!
//! ```sh
//! export MIRIFLAGS=-Zmiri-disable-isolation # for the clock
//! cargo +nightly miri test -p node
//! MIRIFLAGS+=" -Zmiri-many-seeds=0..8" cargo +nightly miri test -p node threads
//! ```

#![cfg(test)]
#![allow(
    unexpected_cfgs,
    reason = "the library has features, and no test any of them"
)]
#![allow(missing_docs, reason = "the library has that of what is its own")]
#![allow(
    dead_code,
    unused_imports,
    reason = "some of it is for what lies above the node alone"
)]
#![allow(
    non_camel_case_types,
    clippy::cast_ptr_alignment,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::missing_safety_doc,
    clippy::new_without_default,
    clippy::not_unsafe_ptr_arg_deref,
    clippy::result_unit_err,
    clippy::should_implement_trait,
    clippy::unused_self,
    reason = "the stub is as GLib's crates are"
)]
#![allow(
    clippy::borrow_as_ptr,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    reason = "as the library has it, and what tests are handed they may use up"
)]

// To the library's files this crate is those that they use.
extern crate self as gio;
extern crate self as glib;
extern crate self as rustix;

#[path = "../../../../src"]
mod library {
    pub(crate) mod base;
    pub(crate) mod context;
    pub(crate) mod node;
}

mod stub;

mod alone;
mod destructors;
mod endings;
mod groups;
mod home;
mod owners;
mod registry;
mod support;
mod threads;
mod workers;

use library::{base, context, node};
use stub::Error;
pub use stub::{
    context::{MainContext, main_current_source},
    ffi,
    object::{AsyncResult, Cancellable, Object, SignalHandlerId},
    prelude,
    source::Source,
    system::{event, io, process, thread},
    translate,
    value::{ControlFlow, Priority, monotonic_time},
};

/// The library warns of what is leaked.
#[macro_export]
macro_rules! g_warning {
    ($domain:expr, $($words:tt)*) => {
        eprintln!("{}: {}", $domain, format_args!($($words)*))
    };
}

//! [`Call`]: the call of a worker that may end its thread.
//!
//! `pthread_exit`, and the cancellation of a thread, unwind its stack to the end. No frame may be
//! in between that has something to drop, or catches panics, as those of a job do. So a job that
//! is to call such a worker *asks* for the call, and returns. Its thread makes the call where
//! nothing else is on the stack, and then tells the job how it has ended.
//!
//! Only workers of C may end their threads: without the feature `capi` there are no such calls.

#[cfg(feature = "capi")]
#[path = "call/of_c.rs"]
mod chosen;
#[cfg(not(feature = "capi"))]
#[path = "call/none.rs"]
mod chosen;

pub(crate) use chosen::*;

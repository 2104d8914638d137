//! The library's own machines, under every interleaving of their threads.
//!
//! `state`, `settlement` and `pool` are the files of the library itself. They
//! know of threads, locks and time through the module `sync` alone, and here
//! that is one of loom: each test is a scenario of two to four threads, which
//! is run once for each order in which they can take their locks, wait and
//! wake. A thread that sleeps for ever is a failure, as loom sees that nobody
//! is left to wake it.
//!
//! ```sh
//! cargo test --release -p interleavings -- --nocapture # says how many there are
//! ```
//!
//! With the feature `threads` the same scenarios run on real threads, some
//! thousand times each. That is for `ThreadSanitizer`:
//!
//! ```sh
//! export RUSTC_BOOTSTRAP=1
//! export RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
//! export TSAN_OPTIONS="suppressions=$PWD/tests/reliability/interleavings/tsan.suppressions"
//! cargo test --release -p interleavings --lib --features threads \
//!     --target x86_64-unknown-linux-gnu
//! ```

// Implementation
//
// `stage` is a pool with jobs that are counted, `task` a settlement with the
// queue that its deliveries go through. The other modules are the scenarios.

#![cfg(test)]

#[allow(dead_code, reason = "some of it is for the library alone")]
#[path = "../../../../src/base/pool.rs"]
mod pool;
#[path = "../../../../src/base/state.rs"]
mod state;

mod stage;
mod sync;
mod task;

mod blocked;
mod once;
mod queue;
mod refused;
mod retirement;
mod sequences;
mod wait;

//! The library's own machines, under every interleaving of their threads.
//!
//! `state`, `pool` with its queue `waiting`, `limits`, `bounded` and `starter` are the files of
//! the library itself. They know of threads, locks, atomics and time through the module `sync` alone, and here that is one
//! of loom: each test is a scenario of two to four threads, which is run once for
//! each order in which they can take their locks, change what they share, wait and
//! wake, and for each value that the memory model lets them read. A thread that
//! sleeps for ever is a failure, as loom sees that nobody is left to wake it; so
//! are two threads that touch the same place without an order.
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
// `stage` is a pool with jobs that are counted; `task` a state with the places that it
// guards, each a `slot`, and the queue that its delivery goes through. `context` has in
// small what wakes a context, whose own files are full of GLib. The other modules are the
// scenarios.

#![cfg(test)]

#[allow(dead_code, reason = "some of it is for the library alone")]
#[path = "../../../../src/base/bounded.rs"]
mod bounded;
#[allow(dead_code, reason = "some of it is for the library alone")]
#[path = "../../../../src/base/limits.rs"]
mod limits;
#[allow(dead_code, reason = "some of it is for the library alone")]
#[path = "../../../../src/base/pool.rs"]
mod pool;
#[allow(dead_code, reason = "some of it is for the library alone")]
#[path = "../../../../src/base/quietly.rs"]
mod quietly;
#[path = "../../../../src/base/starter.rs"]
mod starter;
#[allow(dead_code, reason = "what the core only looks at is not tried")]
#[path = "../../../../src/base/state.rs"]
mod state;
#[path = "../../../../src/base/waiting.rs"]
mod waiting;
#[path = "../../../../src/base/wake_slot.rs"]
mod wake_slot;

/// In place of the library's, which is larger.
const FLOOD: usize = 16;

/// In place of the library's: nobody times what runs here.
mod foreign {
    pub(crate) fn untimed() {}
}

/// In place of the library's: there is one lot for all.
mod parking {
    pub(crate) use crate::sync::parking;
}

mod slot;
mod stage;
mod sync;
mod task;

mod alone;
mod blocked;
mod context;
mod groups;
mod messages;
mod once;
mod places;
mod queue;
mod refused;
mod retirement;
mod sequences;
mod spawner;
mod wait;

//! The example `probe`, run as a program against servers of others
//! (`openssl s_server`, Python's `websockets`) and against bad ones.
//!
//! Loopback addresses alone. `cargo test` builds the program; with
//! `--test probe` it has to be there already.

mod failed;
mod program;
mod race;
mod reached;
mod servers;

// The parts of the example that the race is made of.
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/connect.rs"]
mod connect;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/connection.rs"]
mod connection;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/record.rs"]
mod record;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/stream.rs"]
mod stream;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/target.rs"]
mod target;

//! The example `probe`, run as a program against servers of others
//! (`openssl s_server`, nginx, Python's `websockets`) and against bad ones.
//!
//! Loopback addresses alone. `cargo test` builds the program; with
//! `--test probe` it has to be there already.

mod addresses;
mod certificate;
mod failed;
mod http;
mod lingering;
mod nginx;
mod pieces;
mod plain_words;
mod program;
mod race;
mod reached;
mod refused;
mod relay;
mod scripted;
mod servers;
mod unread;
mod websocket;

// The parts of the example that are tested by themselves, and what these are made of.
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/connect.rs"]
mod connect;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/connection.rs"]
mod connection;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/drive.rs"]
mod drive;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/identity.rs"]
mod identity;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/record.rs"]
mod record;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/socket.rs"]
mod socket;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/target.rs"]
mod target;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/words.rs"]
mod words;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../examples/probe/zone.rs"]
mod zone;

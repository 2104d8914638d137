//! The sixteen rules of the contract, a file each, and what the types say of
//! themselves. Every test runs on both backends, from this source, and is named
//! after what its rule promises.

#[path = "../common/mod.rs"]
mod common;

mod accessors;
mod cancel;
mod commit;
mod context;
mod errors;
#[cfg(target_os = "linux")]
mod good_guest;
mod group;
mod handles;
mod hold;
mod home;
mod idle_delivery;
mod inline;
mod latest;
mod loops_end;
mod messages;
mod misuse;
mod never_rests;
mod no_starvation;
mod once;
mod panic;
mod progress_of_tasks;
mod progress_order;
mod progress_pace;
mod return_on_cancel;
mod stack;
mod stop_flag;
#[cfg(target_os = "linux")]
mod thread_refused;
mod timeout;
mod types;
mod wait;
mod watch_socket;
mod worker_ended;

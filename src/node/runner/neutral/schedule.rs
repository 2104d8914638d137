//! [`Schedule`]: how urgent a thread is to the scheduler.
//!
//! On Linux that is a thread's, its nice value included. On other Unix systems that one is the
//! process's, and a thread has a policy and a priority; on those of Apple also a class, by which
//! the system saves power. On Windows it has a priority within that of its process.

#[cfg(all(target_os = "linux", not(qio_portable)))]
#[path = "schedule/linux.rs"]
mod chosen;
#[cfg(all(unix, any(not(target_os = "linux"), qio_portable)))]
#[path = "schedule/posix.rs"]
mod chosen;
#[cfg(windows)]
#[path = "schedule/windows.rs"]
mod chosen;

pub(super) use chosen::Schedule;

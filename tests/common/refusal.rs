//! A system that refuses threads, in processes of their own.

use qio_task::QioTask;

use super::in_child_with;

/// The stacks of Rust's threads in the processes of these tests: larger than
/// what a process may map once threads are refused, and than what is kept of
/// threads that have ended. GLib's own threads are as small as ever.
const STACK: u64 = 4 << 30;

/// Makes the system refuse threads from now on.
pub fn refuse_threads() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let used = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = used.split(' ').next().unwrap().parse().unwrap();
    let limit = Rlimit {
        current: Some(pages * 4096 + STACK / 2),
        maximum: getrlimit(Resource::As).maximum,
    };
    setrlimit(Resource::As, limit).unwrap();
}

pub fn allow_threads() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::As).maximum;
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::As, limit).unwrap();
}

/// Runs the test of this name in a process of its own, with those stacks.
pub fn in_child_with_large_stacks(test: &str) {
    let output = in_child_with(test, &[("RUST_MIN_STACK", &STACK.to_string())]);
    assert!(output.status.success(), "{output:?}");
}

/// Completes a task: GLib starts a thread of its own with a process's first
/// `GTask`, and ends the process when that is refused.
pub fn start_glib() {
    QioTask::<()>::new(&gio::Cancellable::new(), |_, _| {}).complete(Ok(()));
}

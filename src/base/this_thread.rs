//! This thread, as the system has it: what it is called there, its number, and whether it is the
//! one that the process began with. That is what debuggers and profilers show of it.

#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "openbsd",
    target_os = "linux",
))]
mod cut;

#[cfg(target_vendor = "apple")]
#[path = "this_thread/apple.rs"]
mod chosen;
#[cfg(any(target_os = "freebsd", target_os = "dragonfly", target_os = "openbsd"))]
#[path = "this_thread/bsd.rs"]
mod chosen;
#[cfg(target_os = "linux")]
#[path = "this_thread/linux.rs"]
mod chosen;
#[cfg(not(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "openbsd",
    target_os = "linux",
    windows
)))]
#[path = "this_thread/other.rs"]
mod chosen;
#[cfg(windows)]
#[path = "this_thread/windows.rs"]
mod chosen;

#[cfg(target_os = "linux")]
pub(crate) use chosen::is_renamed;
pub(crate) use chosen::{id, is_main, name, set_name};

/// Whether it is called otherwise than `own`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_renamed(own: &str) -> bool {
    name().is_some_and(|name| name != own)
}

#[cfg(test)]
mod tests {
    use std::thread::Builder;

    #[test]
    fn a_thread_is_not_the_first_one_for_its_name() {
        let thread = Builder::new().name("main".to_owned()).spawn(super::is_main);
        assert!(!thread.unwrap().join().unwrap());
    }
}

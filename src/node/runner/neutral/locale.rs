//! [`Locale`]: in which language and country a thread prints numbers and sorts text.
//!
//! On Windows that is what the system's functions go by. The C library's own, which a thread
//! has there once `_configthreadlocale` is called, is not looked at; nor is any where the system
//! has none of a thread.

#[cfg(not(any(windows, all(unix, not(target_os = "netbsd")))))]
#[path = "locale/none.rs"]
mod chosen;
#[cfg(all(unix, not(target_os = "netbsd")))]
#[path = "locale/posix.rs"]
mod chosen;
#[cfg(windows)]
#[path = "locale/windows.rs"]
mod chosen;

pub(super) use chosen::Locale;

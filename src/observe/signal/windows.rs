//! An event of Windows, whose name has the number of the process.
#![allow(unsafe_code)]

use std::{
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    process, ptr,
    str::FromStr,
    thread,
};

use windows_sys::Win32::{
    Foundation::{ERROR_ALREADY_EXISTS, GetLastError, WAIT_OBJECT_0},
    System::Threading::{CreateEventW, INFINITE, WaitForSingleObject},
};

use super::Use;

/// What `QIO_TASK_DEBUG` takes for it.
pub(in super::super) const HELP: &str = "\
  tasks           list the unfinished tasks on stderr, whenever somebody sets the event
                  qio-task-N, N being the number of the process, and at the end
";

/// An event that others of the same session of a user find by its name.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Signal {
    name: Box<str>,
}

/// There is the usual one alone.
impl FromStr for Signal {
    type Err = ();

    fn from_str(_: &str) -> Result<Self, ()> {
        Err(())
    }
}

impl Signal {
    pub(in super::super) fn usual() -> Self {
        let name = format!("qio-task-{}", process::id()).into();
        Self { name }
    }

    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    #[expect(clippy::unused_self, reason = "as where there are others")]
    pub(in super::super) fn is_usual(&self) -> bool {
        true
    }

    /// The program has none of this name.
    #[expect(clippy::unused_self, reason = "as where there are others")]
    pub(in super::super) fn used(&self) -> Use {
        Use::Free
    }

    /// Has a thread of this name call `f` each time the event is set; or once for some of them,
    /// where they come faster than that.
    pub(in super::super) fn each(
        self,
        thread: &str,
        mut f: impl FnMut() + Send + 'static,
    ) -> io::Result<()> {
        const AS_IT_IS_NOTICED: i32 = 0;
        const NOT_SET: i32 = 0;
        let name: Vec<u16> = self.name.encode_utf16().chain([0]).collect();
        // SAFETY: it has no attributes, and a name that ends with a zero; the handle is owned.
        let event = unsafe {
            let event = CreateEventW(ptr::null(), AS_IT_IS_NOTICED, NOT_SET, name.as_ptr());
            // If there is one of that name already, it is not ours to wait for: another copy of
            // the library may do that, or somebody keeps it set.
            let is_ours = GetLastError() != ERROR_ALREADY_EXISTS;
            if event.is_null() {
                return Err(io::Error::last_os_error());
            }
            let event = OwnedHandle::from_raw_handle(event);
            if !is_ours {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            event
        };
        let run = move || {
            // SAFETY: the event is open.
            while unsafe { WaitForSingleObject(event.as_raw_handle(), INFINITE) } == WAIT_OBJECT_0 {
                f();
            }
        };
        let thread = thread::Builder::new().name(thread.to_owned());
        thread.spawn(run).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_is_there_already_is_left_to_others() {
        let signal = || Signal {
            name: format!("qio-task-tests-{}", process::id()).into(),
        };
        signal().each("first", || ()).unwrap();
        let refused = signal().each("second", || ()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
    }
}

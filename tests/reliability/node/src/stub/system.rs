//! What the library asks the system for by rustix.

/// A descriptor that is never read: the loops of the stub never sleep.
pub mod event {
    use std::{fs::File, io, ops::BitOr, os::fd::OwnedFd};

    pub struct EventfdFlags;

    impl EventfdFlags {
        pub const CLOEXEC: Self = Self;
        pub const NONBLOCK: Self = Self;
    }

    impl BitOr for EventfdFlags {
        type Output = Self;

        fn bitor(self, _: Self) -> Self {
            self
        }
    }

    pub fn eventfd(_: u32, _: EventfdFlags) -> io::Result<OwnedFd> {
        Ok(File::open("/dev/null")?.into())
    }
}

pub mod io {
    use std::{io::Result, os::fd::OwnedFd};

    pub fn read(_: &OwnedFd, bytes: &mut [u8]) -> Result<usize> {
        Ok(bytes.len())
    }

    pub fn write(_: &OwnedFd, bytes: &[u8]) -> Result<usize> {
        Ok(bytes.len())
    }
}

pub mod process {
    pub enum Resource {
        Stack,
    }

    pub struct Limit {
        pub current: Option<u64>,
    }

    pub fn getpriority_process(_: Option<()>) -> std::io::Result<i32> {
        Ok(0)
    }

    pub fn setpriority_process(_: Option<()>, _: i32) -> std::io::Result<()> {
        Ok(())
    }

    pub fn getrlimit(_: Resource) -> Limit {
        Limit { current: None }
    }
}

/// No thread is the one that the process began with: what that one leaves is not freed.
pub mod thread {
    use std::{
        ffi::{CStr, CString},
        io,
        num::NonZero,
    };

    pub struct Id;

    pub fn gettid() -> Id {
        Id
    }

    impl Id {
        pub fn as_raw_nonzero(&self) -> NonZero<i32> {
            NonZero::<i32>::MAX
        }
    }

    pub fn name() -> io::Result<CString> {
        Ok(CString::default())
    }

    pub fn set_name(_: &CStr) -> io::Result<()> {
        Ok(())
    }
}

//! On Windows: an event, which stays signalled until it is reset.
#![allow(unsafe_code)]

use std::{
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
};

use windows_sys::Win32::System::Threading::{CreateEventW, ResetEvent, SetEvent};

use crate::context::poll_fd::Pollable;

/// See the module's documentation.
pub(in super::super) struct WakeUp(OwnedHandle);

impl WakeUp {
    /// # Errors
    ///
    /// When the process is out of handles.
    pub(in super::super) fn new() -> io::Result<Self> {
        const BY_HAND: i32 = 1;
        const UNSIGNALLED: i32 = 0;
        // SAFETY: it has no attributes and no name; the handle is owned by what is returned.
        unsafe {
            let event = CreateEventW(ptr::null(), BY_HAND, UNSIGNALLED, ptr::null());
            if event.is_null() {
                return Err(io::Error::last_os_error());
            }
            Ok(Self(OwnedHandle::from_raw_handle(event)))
        }
    }

    pub(in super::super) fn wake(&self) {
        // SAFETY: the event is open.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }

    pub(in super::super) fn clear(&self) {
        // SAFETY: the event is open.
        unsafe { ResetEvent(self.0.as_raw_handle()) };
    }

    /// What is to be watched.
    pub(in super::super) fn pollable(&self) -> Pollable {
        self.0.as_raw_handle().addr().cast_signed()
    }
}

//! On Windows.
#![allow(unsafe_code)]

use std::{ptr, slice, thread};

use windows_sys::Win32::{
    Foundation::LocalFree,
    System::Threading::{
        GetCurrentThread, GetCurrentThreadId, GetThreadDescription, SetThreadDescription,
    },
};

pub(crate) fn name() -> Option<String> {
    let mut name = ptr::null_mut();
    // SAFETY: a place for the name, which is ours to free, and ends with a zero.
    unsafe {
        if GetThreadDescription(GetCurrentThread(), &raw mut name) < 0 || name.is_null() {
            return None;
        }
        let length = (0..).take_while(|at| *name.add(*at) != 0).count();
        let text = String::from_utf16_lossy(slice::from_raw_parts(name, length));
        LocalFree(name.cast());
        (!text.is_empty()).then_some(text)
    }
}

pub(crate) fn set_name(name: &str) {
    let name: Vec<u16> = name
        .encode_utf16()
        .filter(|unit| *unit != 0)
        .chain([0])
        .collect();
    // SAFETY: it ends with a zero, and is copied.
    unsafe { SetThreadDescription(GetCurrentThread(), name.as_ptr()) };
}

pub(crate) fn id() -> Option<u32> {
    // SAFETY: it tells a number.
    Some(unsafe { GetCurrentThreadId() })
}

/// The system does not say which thread the process began with. The standard library has called
/// that one so, in a program whose `main` it calls.
pub(crate) fn is_main() -> bool {
    thread::current().name() == Some("main")
}

//! The library stays loaded with which a plug-in came: its sources are in main contexts that live
//! on, and its threads end by themselves.
//!
//! On systems with ELF the linker is told so, by `build.rs`. Those of Apple unload nothing that
//! has storage of threads. On Windows it is said as the first task is made.

#[cfg(not(windows))]
pub(crate) fn begin() {}

#[cfg(windows)]
pub(crate) use windows::begin;

#[cfg(windows)]
#[allow(unsafe_code)]
mod windows {
    use std::{ptr, sync::Once};

    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };

    pub(crate) fn begin() {
        static BEGUN: Once = Once::new();
        BEGUN.call_once(|| {
            let mut module = ptr::null_mut();
            let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
            // SAFETY: with this flag the name is an address within the module, as that of a
            // function of it is, and not read; there is a place for the module.
            unsafe { GetModuleHandleExW(flags, (begin as *const ()).cast(), &raw mut module) };
        });
    }
}

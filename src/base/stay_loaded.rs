//! The library stays loaded with which a plug-in came: its sources are in main contexts that live
//! on, and its threads end by themselves.
//!
//! That is said as the first task is made. Apple's systems unload nothing that has storage of
//! threads, and on OpenBSD there is no word for it.

#[cfg(any(target_vendor = "apple", target_os = "openbsd", miri))]
pub(crate) fn begin() {}

#[cfg(not(any(target_vendor = "apple", target_os = "openbsd", miri)))]
pub(crate) fn begin() {
    use std::sync::Once;

    static BEGUN: Once = Once::new();
    BEGUN.call_once(system::keep_loaded);
}

#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "openbsd", miri))))]
#[allow(unsafe_code)]
mod system {
    use std::mem::MaybeUninit;

    /// Takes a reference that is never given back.
    pub(super) fn keep_loaded() {
        let mut module = MaybeUninit::<libc::Dl_info>::uninit();
        let here = keep_loaded as fn() as *const ();
        // SAFETY: a place for what is known of the module that has this function, which is told
        // unless zero is returned. Its name ends with a zero, and is that of something that is
        // loaded: that is not loaded once more. A program that has the library in itself is not
        // found, or kept, too.
        unsafe {
            if libc::dladdr(here.cast(), module.as_mut_ptr()) != 0 {
                let name = module.assume_init().dli_fname;
                libc::dlopen(name, libc::RTLD_LAZY | libc::RTLD_NOLOAD);
            }
        }
    }
}

#[cfg(windows)]
#[allow(unsafe_code)]
mod system {
    use std::ptr;

    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };

    pub(super) fn keep_loaded() {
        let mut module = ptr::null_mut();
        let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
        let here = keep_loaded as fn() as *const ();
        // SAFETY: with this flag the name is an address within the module, as that of a function
        // of it is, and not read; there is a place for the module.
        unsafe { GetModuleHandleExW(flags, here.cast(), &raw mut module) };
    }
}

//! The library stays loaded with which a plug-in came: its sources are in main contexts that live
//! on, and its threads end by themselves.
//!
//! That is said before the first task is made. Apple's systems unload nothing that has storage of
//! threads.

#[cfg(any(target_vendor = "apple", miri))]
pub(crate) fn begin() {}

/// Waits for nobody who does the same: that one may wait for the lock of the system's loader, and
/// who holds this for a task that is being made by what is loaded.
#[cfg(not(any(target_vendor = "apple", miri)))]
pub(crate) fn begin() {
    use std::sync::atomic::{AtomicBool, Ordering};

    static HAS_BEGUN: AtomicBool = AtomicBool::new(false);
    // ORDERING: done twice it would do no harm.
    if !HAS_BEGUN.load(Ordering::Relaxed) && !HAS_BEGUN.swap(true, Ordering::Relaxed) {
        system::keep_loaded();
    }
}

#[cfg(all(unix, not(any(target_vendor = "apple", miri))))]
#[allow(unsafe_code)]
mod system {
    use std::{
        ffi::{c_int, c_void},
        mem::MaybeUninit,
        ptr,
    };

    #[cfg(not(target_os = "openbsd"))]
    const RTLD_NOLOAD: c_int = libc::RTLD_NOLOAD;
    /// As OpenBSD has it since 7.2, and older versions of the crate do not.
    #[cfg(target_os = "openbsd")]
    const RTLD_NOLOAD: c_int = 0x800;

    /// Takes a reference that is never given back.
    pub(super) fn keep_loaded() {
        let Some(module) = module_with(keep_loaded as fn() as *const c_void) else {
            return;
        };
        if program().is_some_and(|program| ptr::eq(program.dli_fbase, module.dli_fbase)) {
            return;
        }
        // SAFETY: the name ends with a zero, and is that of something that is loaded: that is not
        // loaded once more.
        unsafe {
            if libc::dlopen(module.dli_fname, libc::RTLD_LAZY | RTLD_NOLOAD).is_null() {
                // Nobody is to find what went wrong here.
                libc::dlerror();
            }
        }
    }

    /// What is known of the module at an address.
    fn module_with(address: *const c_void) -> Option<libc::Dl_info> {
        let mut module = MaybeUninit::uninit();
        // SAFETY: the address is not read, and there is a place for what is known, which is told
        // unless zero is returned.
        unsafe { (libc::dladdr(address, module.as_mut_ptr()) != 0).then(|| module.assume_init()) }
    }

    /// The program itself, which is never unloaded, and would be looked for as a file.
    #[cfg(target_os = "linux")]
    fn program() -> Option<libc::Dl_info> {
        // SAFETY: it tells a number: where the headers of the program are.
        let headers = unsafe { libc::getauxval(libc::AT_PHDR) };
        module_with(ptr::with_exposed_provenance(usize::try_from(headers).ok()?))
    }

    #[cfg(not(target_os = "linux"))]
    fn program() -> Option<libc::Dl_info> {
        None
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

//! As large as the program says that its threads' are, in the header of its file: what the
//! linker was told, 1 MiB or 2 unless it was told anything.
#![allow(unsafe_code)]

use std::ptr;

use windows_sys::Win32::System::{
    LibraryLoader::GetModuleHandleW,
    SystemServices::{IMAGE_DOS_HEADER, IMAGE_NT_SIGNATURE},
};

#[cfg(target_pointer_width = "32")]
use windows_sys::Win32::System::Diagnostics::Debug::IMAGE_NT_HEADERS32 as Headers;
#[cfg(target_pointer_width = "64")]
use windows_sys::Win32::System::Diagnostics::Debug::IMAGE_NT_HEADERS64 as Headers;

/// What a thread gets where the header can't be read, as the linker has it by default.
const USUAL: usize = 1 << 20;

pub(super) fn platform() -> usize {
    reserved().unwrap_or(USUAL)
}

fn reserved() -> Option<usize> {
    // SAFETY: that is where the program's file begins in memory, which stays there. Where the
    // signature is found, the headers follow it, as the system itself has read them.
    unsafe {
        let file = GetModuleHandleW(ptr::null()).cast::<u8>();
        if file.is_null() {
            return None;
        }
        let offset = (*file.cast::<IMAGE_DOS_HEADER>()).e_lfanew;
        let headers = file.add(usize::try_from(offset).ok()?).cast::<Headers>();
        if (*headers).Signature != IMAGE_NT_SIGNATURE {
            return None;
        }
        // Of 32 or of 64 bits, as an address is.
        usize::try_from((*headers).OptionalHeader.SizeOfStackReserve).ok()
    }
}

//! On Windows.
#![allow(unsafe_code)]

use std::{
    mem,
    os::windows::io::{AsRawHandle, HandleOrInvalid, HandleOrNull, OwnedHandle},
    process, ptr, slice,
    sync::OnceLock,
};

use windows_sys::Win32::{
    Foundation::{FARPROC, FILETIME, HANDLE, LocalFree},
    System::{
        Diagnostics::ToolHelp::{
            CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
        },
        LibraryLoader::{GetModuleHandleW, GetProcAddress},
        Threading::{
            GetCurrentThread, GetCurrentThreadId, GetThreadTimes, OpenThread,
            THREAD_QUERY_LIMITED_INFORMATION,
        },
    },
};
use windows_sys::core::{HRESULT, PCWSTR, PWSTR, s, w};

type GetDescription = unsafe extern "system" fn(HANDLE, *mut PWSTR) -> HRESULT;
type SetDescription = unsafe extern "system" fn(HANDLE, PCWSTR) -> HRESULT;

/// The functions for names. A program that was linked with them would not start on the first
/// releases of Windows 10 and its like, whose kernel32.dll has them not.
struct Descriptions {
    get: Option<GetDescription>,
    set: Option<SetDescription>,
}

impl Descriptions {
    fn found() -> &'static Self {
        static FOUND: OnceLock<Descriptions> = OnceLock::new();
        FOUND.get_or_init(|| {
            // SAFETY: both are names that end with a zero, of functions of these types. Each
            // process has the library for good.
            unsafe {
                let library = GetModuleHandleW(w!("kernelbase.dll"));
                let get = GetProcAddress(library, s!("GetThreadDescription"));
                let set = GetProcAddress(library, s!("SetThreadDescription"));
                Self {
                    get: mem::transmute::<FARPROC, Option<GetDescription>>(get),
                    set: mem::transmute::<FARPROC, Option<SetDescription>>(set),
                }
            }
        })
    }
}

pub(crate) fn name() -> Option<String> {
    let get = Descriptions::found().get?;
    let mut name = ptr::null_mut();
    // SAFETY: a place for the name, which is ours to free, and ends with a zero.
    unsafe {
        if get(GetCurrentThread(), &raw mut name) < 0 || name.is_null() {
            return None;
        }
        let length = (0..).take_while(|at| *name.add(*at) != 0).count();
        let text = String::from_utf16_lossy(slice::from_raw_parts(name, length));
        LocalFree(name.cast());
        (!text.is_empty()).then_some(text)
    }
}

pub(crate) fn set_name(name: &str) {
    let Some(set) = Descriptions::found().set else {
        return;
    };
    let name: Vec<u16> = name
        .encode_utf16()
        .filter(|unit| *unit != 0)
        .chain([0])
        .collect();
    // SAFETY: it ends with a zero, and is copied.
    unsafe { set(GetCurrentThread(), name.as_ptr()) };
}

pub(crate) fn id() -> Option<u32> {
    // SAFETY: it tells a number.
    Some(unsafe { GetCurrentThreadId() })
}

/// The system does not say which thread the process began with. That is the oldest, which is
/// looked for once: among all threads of the system, whose names are their programs' own.
pub(crate) fn is_main() -> bool {
    static MAIN: OnceLock<Option<u32>> = OnceLock::new();
    id() == *MAIN.get_or_init(oldest)
}

/// The number of the oldest thread of this process.
fn oldest() -> Option<u32> {
    // SAFETY: what comes is a snapshot that nobody else closes, or invalid.
    let snapshot = unsafe {
        let snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
        HandleOrInvalid::from_raw_handle(snapshot)
    };
    let snapshot = OwnedHandle::try_from(snapshot).ok()?;
    let mut thread = THREADENTRY32 {
        dwSize: u32::try_from(mem::size_of::<THREADENTRY32>()).ok()?,
        ..THREADENTRY32::default()
    };
    let process = process::id();
    let mut oldest: Option<(u64, u32)> = None;
    // SAFETY: the snapshot is open, and there is a place for what is known of one thread.
    let mut is_one = unsafe { Thread32First(snapshot.as_raw_handle(), &raw mut thread) };
    while is_one != 0 {
        if thread.th32OwnerProcessID == process
            && let Some(since) = made_at(thread.th32ThreadID)
            // Of those that were made at once, the one that is named first.
            && oldest.is_none_or(|(time, _)| since < time)
        {
            oldest = Some((since, thread.th32ThreadID));
        }
        // SAFETY: as above.
        is_one = unsafe { Thread32Next(snapshot.as_raw_handle(), &raw mut thread) };
    }
    oldest.map(|(_, id)| id)
}

/// When the thread with this number was made, in units of 100 ns, if it is there still.
fn made_at(id: u32) -> Option<u64> {
    const INHERITS: i32 = 0;
    // SAFETY: what comes is a handle that nobody else closes, or null.
    let thread = unsafe {
        let thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, INHERITS, id);
        HandleOrNull::from_raw_handle(thread)
    };
    let thread = OwnedHandle::try_from(thread).ok()?;
    let [mut made, mut ended, mut in_kernel, mut in_program] = [FILETIME::default(); 4];
    // SAFETY: the thread's handle is open, and there is a place for each time.
    let is_told = unsafe {
        GetThreadTimes(
            thread.as_raw_handle(),
            &raw mut made,
            &raw mut ended,
            &raw mut in_kernel,
            &raw mut in_program,
        )
    };
    let at = u64::from(made.dwHighDateTime) << 32 | u64::from(made.dwLowDateTime);
    (is_told != 0).then_some(at)
}

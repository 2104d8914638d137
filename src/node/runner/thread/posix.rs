//! A thread whose start is a plain frame, so that a call may end it.
//!
//! The start of a thread of the standard library catches panics, and what is unwound by
//! `pthread_exit` can't pass that. Here nothing is on the stack but [`main`] when a call is made.
//! That such a call has ended the thread is known by a destructor of the thread's own data: the C
//! library calls that as a thread ends, and not as the process exits.
#![allow(unsafe_code)]

use std::{
    cell::Cell,
    ffi::c_void,
    io,
    mem::{self, MaybeUninit},
    ptr,
    sync::OnceLock,
};

use super::super::{
    body::{Begin, Body},
    call::Call,
    name,
};
use crate::base::{cancellation, quietly::quietly};

/// What a thread is given.
struct Start {
    name: String,
    begin: Begin,
}

/// What it has, from its start to its end.
struct Running {
    body: Box<dyn Body>,
    /// Whether the function that is called has returned.
    has_returned: Cell<bool>,
}

/// Where a thread has the address of its `Running`.
static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();

/// Starts a thread that nobody joins. It is detached from the start: one that is detached later
/// may have ended by then, and glibc (2.36, for one) looks at it once more.
pub(super) fn start(name: String, stack_size: usize, begin: Begin) -> io::Result<()> {
    make_key()?;
    let attributes = Attributes::new(stack_size)?;
    let start = Box::into_raw(Box::new(Start { name, begin }));
    let mut thread = MaybeUninit::uninit();
    // SAFETY: `main` may unwind, and whoever calls it is C, for which it is the same; it is given
    // what it expects.
    let started = checked(unsafe {
        let main: extern "C" fn(*mut c_void) -> *mut c_void =
            mem::transmute(main as extern "C-unwind" fn(*mut c_void) -> *mut c_void);
        libc::pthread_create(
            thread.as_mut_ptr(),
            &raw const attributes.0,
            main,
            start.cast(),
        )
    });
    if started.is_err() {
        // SAFETY: no thread has it.
        drop(unsafe { Box::from_raw(start) });
    }
    started
}

/// The start of a thread. No frame of it has something to drop while a call is made.
extern "C-unwind" fn main(start: *mut c_void) -> *mut c_void {
    // SAFETY: `start` has made it, for this thread. What it has is there until it has nothing
    // more to do.
    unsafe {
        let running = begin(start.cast());
        while let Some(call) = go_on(running) {
            call.make(&(*running).has_returned);
        }
    }
    ptr::null_mut()
}

/// # Safety
///
/// `start` has made it, for this thread.
#[inline(never)]
unsafe fn begin(start: *mut Start) -> *mut Running {
    // For good: but for its calls nothing that it does may be cancelled.
    cancellation::forbid();
    // SAFETY: the caller's.
    let Start { name, begin } = *unsafe { Box::from_raw(start) };
    name::set(&name);
    let running = Box::into_raw(Box::new(Running {
        body: begin(),
        has_returned: Cell::new(false),
    }));
    set_own(running);
    running
}

/// Says what is to be called, or that all has been done: then there is no `running` any more.
///
/// # Safety
///
/// It is this thread's, and its last call has returned.
#[inline(never)]
unsafe fn go_on(running: *mut Running) -> Option<Call> {
    // SAFETY: the caller's. Nobody else has it meanwhile.
    let call = unsafe { (*running).body.run() };
    if call.is_none() {
        set_own(ptr::null_mut());
        // SAFETY: the caller's; it was made by `begin`, and is freed once.
        drop(unsafe { Box::from_raw(running) });
    }
    call
}

/// Called as a thread ends in the middle of a call.
extern "C" fn end(running: *mut c_void) {
    // SAFETY: it was made by `begin`, and is freed once: `go_on` has not done it.
    let mut running = unsafe { Box::from_raw(running.cast::<Running>()) };
    let has_returned = running.has_returned.get();
    quietly(|| running.body.end_with_thread(has_returned));
}

fn make_key() -> io::Result<()> {
    if KEY.get().is_some() {
        return Ok(());
    }
    let mut key = 0;
    // SAFETY: a place for the key. The destructor is there as long as this library, which is not
    // unloaded while it has threads.
    checked(unsafe { libc::pthread_key_create(&raw mut key, Some(end)) })?;
    if KEY.set(key).is_err() {
        // SAFETY: another thread was faster, and nobody has this one.
        unsafe { libc::pthread_key_delete(key) };
    }
    Ok(())
}

/// With no memory left for it, nobody hears of a thread that is ended by a call.
fn set_own(running: *mut Running) {
    if let Some(key) = KEY.get() {
        // SAFETY: the key is there for good.
        unsafe { libc::pthread_setspecific(*key, running.cast()) };
    }
}

/// What a thread is started with.
struct Attributes(libc::pthread_attr_t);

impl Attributes {
    /// Of a detached thread with a stack of so many bytes, rounded up to whole pages.
    fn new(stack_size: usize) -> io::Result<Self> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: it fills the attributes, unless it fails.
        let mut attributes = unsafe {
            checked(libc::pthread_attr_init(attributes.as_mut_ptr()))?;
            Self(attributes.assume_init())
        };
        // SAFETY: it is asked for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let page = usize::try_from(page).unwrap_or(1);
        let stack_size = stack_size.max(smallest_stack()).next_multiple_of(page);
        let place = &raw mut attributes.0;
        // SAFETY: they are attributes.
        unsafe {
            checked(libc::pthread_attr_setstacksize(place, stack_size))?;
            let detached = libc::PTHREAD_CREATE_DETACHED;
            checked(libc::pthread_attr_setdetachstate(place, detached))?;
        }
        Ok(attributes)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they are attributes, and used no more.
        unsafe { libc::pthread_attr_destroy(&raw mut self.0) };
    }
}

/// As many bytes as the stack of any thread has.
#[cfg(not(target_os = "netbsd"))]
fn smallest_stack() -> usize {
    libc::PTHREAD_STACK_MIN
}

#[cfg(target_os = "netbsd")]
fn smallest_stack() -> usize {
    // SAFETY: it is asked for a number.
    let smallest = unsafe { libc::sysconf(libc::_SC_THREAD_STACK_MIN) };
    usize::try_from(smallest).unwrap_or_default()
}

/// What a function of this kind has returned: zero, or the number of an error.
fn checked(code: libc::c_int) -> io::Result<()> {
    match code {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

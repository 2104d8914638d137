//! In places that GLib has for each thread.
//!
//! Where the compiler knows no storage of threads the standard library has it in places that the
//! system frees as a thread ends, in any order, also what has no destructor; and what is used
//! after that is there once more, as new. On Apple's systems the compiler knows it, and the loader
//! frees it as early. A thread must not get another number by that, nor a
//! registry again that nobody would hear of. What GLib keeps without a function to free it with
//! stays as it is until the thread has ended.
#![allow(unsafe_code)]

use std::{cell::UnsafeCell, num::NonZero, ptr};

use glib::ffi::{self, GPrivate};

/// A number for each thread, 0 at first.
struct Place(UnsafeCell<GPrivate>);

// SAFETY: GLib reads and writes it, from any thread.
unsafe impl Sync for Place {}

impl Place {
    const fn new() -> Self {
        Self(UnsafeCell::new(GPrivate {
            p: ptr::null_mut(),
            notify: None,
            future: [ptr::null_mut(); 2],
        }))
    }

    #[inline]
    fn get(&self) -> usize {
        // SAFETY: it is one that GLib initializes as it is first used. What is kept is a number.
        unsafe { ffi::g_private_get(self.0.get()) }.addr()
    }

    fn set(&self, number: usize) {
        // SAFETY: as in `get`. Nobody follows it, and there is no function to free it with.
        unsafe { ffi::g_private_set(self.0.get(), ptr::without_provenance_mut(number)) };
    }
}

static HERE: Place = Place::new();
static HAS_ENDED: Place = Place::new();

#[inline]
pub(super) fn get() -> Option<NonZero<u32>> {
    NonZero::new(u32::try_from(HERE.get()).ok()?)
}

pub(super) fn set(number: NonZero<u32>) {
    HERE.set(number.get() as usize);
}

/// The thread ends.
pub(in super::super) fn end() {
    HAS_ENDED.set(1);
}

/// Whether it does.
#[inline]
pub(in super::super) fn has_ended() -> bool {
    HAS_ENDED.get() != 0
}

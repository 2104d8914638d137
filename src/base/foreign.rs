//! What foreign code may have done to a thread, by how long it took.
//!
//! What the kernel knows of a thread changes by system calls alone. To look whether it has
//! changed takes some of those, and many a job of the pool is shorter than one: such a job has
//! made none. So jobs are timed, by the cheapest clock that there is.
#![allow(unsafe_code)]

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

thread_local! {
    static MAY_HAVE_CALLED: Cell<bool> = const { Cell::new(false) };
}

/// Half of what the shortest system call takes that was seen, in ticks: half, since the
/// processor may run faster than it did then. Until one was seen it is 0, and whatever takes as
/// long may have made one.
static SHORTEST_CALL: AtomicU64 = AtomicU64::new(0);

/// Runs foreign code.
#[inline]
pub(crate) fn timed<R>(f: impl FnOnce() -> R) -> R {
    // What was begun before has ended: else what waits for memory there would count.
    let start = clock::ticks_after_all();
    let result = f();
    // ORDERING: it is a number, and any that was there will do.
    let shortest = SHORTEST_CALL.load(Ordering::Relaxed);
    if clock::ticks().wrapping_sub(start) >= shortest || !clock::IS_CHEAP {
        untimed();
    }
    result
}

/// Foreign code runs on this thread that nobody times.
#[inline]
pub(crate) fn untimed() {
    MAY_HAVE_CALLED.set(true);
}

/// Whether foreign code may have made a system call on this thread, since this was last asked.
#[inline]
pub(crate) fn may_have_called() -> bool {
    MAY_HAVE_CALLED.replace(false)
}

/// Makes a system call of the shortest kind, and times it.
pub(crate) fn measured<R>(call: impl FnOnce() -> R) -> R {
    let start = clock::ticks_after_all();
    let result = call();
    let half = clock::ticks().wrapping_sub(start) / 2;
    // Seldom shorter: so the variable stays where all read it.
    let shortest = SHORTEST_CALL.load(Ordering::Relaxed);
    if shortest == 0 || half < shortest {
        SHORTEST_CALL.store(half, Ordering::Relaxed);
    }
    result
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
pub(crate) mod clock {
    pub(crate) const IS_CHEAP: bool = true;

    #[inline]
    pub(crate) fn ticks() -> u64 {
        // SAFETY: every such processor has this counter.
        unsafe { std::arch::x86_64::_rdtsc() }
    }

    #[inline]
    pub(crate) fn ticks_after_all() -> u64 {
        // SAFETY: every such processor has this fence, which waits for what is loaded.
        unsafe { std::arch::x86_64::_mm_lfence() };
        ticks()
    }
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
pub(crate) mod clock {
    pub(crate) const IS_CHEAP: bool = true;

    #[inline]
    pub(crate) fn ticks() -> u64 {
        let ticks;
        // SAFETY: it reads a counter that the kernel lets every program read.
        unsafe { std::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        ticks
    }

    #[inline]
    pub(crate) fn ticks_after_all() -> u64 {
        // SAFETY: it waits for what was begun before.
        unsafe { std::arch::asm!("isb", options(nomem, nostack, preserves_flags)) };
        ticks()
    }
}

/// Where no clock is as cheap, every job may have made one. Miri has none.
#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) mod clock {
    pub(crate) const IS_CHEAP: bool = false;

    pub(crate) fn ticks() -> u64 {
        0
    }

    pub(crate) use ticks as ticks_after_all;
}

//! [`FloatMode`]: how a thread rounds, and which faults of arithmetic it is told of.
#![allow(unsafe_code)]

/// See the module's documentation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FloatMode(Registers);

impl FloatMode {
    /// That of this thread.
    #[inline]
    pub(super) fn here() -> Self {
        Self(registers())
    }

    /// Makes it that of this thread again.
    #[inline]
    pub(super) fn restore(self) {
        if Self::here() != self {
            set(self.0);
        }
    }
}

#[cfg(target_arch = "x86_64")]
use x86_64::{Registers, registers, set};

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::asm;

    /// What has happened so far, apart from how it is to be done.
    const FLAGS: u32 = 0x3f;

    /// Of SSE, and of the x87.
    pub(super) type Registers = (u32, u16);

    #[inline]
    pub(super) fn registers() -> Registers {
        let (mut sse, mut x87) = (0_u32, 0_u16);
        // SAFETY: each is written to a place of its size.
        unsafe {
            asm!("stmxcsr [{}]", in(reg) &raw mut sse, options(nostack, preserves_flags));
            asm!("fnstcw [{}]", in(reg) &raw mut x87, options(nostack, preserves_flags));
        }
        (sse & !FLAGS, x87)
    }

    #[cold]
    pub(super) fn set((sse, x87): Registers) {
        // SAFETY: both were read from there; with what is set, the code of this library was
        // called.
        unsafe {
            asm!("ldmxcsr [{}]", in(reg) &raw const sse, options(nostack, readonly));
            asm!("fldcw [{}]", in(reg) &raw const x87, options(nostack, readonly));
        }
    }
}

#[cfg(target_arch = "aarch64")]
use aarch64::{Registers, registers, set};

#[cfg(target_arch = "aarch64")]
mod aarch64 {
    use std::arch::asm;

    pub(super) type Registers = u64;

    #[inline]
    pub(super) fn registers() -> Registers {
        let mode;
        // SAFETY: it is read.
        unsafe { asm!("mrs {}, fpcr", out(reg) mode, options(nomem, nostack, preserves_flags)) };
        mode
    }

    #[cold]
    pub(super) fn set(mode: Registers) {
        // SAFETY: it was read from there; with what is set, the code of this library was called.
        unsafe { asm!("msr fpcr, {}", in(reg) mode, options(nomem, nostack, preserves_flags)) };
    }
}

/// On other processors nobody looks.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Registers = ();

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn registers() -> Registers {}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn set(_: Registers) {}

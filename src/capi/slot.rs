//! [`Slot`]: a place for one value after the other, without a lock.
#![allow(unsafe_code)]

use std::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Each value has a generation of its own. What is beside it is there for all of them.
pub(super) struct Slot<T: 'static, B: 'static> {
    /// Among the slots of one table.
    pub(super) number: usize,
    /// Four times the generation, and [`FULL`], [`TAKEN`] or, between two, neither.
    state: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
    pub(super) beside: B,
}

/// After so many generations the first one comes again.
pub(super) const GENERATION_BITS: u32 = if usize::BITS == 64 { 32 } else { 12 };
const FULL: usize = 1;
const TAKEN: usize = 2;

// SAFETY: a value is only moved: in by the one `VacantSlot` of its slot, and out by
// the one thread that makes it `TAKEN`.
unsafe impl<T: Send, B: Sync> Sync for Slot<T, B> {}

/// The right to fill a slot, between two generations.
pub(super) struct VacantSlot<T: 'static, B: 'static>(&'static Slot<T, B>);

/// The right to end the generation whose value was taken out.
pub(super) struct TakenSlot<T: 'static, B: 'static>(&'static Slot<T, B>);

/// Makes slots of these numbers, which are never freed.
pub(super) fn slots<T, B: Default>(
    numbers: Range<usize>,
) -> (
    &'static [Slot<T, B>],
    impl Iterator<Item = VacantSlot<T, B>>,
) {
    let slot = |number| Slot {
        number,
        state: AtomicUsize::new(0),
        value: UnsafeCell::new(MaybeUninit::uninit()),
        beside: B::default(),
    };
    let slots: &'static [_] = Vec::leak(numbers.map(slot).collect());
    (slots, slots.iter().map(VacantSlot))
}

impl<T, B> Slot<T, B> {
    /// Takes the value of this generation out, unless that has been done.
    #[inline]
    pub(super) fn take(&'static self, generation: usize) -> Option<(T, TakenSlot<T, B>)> {
        let (full, taken) = (generation << 2 | FULL, generation << 2 | TAKEN);
        // ORDERING: acquires what `fill` has released.
        let state = &self.state;
        state
            .compare_exchange(full, taken, Ordering::Acquire, Ordering::Relaxed)
            .ok()?;
        // SAFETY: it was full, and this is the thread that has changed that.
        let value = unsafe { (*self.value.get()).assume_init_read() };
        Some((value, TakenSlot(self)))
    }

    /// Whether it is this generation's, until that is ended.
    #[inline]
    pub(super) fn is_of(&self, generation: usize) -> bool {
        // ORDERING: acquires what `fill` has released.
        let state = self.state.load(Ordering::Acquire);
        state == generation << 2 | FULL || state == generation << 2 | TAKEN
    }
}

impl<T, B> VacantSlot<T, B> {
    /// Where the value will be.
    #[inline]
    pub(super) fn slot(&self) -> &'static Slot<T, B> {
        self.0
    }

    /// Begins a generation, and says which.
    #[inline]
    pub(super) fn fill(self, value: T) -> usize {
        let Self(slot) = self;
        // SAFETY: nobody reads it before it is full, and nobody else may fill it.
        unsafe { (*slot.value.get()).write(value) };
        let state = slot.state.load(Ordering::Relaxed);
        // ORDERING: what is beside it is written before, too.
        slot.state.store(state | FULL, Ordering::Release);
        state >> 2
    }
}

impl<T, B> TakenSlot<T, B> {
    /// Ends the generation.
    #[inline]
    pub(super) fn vacate(self) -> VacantSlot<T, B> {
        let Self(slot) = self;
        let generation = (slot.state.load(Ordering::Relaxed) >> 2) + 1;
        let generation = generation & ((1 << GENERATION_BITS) - 1);
        slot.state.store(generation << 2, Ordering::Release);
        VacantSlot(slot)
    }
}

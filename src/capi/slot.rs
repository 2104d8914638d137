//! [`Slot`]: a place for one thing after the other, without a lock.

use std::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Each thing has a turn of its own. What is beside it is there for all turns.
pub(crate) struct Slot<T: 'static, B: 'static> {
    /// Four times the turn, and [`FULL`], [`TAKEN`] or, between two, neither.
    state: AtomicUsize,
    thing: UnsafeCell<MaybeUninit<T>>,
    pub(crate) beside: B,
}

/// After so many turns the first one comes again.
pub(crate) const TURN_BITS: u32 = if usize::BITS == 64 { 32 } else { 12 };
const FULL: usize = 1;
const TAKEN: usize = 2;

// SAFETY: a thing is only moved: in by the one `Vacant` of its slot, and out by
// the one thread that makes it `TAKEN`.
unsafe impl<T: Send, B: Sync> Sync for Slot<T, B> {}

/// The right to fill a slot, between two turns.
pub(crate) struct Vacant<T: 'static, B: 'static>(&'static Slot<T, B>);

/// The right to end the turn in which a thing was taken out.
pub(crate) struct Taken<T: 'static, B: 'static>(&'static Slot<T, B>);

/// Makes slots, which are never freed.
pub(crate) fn slots<T, B>(
    beside: impl Iterator<Item = B>,
) -> (&'static [Slot<T, B>], impl Iterator<Item = Vacant<T, B>>) {
    let slot = |beside| Slot {
        state: AtomicUsize::new(0),
        thing: UnsafeCell::new(MaybeUninit::uninit()),
        beside,
    };
    let slots: &'static [_] = Vec::leak(beside.map(slot).collect());
    (slots, slots.iter().map(Vacant))
}

impl<T, B> Slot<T, B> {
    /// Takes the thing of this turn out, unless that has been done.
    #[inline]
    pub(crate) fn take(&'static self, turn: usize) -> Option<(T, Taken<T, B>)> {
        let (full, taken) = (turn << 2 | FULL, turn << 2 | TAKEN);
        // ORDERING: acquires what `fill` has released.
        let state = &self.state;
        state
            .compare_exchange(full, taken, Ordering::Acquire, Ordering::Relaxed)
            .ok()?;
        // SAFETY: it was full, and this is the thread that has changed that.
        let thing = unsafe { (*self.thing.get()).assume_init_read() };
        Some((thing, Taken(self)))
    }

    /// Whether it is this turn.
    #[inline]
    pub(crate) fn is_in(&self, turn: usize) -> bool {
        // ORDERING: acquires what `fill` has released.
        let state = self.state.load(Ordering::Acquire);
        state == turn << 2 | FULL || state == turn << 2 | TAKEN
    }
}

impl<T, B> Vacant<T, B> {
    /// What is beside the thing that is to come.
    pub(crate) fn beside(&self) -> &'static B {
        &self.0.beside
    }

    /// Begins a turn, and says which.
    #[inline]
    pub(crate) fn fill(self, thing: T) -> usize {
        let Self(slot) = self;
        // SAFETY: nobody reads it before it is full, and nobody else may fill it.
        unsafe { (*slot.thing.get()).write(thing) };
        let state = slot.state.load(Ordering::Relaxed);
        // ORDERING: what is beside it is written before, too.
        slot.state.store(state | FULL, Ordering::Release);
        state >> 2
    }
}

impl<T, B> Taken<T, B> {
    /// Ends the turn.
    #[inline]
    pub(crate) fn end(self) -> Vacant<T, B> {
        let Self(slot) = self;
        let turn = (slot.state.load(Ordering::Relaxed) >> 2) + 1;
        slot.state
            .store((turn & ((1 << TURN_BITS) - 1)) << 2, Ordering::Release);
        Vacant(slot)
    }
}

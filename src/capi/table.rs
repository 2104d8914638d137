//! [`Table`]: slots that are looked up by their numbers, without a lock.
//!
//! They are made as they are needed, and stay. Each thread has some vacant ones at hand.

use std::{
    cell::RefCell,
    sync::{Mutex, OnceLock},
    thread::LocalKey,
};

use super::slot::{GENERATION_BITS, Slot, VacantSlot, slots};
use crate::base::{fork, sync::lock};

/// What is left of a pointer beside the generation.
pub(super) const NUMBER_BITS: u32 = usize::BITS - GENERATION_BITS;

/// How many slots the first chunk has, as a power of two. Each has twice as many as the one
/// before.
const FIRST_BITS: u32 = 6;

/// How many chunks there may be.
const CHUNKS: usize = (NUMBER_BITS - FIRST_BITS) as usize;

/// How many vacant slots a thread takes at once. It keeps twice as many.
const AT_ONCE: usize = 32;

/// See the module's documentation.
pub(super) struct Table<T: 'static, B: 'static> {
    chunks: [OnceLock<&'static [Slot<T, B>]>; CHUNKS],
    /// Where threads have their vacant slots from.
    vacant: Mutex<Vec<VacantSlot<T, B>>>,
}

/// The vacant slots of a table that one thread has at hand.
pub(super) struct AtHand<T: 'static, B: 'static> {
    table: &'static Table<T, B>,
    vacant: RefCell<Vec<VacantSlot<T, B>>>,
}

impl<T: Send, B: Sync + Default> Table<T, B> {
    pub(super) const fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; CHUNKS],
            vacant: Mutex::new(Vec::new()),
        }
    }

    /// A slot to be filled.
    ///
    /// # Panics
    ///
    /// Panics when there are no numbers left.
    #[inline]
    pub(super) fn vacant_slot(
        &'static self,
        at_hand: &'static LocalKey<AtHand<T, B>>,
    ) -> VacantSlot<T, B> {
        let vacant = at_hand
            .try_with(|at_hand| {
                let mut vacant = at_hand.vacant.borrow_mut();
                if vacant.is_empty() {
                    self.refill(&mut vacant);
                }
                vacant.pop()
            })
            .ok()
            .flatten();
        // The thread is ending.
        vacant.unwrap_or_else(|| {
            let mut one = AtHand::new(self);
            self.refill(one.vacant.get_mut());
            one.vacant.get_mut().pop().expect("just refilled")
        })
    }

    #[cold]
    fn refill(&'static self, at_hand: &mut Vec<VacantSlot<T, B>>) {
        // A plain task has no queue.
        fork::watch();
        let mut vacant = lock(&self.vacant);
        if vacant.is_empty() {
            let chunk = self.chunks.iter().position(|chunk| chunk.get().is_none());
            let chunk = chunk.expect("there are too many tasks");
            let (first, count) = ((1 << chunk) - 1, 1 << chunk);
            let numbers = first << FIRST_BITS..(first + count) << FIRST_BITS;
            let (slots, new) = slots(numbers);
            self.chunks[chunk].get_or_init(|| slots);
            vacant.extend(new);
        }
        let left = vacant.len().saturating_sub(AT_ONCE);
        at_hand.extend(vacant.drain(left..));
    }

    /// The slot of this number, if there is one yet.
    #[inline]
    pub(super) fn slot(&'static self, number: usize) -> Option<&'static Slot<T, B>> {
        let place = number + (1 << FIRST_BITS);
        let chunk = place.ilog2() - FIRST_BITS;
        let slots = self.chunks.get(chunk as usize)?.get()?;
        slots.get(place - (1 << (chunk + FIRST_BITS)))
    }

    /// Takes a slot back whose generation was ended.
    #[inline]
    pub(super) fn recycle(
        &'static self,
        slot: VacantSlot<T, B>,
        at_hand: &'static LocalKey<AtHand<T, B>>,
    ) {
        let mut slot = Some(slot);
        let kept = at_hand.try_with(|at_hand| {
            let mut vacant = at_hand.vacant.borrow_mut();
            if let Some(slot) = slot.take() {
                vacant.push(slot);
            }
            if vacant.len() > 2 * AT_ONCE {
                lock(&self.vacant).extend(vacant.drain(..AT_ONCE));
            }
        });
        if kept.is_err() {
            lock(&self.vacant).extend(slot);
        }
    }
}

impl<T, B> AtHand<T, B> {
    pub(super) const fn new(table: &'static Table<T, B>) -> Self {
        Self {
            table,
            vacant: RefCell::new(Vec::new()),
        }
    }
}

impl<T, B> Drop for AtHand<T, B> {
    fn drop(&mut self) {
        // There a lock may be held for ever, and nobody will need them.
        if fork::is_child() {
            return;
        }
        lock(&self.table.vacant).append(self.vacant.get_mut());
    }
}

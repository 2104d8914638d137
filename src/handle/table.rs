//! The table of the tasks that live.
//!
//! Rows are made as they are needed, and stay: whatever number C comes with, it
//! is looked up without a lock. Each thread has some vacant rows at hand.

use std::{
    cell::RefCell,
    ffi::c_void,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicPtr, Ordering},
    },
};

use super::{
    Handle,
    task::{Parts, Task},
};
use crate::{
    capi::{self, TURN_BITS},
    lock,
};

/// The parts of a task that is plain, and what is beside them.
pub(super) type Row = capi::Slot<Parts, Beside>;
pub(super) type Vacant = capi::Vacant<Parts, Beside>;
pub(super) type Taken = capi::Taken<Parts, Beside>;

pub(super) struct Beside {
    number: usize,
    /// The source, for who only asks for it.
    pub(super) source: AtomicPtr<c_void>,
    /// A task that is plain no more.
    pub(super) task: Mutex<Option<Box<Task>>>,
}

/// What is left of a pointer beside the turn.
const ROW_BITS: u32 = usize::BITS - TURN_BITS;
/// How many rows the first chunk has, as a power of two. Each has twice as many
/// as the one before.
const FIRST_BITS: u32 = 6;

static CHUNKS: [OnceLock<&[Row]>; (ROW_BITS - FIRST_BITS) as usize] =
    [const { OnceLock::new() }; (ROW_BITS - FIRST_BITS) as usize];

/// Where threads have their vacant rows from.
static VACANT: Mutex<Vec<Vacant>> = Mutex::new(Vec::new());

/// How many a thread takes at once. It keeps twice as many.
const AT_ONCE: usize = 32;

thread_local! {
    static AT_HAND: AtHand = const { AtHand(RefCell::new(Vec::new())) };
}

struct AtHand(RefCell<Vec<Vacant>>);

impl Drop for AtHand {
    fn drop(&mut self) {
        lock(&VACANT).append(self.0.get_mut());
    }
}

impl Handle {
    /// Takes in a plain task.
    ///
    /// # Panics
    ///
    /// Panics when there are more tasks than numbers.
    #[inline]
    pub(crate) fn new(parts: Parts) -> Self {
        let vacant = AT_HAND
            .try_with(|at_hand| {
                let mut at_hand = at_hand.0.borrow_mut();
                if at_hand.is_empty() {
                    refill(&mut at_hand);
                }
                at_hand.pop()
            })
            .ok()
            .flatten();
        // The thread is ending.
        let vacant = vacant.unwrap_or_else(|| {
            let mut one = AtHand(RefCell::default());
            refill(one.0.get_mut());
            one.0.get_mut().pop().expect("just refilled")
        });
        let beside = vacant.beside();
        // ORDERING: who reads this one sees that the last turn has ended.
        beside.source.store(parts.source().get(), Ordering::Release);
        let turn = vacant.fill(parts);
        Self(turn << ROW_BITS | (beside.number + 1))
    }

    #[inline]
    pub(super) fn turn(self) -> usize {
        self.0 >> ROW_BITS
    }

    #[inline]
    pub(super) fn row(self) -> Option<&'static Row> {
        let number = (self.0 & ((1 << ROW_BITS) - 1)).checked_sub(1)?;
        let place = number + (1 << FIRST_BITS);
        let chunk = place.ilog2() - FIRST_BITS;
        let rows = CHUNKS.get(chunk as usize)?.get()?;
        rows.get(place - (1 << (chunk + FIRST_BITS)))
    }
}

#[cold]
fn refill(at_hand: &mut Vec<Vacant>) {
    let mut vacant = lock(&VACANT);
    if vacant.is_empty() {
        let chunk = CHUNKS.iter().position(|chunk| chunk.get().is_none());
        let chunk = chunk.expect("there are too many tasks");
        let (first, count) = ((1 << chunk) - 1, 1 << chunk);
        let numbers = (first << FIRST_BITS)..(first + count) << FIRST_BITS;
        let (rows, new) = capi::slots(numbers.map(|number| Beside {
            number,
            source: AtomicPtr::default(),
            task: Mutex::new(None),
        }));
        CHUNKS[chunk].get_or_init(|| rows);
        vacant.extend(new);
    }
    let left = vacant.len().saturating_sub(AT_ONCE);
    at_hand.extend(vacant.drain(left..));
}

/// Takes a row back whose turn has ended.
#[inline]
pub(super) fn give_back(row: Vacant) {
    let mut row = Some(row);
    let kept = AT_HAND.try_with(|at_hand| {
        let mut at_hand = at_hand.0.borrow_mut();
        at_hand.extend(row.take());
        if at_hand.len() > 2 * AT_ONCE {
            lock(&VACANT).extend(at_hand.drain(..AT_ONCE));
        }
    });
    if kept.is_err() {
        lock(&VACANT).extend(row);
    }
}

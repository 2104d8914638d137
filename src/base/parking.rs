//! Where threads sleep until something changes, and the wakers of futures wait for that.

use std::sync::Arc;

use super::{
    sync::{Condvar, Mutex},
    wake_slot::WakeSlot,
};

/// Where threads sleep, and what is to be woken as something at an address changes.
type Lot = (Mutex<Vec<(usize, Arc<WakeSlot>)>>, Condvar);

/// The one of `address`. Others sleep there, too: who wakes looks again.
pub(crate) fn parking(address: usize) -> &'static Lot {
    const LOTS: usize = 16;
    static PARKING: [Lot; LOTS] = [const { (Mutex::new(Vec::new()), Condvar::new()) }; LOTS];
    // What is allocated lies some words apart.
    &PARKING[address / 64 % LOTS]
}

//! First in, first out: what one thread has completed for one context and
//! priority comes in that order.

use std::{cell::Cell, collections::BTreeMap};

use glib::Priority;

use crate::place::thread_number;

/// The place of a result among those that one thread has sent.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    sender: u32,
    number: u64,
}

impl Turn {
    /// The next one of this thread.
    pub fn next() -> Self {
        thread_local! {
            static NEXT: Cell<u64> = const { Cell::new(0) };
        }
        NEXT.set(NEXT.get() + 1);
        Self {
            sender: thread_number(),
            number: NEXT.get(),
        }
    }
}

/// Among whom an order is kept: callbacks of one thread, or of any (0), and
/// of one priority.
pub type Lane = (u32, Priority);

/// The last turn that was seen of each sender in each lane of a context.
#[derive(Default)]
pub struct Orders(BTreeMap<(Lane, u32), u64>);

impl Orders {
    /// Notes that a result has come. Says which one should have come before,
    /// if it is out of turn.
    pub fn arrived(&mut self, lane: Lane, turn: Turn) -> Result<(), u64> {
        let last = self.0.entry((lane, turn.sender)).or_default();
        if turn.number <= *last {
            return Err(*last);
        }
        *last = turn.number;
        Ok(())
    }

    /// The thread of these lanes has ended.
    pub fn forget(&mut self, home: u32) {
        self.0.retain(|((thread, _), _), _| *thread != home);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_that_is_overtaken_is_seen() {
        let mut orders = Orders::default();
        let turns: Vec<Turn> = std::iter::repeat_with(Turn::next).take(3).collect();
        assert_eq!(
            orders.arrived((1, Priority::DEFAULT_IDLE), turns[0]),
            Ok(())
        );
        assert_eq!(
            orders.arrived((1, Priority::DEFAULT_IDLE), turns[2]),
            Ok(())
        );
        assert_eq!(
            orders.arrived((1, Priority::DEFAULT), turns[1]),
            Ok(()),
            "another priority"
        );
        assert_eq!(
            orders.arrived((2, Priority::DEFAULT_IDLE), turns[1]),
            Ok(()),
            "another home"
        );
        assert!(
            orders
                .arrived((1, Priority::DEFAULT_IDLE), turns[1])
                .is_err()
        );
        assert!(
            orders
                .arrived((1, Priority::DEFAULT_IDLE), turns[2])
                .is_err(),
            "twice"
        );
    }

    #[test]
    fn senders_are_not_compared() {
        let mut orders = Orders::default();
        let mine = Turn::next();
        let other = std::thread::spawn(Turn::next).join().unwrap();
        assert_eq!(orders.arrived((1, Priority::DEFAULT_IDLE), mine), Ok(()));
        assert_eq!(orders.arrived((1, Priority::DEFAULT_IDLE), other), Ok(()));
    }
}

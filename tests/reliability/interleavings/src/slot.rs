//! [`Slot`]: a place that is filled and emptied without a lock, as those of a task are.

use crate::sync::UnsafeCell;

/// See the module's documentation.
///
/// Whose it is, the machine under test says. Loom fails a scenario in which two threads
/// touch it without an order between them, and so does `ThreadSanitizer`.
pub(crate) struct Slot<T>(UnsafeCell<Option<T>>);

// SAFETY: that only one thread at a time touches it is what is being tested.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    pub(crate) fn empty() -> Self {
        Self(UnsafeCell::new(None))
    }

    pub(crate) fn filled(value: T) -> Self {
        Self(UnsafeCell::new(Some(value)))
    }

    pub(crate) fn put(&self, value: T) {
        let last = self.0.with_mut(|place| {
            // SAFETY: see above.
            unsafe { (*place).replace(value) }
        });
        assert!(last.is_none(), "it is filled once");
    }

    pub(crate) fn take(&self) -> T {
        let value = self.0.with_mut(|place| {
            // SAFETY: see above.
            unsafe { (*place).take() }
        });
        value.expect("it is filled, and emptied once")
    }

    /// Whether it is filled.
    pub(crate) fn is_filled(&self) -> bool {
        self.0.with(|place| {
            // SAFETY: see above.
            unsafe { (*place).is_some() }
        })
    }
}

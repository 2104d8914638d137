//! [`Neutral`], for Miri, which knows nothing of what a job may have done to its thread.

/// See the module's documentation.
pub(super) struct Neutral;

impl Neutral {
    pub(super) fn here(_: &'static str) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "as the one that does something")]
    pub(super) fn restore(&self) -> bool {
        true
    }
}

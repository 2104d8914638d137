//! Where a thread has no locale of its own.

pub(in super::super) struct Locale;

impl Locale {
    pub(in super::super) fn here() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "as the one that does something")]
    pub(in super::super) fn restore(&self) {}
}

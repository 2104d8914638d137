//! How a call from C is refused: with the assertion that has failed, as
//! `g_return_if_fail` does it.

/// A result, or the assertion that has failed.
pub(super) type Checked<R> = Result<R, &'static str>;

/// The assertion of a call that comes too late.
pub(super) const ENDED: &str = "task has not ended";

pub(super) fn assert_that(holds: bool, assertion: &'static str) -> Checked<()> {
    if holds { Ok(()) } else { Err(assertion) }
}

//! [`Body`]: what a thread does, from its start to its end.

use super::call::Call;

/// Makes the body of a thread, on that.
pub(super) type Begin = Box<dyn FnOnce() -> Box<dyn Body> + Send>;

/// See the module's documentation.
pub(super) trait Body {
    /// Does it, to the end; or until a call is to be made with nothing on the stack: then this is
    /// called once more, after that call has returned.
    fn run(&mut self) -> Option<Call>;

    /// The call has ended the thread, which has nothing left that is its own. `has_returned` says
    /// whether the function has returned before.
    #[cfg(feature = "capi")]
    #[cfg_attr(
        windows,
        allow(dead_code, reason = "no call is known there to end its thread")
    )]
    fn end_with_thread(&mut self, has_returned: bool);
}

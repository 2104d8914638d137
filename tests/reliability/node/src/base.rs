#[path = "../../../../src/base/state.rs"]
pub(crate) mod state;
#[path = "../../../../src/base/sync.rs"]
pub(crate) mod sync;

//! Auto traits and sizes of the public types, pinned.

use std::rc::Rc;

use futures::{future::FusedFuture, stream::FusedStream};
use qio_task::{
    Builder, Cancelled, Error, MessageStream, Messages, Progress, QioTask, Running, TaskFuture,
    TrySendError, Watch, Worker,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_impl_all!(QioTask<u32>: Send, Sync, Unpin);
assert_not_impl_any!(QioTask<Rc<u32>>: Send, Sync);
assert_not_impl_any!(QioTask<u32, Rc<u32>>: Send, Sync);
assert_not_impl_any!(QioTask<u32>: Clone);

assert_not_impl_any!(Running: Send, Sync, Clone);
assert_impl_all!(Watch: Send, Sync);
assert_impl_all!(Worker: Send, Sync);
assert_impl_all!(Builder: Send, Sync);

// What `select!` asks for.
assert_impl_all!(TaskFuture<u32>: Send, Sync, Unpin, FusedFuture);
assert_not_impl_any!(TaskFuture<Rc<u32>>: Send, Sync);

assert_impl_all!(Progress<f64>: Send, Sync, Clone);
assert_impl_all!(Progress<std::cell::Cell<u32>>: Send, Sync);

assert_impl_all!(Messages<f64>: Send, Sync, Clone);
assert_impl_all!(Messages<std::cell::Cell<u32>>: Send, Sync);
assert_impl_all!(MessageStream<f64>: Send, Sync, Unpin, FusedStream);
assert_not_impl_any!(MessageStream<f64>: Clone);
assert_impl_all!(TrySendError<u32>: Send, Sync, Copy, std::error::Error);

assert_impl_all!(Error: Send, Sync, std::error::Error);
assert_impl_all!(Error<std::io::Error>: Send, Sync, std::error::Error);
assert_impl_all!(Cancelled: Send, Sync, Copy, std::error::Error);

#[test]
fn sizes() {
    const WORD: usize = size_of::<usize>();
    assert_eq!(size_of::<QioTask<[u64; 100]>>(), 3 * WORD);
    assert_eq!(size_of::<Running>(), 3 * WORD);
    assert_eq!(size_of::<Watch>(), WORD);
    assert_eq!(size_of::<TaskFuture<[u64; 100]>>(), 3 * WORD);
    assert_eq!(size_of::<Progress<[u64; 100]>>(), WORD);
    assert_eq!(size_of::<Messages<[u64; 100]>>(), WORD);
    assert_eq!(size_of::<Worker>(), WORD);
    assert_eq!(size_of::<Cancelled>(), 0);
    assert_eq!(size_of::<Error>(), 3 * WORD);
}

//! [examples/gtk]: https://github.com/qio-task/qio-task/tree/main/examples/gtk
//! [`complete`]: crate::QioTask::complete
//! [`Error::Abandoned`]: crate::Error::Abandoned
//! [`Error::Failed`]: crate::Error::Failed
//! [`check_cancelled`]: crate::Worker::check_cancelled
//! [`cancellable`]: crate::Builder::cancellable
#![doc = include_str!("../docs/guide.md")]

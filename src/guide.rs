//! From a callback to a finished application, and what one needs on the way.
//!
//! [README.md]: crate#from-c
//! [debugging.md]: https://github.com/qio-task/qio-task/blob/main/docs/debugging.md
//! [examples]: https://github.com/qio-task/qio-task/tree/main/examples
//! [examples/gtk]: https://github.com/qio-task/qio-task/tree/main/examples/gtk
#![doc = include_str!("../docs/guide.md")]

//! From a callback to a finished application, and what one needs on the way.
#![doc = include_str!(concat!(env!("OUT_DIR"), "/guide.md"))]

/// `libqio-task`: the same for programs in C.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/c.md"))]
pub mod c {}

/// When an application is slow, or stuck.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/debugging.md"))]
pub mod debugging {}

/// All that one can do wrong.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/misuse.md"))]
pub mod misuse {}

/// How it is done, and how fast it is.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/performance.md"))]
pub mod performance {}

/// How each promise is tested, attacked and measured.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/reliability.md"))]
pub mod reliability {}

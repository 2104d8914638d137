//! As much of GLib, of rustix and of the library's error as its files ask for.

use std::fmt;

pub mod context;
pub mod ffi;
pub mod object;
pub mod source;
pub mod system;
pub mod value;

/// As `error.rs`, which makes errors of GLib.
#[derive(Debug)]
pub(crate) enum Error<E = ()> {
    Failed(E),
    Cancelled,
    TimedOut,
    Abandoned,
    Panicked(String),
    Spawn(std::io::Error),
}

impl<E> Error<E> {
    pub(crate) fn without_cancellation(&self) -> Option<Error> {
        match self {
            Self::Cancelled => None,
            Self::TimedOut => Some(Error::TimedOut),
            _ => Some(Error::Abandoned),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Error {}

pub mod prelude {
    use super::object::Object;

    pub trait IsA<T> {
        fn upcast_ref(&self) -> &T;
    }

    impl IsA<Object> for Object {
        fn upcast_ref(&self) -> &Object {
            self
        }
    }
}

pub mod translate {
    use super::{ffi, source::Source};

    pub trait IntoGlib {
        type GlibType;

        fn into_glib(self) -> Self::GlibType;
    }

    impl IntoGlib for bool {
        type GlibType = ffi::gboolean;

        fn into_glib(self) -> ffi::gboolean {
            ffi::gboolean::from(self)
        }
    }

    /// # Safety
    ///
    /// The reference is the caller's, and given away.
    pub unsafe fn from_glib_full(source: *mut ffi::GSource) -> Source {
        Source(source)
    }
}

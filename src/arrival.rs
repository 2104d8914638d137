//! How a result comes to its callback.

use std::{any::Any, ops::DerefMut};

use crate::{
    Error,
    control::Details,
    port::{AnyPort, Port},
    runner,
    state::Interrupt,
    table::{Entry, Table},
};

/// What the completer of a task has left for the callback.
pub(crate) enum Left {
    /// What a worker leaves is known to be [`Send`], and comes by itself.
    Parcel(Box<dyn Parcel>),
    /// The result of this key in the port of this number.
    Port { port: u32, key: usize },
}

/// Something that has a result of its own.
pub(crate) trait Parcel: Send {
    /// An `Option<Result<T, Error<E>>>`.
    fn result(&mut self) -> &mut dyn Any;
}

/// What a callback is called with, its types erased.
pub(crate) enum Arrival<'a> {
    /// An `Option<Result<T, Error<E>>>`.
    Result(&'a mut dyn Any),
    /// The result of this key in a `Port<T, E>`.
    Port(&'a dyn Any, usize),
    Interrupted(Interrupt),
    /// The completer has gone without a word.
    Nothing,
}

impl Left {
    /// Calls the callback of `entry`. `table` is not borrowed meanwhile.
    pub(crate) fn deliver<E, P, T>(self, entry: Box<E>, details: Details<'_>, table: impl Fn() -> T)
    where
        E: Entry + ?Sized,
        P: AnyPort + ?Sized,
        T: DerefMut<Target = Table<E, P>>,
    {
        match self {
            Self::Parcel(mut parcel) => entry.deliver(Arrival::Result(parcel.result()), details),
            Self::Port { port, key } => {
                let port = table().shared_port(port);
                let arrival = match &port {
                    Some(port) => Arrival::Port(port.as_any(), key),
                    None => Arrival::Nothing,
                };
                entry.deliver(arrival, details);
            }
        }
    }

    /// Drops what nobody wants any more, and nobody hears of if it panics: a
    /// callback may be still to be called. `table` is not borrowed meanwhile.
    pub(crate) fn discard<E, P, T>(self, table: impl Fn() -> T)
    where
        E: Entry + ?Sized,
        P: AnyPort + ?Sized,
        T: DerefMut<Target = Table<E, P>>,
    {
        runner::quietly(|| match self {
            Self::Parcel(parcel) => drop(parcel),
            Self::Port { port, key } => {
                let port = table().shared_port(port);
                if let Some(port) = port {
                    port.discard(key);
                }
            }
        });
    }
}

impl Arrival<'_> {
    /// The result with its types on.
    #[inline]
    pub(crate) fn into_result<T: 'static, E: 'static>(self) -> Result<T, Error<E>> {
        let result = match self {
            Self::Result(result) => result
                .downcast_mut::<Option<Result<T, Error<E>>>>()
                .and_then(Option::take),
            Self::Port(port, key) => port
                .downcast_ref::<Port<T, E>>()
                .and_then(|port| port.take(key)),
            Self::Interrupted(Interrupt::Cancelled) => Some(Err(Error::Cancelled)),
            Self::Interrupted(Interrupt::TimedOut) => Some(Err(Error::TimedOut)),
            Self::Nothing => None,
        };
        result.unwrap_or(Err(Error::Abandoned))
    }
}

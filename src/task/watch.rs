//! Tasks that the main loop drives instead of a thread.

use std::{fmt, time::Duration};

use gio::prelude::*;
use glib::IOCondition;

use super::{
    driven::{Driver, drive},
    task::QioTask,
};
use crate::{
    base::{fork, state::Interrupt},
    node::node::NodeRef,
};

/// A task that the main loop drives: what [`QioTask::watch_socket`],
/// [`QioTask::poll_every`] and, on Unix, `QioTask::watch_fd` return.
///
/// Dropping it detaches: the task goes on.
pub struct Watch {
    node: NodeRef,
}

impl Watch {
    pub(super) fn new(node: NodeRef) -> Self {
        Self { node }
    }

    /// Cancels the task, from any thread: unless its callback has been called,
    /// it gets [`Error::Cancelled`](crate::Error::Cancelled) through the loop.
    #[doc(alias = "g_cancellable_cancel")]
    #[track_caller]
    pub fn cancel(&self) {
        fork::refuse_child();
        self.node.interrupt(Interrupt::Cancelled);
    }

    /// Whether the task has ended: its callback has returned, or was dropped
    /// with its context.
    #[doc(alias = "g_task_get_completed")]
    pub fn is_finished(&self) -> bool {
        self.node.is_finished()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("name", &self.node.name())
            .field("is_finished", &self.is_finished())
            .finish()
    }
}

impl<T: 'static, E: 'static> QioTask<T, E> {
    /// Hands the task to the main loop: `ready` is called, on this thread and
    /// the task's context, each time one of `condition` holds for the socket,
    /// until it breaks with the result; then the task is complete.
    ///
    /// `revents` also tells `ERR`, `HUP` and `NVAL` (closed while watched),
    /// which are always watched for. Where the socket has a timeout of its own
    /// ([`gio::prelude::SocketExt::set_timeout`]), `ready` is called as well when that is over. The source
    /// has the task's priority.
    ///
    /// It works on every platform, for sockets that don't block and are read and written with
    /// the methods of [`gio::Socket`]: on Windows these have the socket watched anew. What it is
    /// ready with may be a part of what is needed: `ready` breaks when the protocol is done, and
    /// not when some bytes have come.
    ///
    /// The socket is kept until the task has ended. The returned handle can cancel the task, as
    /// the task's cancellable does; dropping it detaches.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    ///
    /// use gio::{Cancellable, prelude::*};
    /// use glib::IOCondition;
    /// use qio_task::{Error, QioTask};
    ///
    /// # fn connected() -> Result<[gio::Socket; 2], glib::Error> {
    /// #     use gio::{InetAddress, InetSocketAddress, SocketFamily, SocketProtocol, SocketType};
    /// #     let (kind, protocol) = (SocketType::Stream, SocketProtocol::Tcp);
    /// #     let listener = gio::Socket::new(SocketFamily::Ipv4, kind, protocol)?;
    /// #     let any = InetSocketAddress::new(&InetAddress::new_loopback(SocketFamily::Ipv4), 0);
    /// #     listener.bind(&any, false)?;
    /// #     listener.listen()?;
    /// #     let near = gio::Socket::new(SocketFamily::Ipv4, kind, protocol)?;
    /// #     SocketExt::connect(&near, &listener.local_address()?, Cancellable::NONE)?;
    /// #     Ok([near, listener.accept(Cancellable::NONE)?])
    /// # }
    /// # let [socket, peer] = connected()?;
    /// # let context = glib::MainContext::new();
    /// # let future = context.with_thread_default(|| {
    /// let (task, said) = QioTask::builder().name("greeting").future::<Vec<u8>, glib::Error>();
    /// socket.set_blocking(false);
    /// let mut line = Vec::new();
    /// task.watch_socket(&socket.clone(), IOCondition::IN, move |_| {
    ///     let mut some = [0; 64];
    ///     match socket.receive(&mut some, Cancellable::NONE) {
    ///         Ok(0) => ControlFlow::Break(Ok(line.clone())), // the end of the stream
    ///         Ok(length) => {
    ///             line.extend_from_slice(&some[..length]);
    ///             ControlFlow::Continue(())
    ///         }
    ///         Err(error) if error.matches(gio::IOErrorEnum::WouldBlock) => ControlFlow::Continue(()),
    ///         Err(error) => ControlFlow::Break(Err(error)),
    ///     }
    /// });
    /// # said
    /// # }).unwrap();
    /// # peer.send(b"hello", Cancellable::NONE)?;
    /// # peer.close()?;
    /// # assert_eq!(context.block_on(future).unwrap(), b"hello");
    /// # Ok::<(), glib::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics when the socket is closed, and on another thread than the task's own.
    #[doc(alias = "g_socket_create_source")]
    #[doc(alias = "qio_channel_add_watch")]
    #[track_caller]
    pub fn watch_socket(
        self,
        socket: &impl IsA<gio::Socket>,
        condition: IOCondition,
        ready: impl FnMut(IOCondition) -> std::ops::ControlFlow<Result<T, E>> + 'static,
    ) -> Watch {
        let socket = socket.upcast_ref::<gio::Socket>();
        assert!(!socket.is_closed(), "a closed socket can't be watched");
        let driver = Driver::Socket(socket.clone(), condition);
        Watch::new(drive(self, driver, ready))
    }

    /// Hands the task to the main loop: `poll` is called, on this thread and
    /// the task's context, every `interval`, until it breaks with the result;
    /// then the task is complete.
    ///
    /// The first call is after one interval, of 49 days at most. It is rounded up to
    /// whole milliseconds, in which GLib counts, so that no call comes early. The source has
    /// the task's priority. The returned handle can cancel the task; dropping it detaches.
    ///
    /// # Panics
    ///
    /// Panics when `interval` is zero, and on another thread than the task's own.
    #[doc(alias = "g_timeout_source_new")]
    #[track_caller]
    pub fn poll_every(
        self,
        interval: Duration,
        mut poll: impl FnMut() -> std::ops::ControlFlow<Result<T, E>> + 'static,
    ) -> Watch {
        assert!(
            !interval.is_zero(),
            "a task can't be polled at an interval of zero"
        );
        Watch::new(drive(self, Driver::Interval(interval), move |_| poll()))
    }
}

//! Tasks that the main loop drives by a descriptor, on Unix.

use std::{
    fs, io,
    os::fd::{AsRawFd, RawFd},
};

use glib::IOCondition;

use super::{
    driven::{Driver, drive},
    task::QioTask,
    watch::Watch,
};

impl<T: 'static, E: 'static> QioTask<T, E> {
    /// Hands the task to the main loop: `ready` is called, on this thread and
    /// the task's context, each time one of `condition` holds for the
    /// descriptor, until it breaks with the result; then the task is complete.
    ///
    /// `revents` also tells `ERR`, `HUP` and `NVAL` (closed while watched),
    /// which are always watched for. The source has the task's priority.
    ///
    /// What a descriptor is ready with may be a part of what is needed: `ready` breaks
    /// when the protocol is done, and not when some bytes have come.
    ///
    /// `fd` is kept until the task has ended: a stream is closed then, an
    /// `Rc` of one is let go of. A bare number has to stay open for as long.
    ///
    /// The returned handle can cancel the task; dropping it detaches.
    ///
    /// # Panics
    ///
    /// Panics when the descriptor is closed or negative (found out where the
    /// system has `/proc/self/fd`; elsewhere `ready` is told `NVAL`), and on
    /// another thread than the task's own.
    #[cfg_attr(docsrs, doc(cfg(unix)))]
    #[doc(alias = "g_unix_fd_source_new")]
    #[doc(alias = "qio_channel_add_watch")]
    #[track_caller]
    pub fn watch_fd(
        self,
        fd: impl AsRawFd + 'static,
        condition: IOCondition,
        mut ready: impl FnMut(IOCondition) -> std::ops::ControlFlow<Result<T, E>> + 'static,
    ) -> Watch {
        let number = fd.as_raw_fd();
        check_descriptor(number);
        let driver = Driver::Descriptor(number, condition);
        Watch::new(drive(self, driver, move |revents| {
            // Kept with `ready` until the task has ended.
            let _ = &fd;
            ready(revents)
        }))
    }
}

/// # Panics
///
/// Panics when the descriptor is known to be closed.
#[track_caller]
fn check_descriptor(fd: RawFd) {
    let is_closed = |fd| {
        fs::symlink_metadata(format!("/proc/self/fd/{fd}"))
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
            && fs::symlink_metadata("/proc/self/fd").is_ok()
    };
    assert!(
        fd >= 0 && !is_closed(fd),
        "a closed descriptor can't be watched: {fd}"
    );
}

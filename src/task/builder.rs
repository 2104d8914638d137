//! [`Builder`]: everything that a task can be given before it is made.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;

use super::{
    future::TaskFuture,
    group::Group,
    latest::Latest,
    messages::Messages,
    plan::Plan,
    progress::Progress,
    sets::{Hold, Set},
    task::QioTask,
};
#[cfg(feature = "capi")]
use crate::node::{owner::Owned, task_messages::TaskMessages};
use crate::{
    Error,
    base::milliseconds::LONGEST,
    node::{
        callback::{Bare, WithSource},
        inactivity::Inactivity,
        runner::stack,
    },
};

impl QioTask<(), glib::Error> {
    /// A builder, for everything that [`QioTask::new`] has no argument for.
    #[inline]
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl<T: 'static, E: 'static> QioTask<T, E> {
    /// Makes a task about `source`, to be completed by hand.
    ///
    /// `callback` gets the source and the result, on this thread, with this
    /// thread's default context. The source is kept alive until the callback
    /// returns.
    ///
    /// # Panics
    ///
    /// Panics when another thread owns this thread's default context.
    #[doc(alias = "qio_task_new")]
    #[doc(alias = "g_task_new")]
    #[inline]
    #[track_caller]
    pub fn new<S: IsA<glib::Object>>(
        source: &S,
        callback: impl FnOnce(&S, Result<T, Error<E>>) + 'static,
    ) -> Self {
        Builder::new().source(source).callback(callback)
    }
}

/// Makes a [`QioTask`], with [`QioTask::builder`].
///
/// ```
/// use std::{io, net::{SocketAddr, ToSocketAddrs}, time::Duration};
/// use qio_task::{Error, QioTask};
///
/// # glib::MainContext::new().with_thread_default(|| {
/// let cancellable = gio::Cancellable::new();
/// let running = QioTask::builder()
///     .name("lookup")
///     .cancellable(&cancellable)
///     .timeout(Duration::from_secs(5))
///     .callback(|addresses: Result<Vec<SocketAddr>, Error<io::Error>>| {
///         assert_eq!(addresses.unwrap()[0].port(), 80);
///     })
///     .run_in_thread(|worker| {
///         worker.check_cancelled()?;
///         Ok(("127.0.0.1", 80).to_socket_addrs()?.collect())
///     });
/// running.wait();
/// # }).unwrap();
/// ```
#[must_use = "a builder makes a task when it is given the callback"]
pub struct Builder<S = ()> {
    plan: Plan,
    source: S,
}

impl Builder {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            plan: Plan::new(),
            source: (),
        }
    }

    /// Gives the task the object that it is about: then the callback gets it
    /// first, and it is kept alive until the callback returns.
    #[doc(alias = "g_task_get_source_object")]
    #[inline]
    pub fn source<S: IsA<glib::Object>>(self, source: &S) -> Builder<WithObject<S>> {
        Builder {
            plan: self.plan,
            source: WithObject(source.clone()),
        }
    }

    /// Makes the task. `callback` gets the result, on this thread, with this
    /// thread's default context.
    ///
    /// # Panics
    ///
    /// Panics when another thread owns this thread's default context.
    #[doc(alias = "qio_task_new")]
    #[doc(alias = "g_task_new")]
    #[track_caller]
    #[inline]
    pub fn callback<T: 'static, E: 'static>(
        self,
        callback: impl FnOnce(Result<T, Error<E>>) + 'static,
    ) -> QioTask<T, E> {
        self.plan.make_local(Bare(callback))
    }

    /// Makes the task for `context`. `callback` gets the result on whichever
    /// thread iterates that context, so it has to be [`Send`], as does the
    /// result.
    ///
    /// [`QioTask::complete`] runs it inline on the thread that owns the
    /// context.
    ///
    /// A callback that is not `Send` is refused by the compiler:
    ///
    /// ```compile_fail,E0277
    /// let local = std::rc::Rc::new(());
    /// qio_task::QioTask::builder().callback_on(
    ///     &glib::MainContext::default(),
    ///     move |_: Result<(), qio_task::Error>| drop(local),
    /// );
    /// ```
    #[doc(alias = "g_main_context_invoke_full")]
    #[track_caller]
    pub fn callback_on<T: Send + 'static, E: Send + 'static>(
        self,
        context: &MainContext,
        callback: impl FnOnce(Result<T, Error<E>>) + Send + 'static,
    ) -> QioTask<T, E> {
        self.plan.make_anywhere(context, Bare(callback))
    }

    /// Makes the task, and a future of its result on this thread's default
    /// context.
    ///
    /// # Panics
    ///
    /// As [`callback`](Self::callback) does.
    #[track_caller]
    pub fn future<T: 'static, E: 'static>(self) -> (QioTask<T, E>, TaskFuture<T, E>) {
        self.plan.make_future(None)
    }
}

/// The object of a [`Builder`] that was given one.
#[derive(Debug)]
pub struct WithObject<S>(S);

impl<S: IsA<glib::Object>> Builder<WithObject<S>> {
    /// Makes the task. `callback` gets the source and the result, on this
    /// thread, with this thread's default context.
    ///
    /// # Panics
    ///
    /// Panics when another thread owns this thread's default context.
    #[doc(alias = "qio_task_new")]
    #[doc(alias = "g_task_new")]
    #[track_caller]
    #[inline]
    pub fn callback<T: 'static, E: 'static>(
        self,
        callback: impl FnOnce(&S, Result<T, Error<E>>) + 'static,
    ) -> QioTask<T, E> {
        let WithObject(source) = self.source;
        self.plan.make_local(WithSource(source, callback))
    }

    /// Makes the task, and a future of its result on this thread's default
    /// context. The source is kept alive until then.
    ///
    /// # Panics
    ///
    /// As [`callback`](Self::callback) does.
    #[track_caller]
    pub fn future<T: 'static, E: 'static>(self) -> (QioTask<T, E>, TaskFuture<T, E>) {
        let WithObject(source) = self.source;
        self.plan.make_future(Some(source.upcast()))
    }
}

impl<S> Builder<S> {
    /// Names the task: in the kernel's list of threads while its worker runs
    /// (of which Linux shows 15 bytes), in traces, and as a `GTask`.
    ///
    /// # Panics
    ///
    /// Panics when the name has a NUL byte.
    #[doc(alias = "g_task_set_name")]
    #[track_caller]
    pub fn name(mut self, name: &str) -> Self {
        assert!(
            !name.contains('\0'),
            "a task's name can't have a NUL byte: {name:?}"
        );
        self.plan.extra().name = Some(name.into());
        self
    }

    /// The priority that the task is delivered at: `G_PRIORITY_DEFAULT_IDLE`,
    /// 200, by default, as `QIOTask` has it. Where workers wait for a thread, as
    /// [`set_max_threads`](crate::set_max_threads) are busy, the one of the highest
    /// priority, the lowest number, starts first.
    #[doc(alias = "g_task_set_priority")]
    pub fn priority(mut self, priority: glib::Priority) -> Self {
        self.plan.priority = priority;
        self
    }

    /// Cancels the task when `cancellable` is cancelled, by any thread.
    #[doc(alias = "g_task_get_cancellable")]
    pub fn cancellable(mut self, cancellable: &impl IsA<gio::Cancellable>) -> Self {
        let cancellable = cancellable.as_ref().clone();
        self.plan.extra().set_cancellable(cancellable);
        self
    }

    /// Whether a task that succeeded but has not been delivered yet still
    /// gives way to a cancellation or timeout: it does by default.
    #[doc(alias = "g_task_set_check_cancellable")]
    pub fn check_cancellable(mut self, check: bool) -> Self {
        self.plan.traits.keeps_success = !check;
        self
    }

    /// Whether the callback hears of a cancellation, or of a timeout, at once: it does by
    /// default. Else it hears of it when the worker has returned, whose result is dropped; the
    /// worker is told at once all the same. `GTask` does so by default.
    ///
    /// For what must not look ended while it still works: the dialog that says "stopping" and
    /// closes with the callback, or a file that is not to be opened before it is closed. To wait
    /// for the worker besides, see [`Running::worker_ended`](crate::Running::worker_ended).
    ///
    /// A worker that waits for a thread never starts, and its task ends at once, as does one that
    /// the loop drives. A task that is completed by hand hears of it as that is done.
    #[doc(alias = "g_task_set_return_on_cancel")]
    pub fn return_on_cancel(mut self, at_once: bool) -> Self {
        self.plan.traits.returns_first = !at_once;
        self
    }

    /// Ends the task with [`Error::TimedOut`] after `timeout`, from the moment at
    /// which it is made: never earlier, and later by what is missing to a whole
    /// millisecond, in which GLib's loops count.
    ///
    /// One of more than 49 days never comes, so [`Duration::MAX`] is as good as
    /// none.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let timeout = Some(timeout).filter(|timeout| *timeout <= LONGEST);
        if timeout.is_some() || self.plan.extra.is_some() {
            self.plan.extra().timeout = timeout;
        }
        self
    }

    /// Ends the task with [`Error::TimedOut`] when its worker shows no sign of life for as long
    /// as `limit`: no [`Worker::touch`](crate::Worker::touch), and no report of a [`Progress`] and
    /// nothing sent by [`Messages`] that belong to the task, from whichever thread.
    ///
    /// It counts from the start of the worker, so a worker that waits for a thread is in no
    /// hurry; and beside the [`timeout`](Self::timeout), if there is one. As for that it is never
    /// earlier, and one of more than 49 days never comes. A task that has no worker has all the
    /// time that there is.
    ///
    /// For a download of any size, which is fine as long as something arrives:
    ///
    /// ```
    /// use std::{io::{self, Read}, time::Duration};
    /// use qio_task::{Error, QioTask};
    ///
    /// # let mut stream = io::repeat(7).take(100_000);
    /// # glib::MainContext::new().with_thread_default(|| {
    /// QioTask::builder()
    ///     .inactivity_timeout(Duration::from_secs(30))
    ///     .callback(|size: Result<usize, Error<io::Error>>| assert_eq!(size.unwrap(), 100_000))
    ///     .run_in_thread(move |worker| {
    ///         let (mut block, mut size) = ([0; 4096], 0);
    ///         loop {
    ///             worker.check_cancelled()?;
    ///             match stream.read(&mut block)? {
    ///                 0 => return Ok(size),
    ///                 read => size += read,
    ///             }
    ///             worker.touch();
    ///         }
    ///     })
    ///     .wait();
    /// # }).unwrap();
    /// ```
    pub fn inactivity_timeout(mut self, limit: Duration) -> Self {
        let inactivity = &mut self.plan.extra().inactivity;
        *inactivity = if limit <= LONGEST {
            OnceLock::from(Arc::new(Inactivity::new(limit)))
        } else {
            OnceLock::new()
        };
        self
    }

    /// Has `progress` belong to the task: nothing is delivered after the task's
    /// callback was called, whatever a worker goes on to report that was
    /// cancelled or timed out.
    ///
    /// What was reported before the task ended is delivered before its
    /// callback, if the two are of the same context and thread. What could not
    /// be delivered before is dropped as the callback is called, or dropped
    /// uncalled. On another thread, a call that is under way then goes on.
    ///
    /// A task may have several. One that belongs to several tasks goes on until
    /// the last of them has ended: make one for each run of what is run again,
    /// so that what the run before reports is not taken for this one's.
    ///
    /// ```
    /// use qio_task::{Error, Progress, QioTask};
    ///
    /// # glib::MainContext::new().with_thread_default(|| {
    /// let progress = Progress::new(|percent: u32| println!("{percent} %"));
    /// QioTask::builder()
    ///     .progress(&progress)
    ///     .callback(|result: Result<(), Error>| println!("{result:?}, and no more"))
    ///     .run_in_thread(move |worker| {
    ///         for percent in 0..=100 {
    ///             worker.check_cancelled()?;
    ///             progress.report(percent);
    ///         }
    ///         Ok(())
    ///     })
    ///     .wait();
    /// # }).unwrap();
    /// ```
    #[doc(alias = "qio_task_set_progress_func")]
    pub fn progress<V: Send + 'static>(mut self, progress: &Progress<V>) -> Self {
        self.plan.extra().to_own.push(progress.owned());
        self
    }

    /// Puts the task in `group`, until both its callback and its worker have returned. It may be in
    /// several: then call this for each.
    ///
    /// In a group that lets no more in, which is [finished](Group::finish) or
    /// [closed](Group::close), the task ends with [`Error::Cancelled`], and its worker never starts.
    #[doc(alias = "qio_task_set_group")]
    #[doc(alias = "dex_task_group_add")]
    pub fn group(mut self, group: &Group) -> Self {
        self.plan.add_group(group.inner());
        self
    }

    /// Makes the task the newest one in `latest`: as it is made it cancels the one before, of which
    /// nothing is delivered after that but the cancellation.
    pub fn latest(self, latest: &Latest) -> Self {
        self.in_set(Set::Latest(latest.inner()))
    }

    /// Holds `application` until both the task's callback and its worker have returned, so that it
    /// goes on though its last window is closed: for a file that is being written.
    ///
    /// [`ApplicationExt::quit`](gio::prelude::ApplicationExt::quit) ends the application all the
    /// same.
    ///
    /// # Panics
    ///
    /// [`callback`](Self::callback), or what else makes the task, panics on another thread than
    /// that on which this was called, which has to be the application's.
    #[doc(alias = "g_application_hold")]
    #[doc(alias = "g_application_release")]
    pub fn hold(self, application: &impl IsA<gio::Application>) -> Self {
        self.in_set(Set::Hold(Hold::new(application.as_ref())))
    }

    fn in_set(mut self, set: Set) -> Self {
        self.plan.sets.get_or_insert_default().add(set);
        self
    }

    /// Has `messages` belong to the task: what was sent before the task is told is delivered before
    /// its callback, at the task's [`priority`](Self::priority), and from then on
    /// [`Messages::send`] gives [`Cancelled`](crate::Cancelled). When the task is cancelled or
    /// times out, who blocks in it is told at once, before the callback is. With
    /// [`inactivity_timeout`](Self::inactivity_timeout) each value is a sign of life, and the time
    /// does not count for which a full bound holds a worker up.
    ///
    /// A callback that runs on another thread than the messages' own does not wait for them: what
    /// was sent before is delivered there all the same. A task that ends in a loop which the
    /// messages' own callback iterates has its callback called as that has returned, and the
    /// messages that were left have been delivered.
    ///
    /// A task may have several. Messages that belong to several tasks go on until the last of
    /// them has ended, at the priority of the one that was made last.
    ///
    /// ```
    /// use std::io::{BufRead, Cursor};
    /// use qio_task::{Error, Messages, QioTask};
    ///
    /// # let log = Cursor::new("one\ntwo\n");
    /// # glib::MainContext::new().with_thread_default(|| {
    /// let lines = Messages::new(100, |line: String| println!("{line}"));
    /// QioTask::builder()
    ///     .messages(&lines)
    ///     .callback(|result: Result<(), Error<std::io::Error>>| println!("{result:?}"))
    ///     .run_in_thread(move |_| {
    ///         for line in log.lines() {
    ///             lines.send(line?)?;
    ///         }
    ///         Ok(())
    ///     })
    ///     .wait();
    /// # }).unwrap();
    /// ```
    pub fn messages<V: Send + 'static>(mut self, messages: &Messages<V>) -> Self {
        self.plan.extra().add_messages(messages.of_task());
        self
    }

    /// Has these belong to the task, which are not what Rust has of messages.
    #[cfg(feature = "capi")]
    pub(crate) fn own_messages<M>(mut self, messages: Arc<M>) -> Self
    where
        M: TaskMessages + Owned + 'static,
    {
        self.plan.extra().add_messages(messages);
        self
    }

    /// Gives the worker of [`QioTask::run_in_thread`] a thread of its own,
    /// which ends with it and has the task's name.
    ///
    /// For a worker that runs for long, such as one that watches something for
    /// as long as a window is open: it would take a thread from those that all
    /// others share, of which there is a maximum
    /// ([`set_max_threads`](crate::set_max_threads)). It costs the start of a
    /// thread each time, some tens of microseconds, so it is not the default.
    ///
    /// Also for a worker that changes its thread for good. What is undone before the next
    /// task is told at [`QioTask::run_in_thread`]; what would take a system call each to
    /// look for is not: namespaces (`unshare`, `setns`), a umask or a folder of its own,
    /// credentials and capabilities, a seccomp filter, the processors it may run on
    /// (`sched_setaffinity`), the priority of its I/O (`ioprio_set`), an alternate signal
    /// stack.
    ///
    /// With no thread to be had, the task waits for one of the shared ones, and
    /// ends with [`Error::Spawn`] when there is none.
    #[doc(alias = "g_thread_new")]
    pub fn dedicated_thread(mut self) -> Self {
        *self.plan.extra().dedicated_thread.get_mut() = true;
        self
    }

    /// Gives the worker a thread of its own, as [`dedicated_thread`](Self::dedicated_thread)
    /// does, with a stack of so many bytes: for one that recurses deeply, or is code that was
    /// written for a large stack.
    ///
    /// [`set_stack_size`](crate::set_stack_size) says how large those of all others are. With
    /// no such thread to be had the task ends with [`Error::Spawn`], and does not wait for one
    /// of another size.
    ///
    /// # Panics
    ///
    /// As [`set_stack_size`](crate::set_stack_size) does: with less than 64 KiB, and with more
    /// than 1 TiB (on systems of 32 bits 1 GiB).
    #[doc(alias = "pthread_attr_setstacksize")]
    #[track_caller]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        *self.plan.extra().stack_size.get_mut() = stack::expect(bytes).get();
        self.dedicated_thread()
    }
}

impl<S> fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.plan.name())
            .field("priority", &self.plan.priority)
            .field("timeout", &self.plan.timeout())
            .finish_non_exhaustive()
    }
}

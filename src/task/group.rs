//! [`Group`]: tasks that belong together.

use std::{
    fmt,
    num::NonZero,
    sync::{Arc, OnceLock},
    task::Poll,
    thread,
};

use glib::{MainContext, prelude::*};

use super::{group_ended::GroupEnded, plan::Plan, running::RETRY};
use crate::{
    Error, GroupError,
    base::fork,
    node::{
        callback::Bare,
        limits, node,
        runner::{self, waits::blocking},
    },
};

/// Tasks that belong together: those of a window or of a document, or one kind of work.
///
/// [`Builder::group`](crate::Builder::group) puts a task in a group, of whichever kind it is: with
/// a worker, driven by the loop, or completed by hand. Its result and its callback are as without a
/// group. A task may be in several groups. A group may be in another one
/// ([`within`](Self::within)): then its members are that one's, too.
///
/// A task is a member until both its callback and its worker have returned. So one that was
/// cancelled still is, while its worker goes on. Where the context of a task has died, so that its
/// callback is never called, it is a member until its worker has returned.
///
/// This is a handle, for any thread: a clone is the same group. To drop the last one cancels
/// nothing. The members go on, and the group's limit holds for them.
///
/// ```
/// use qio_task::{Error, Group, QioTask};
///
/// # let context = glib::MainContext::new();
/// # context.with_thread_default(|| context.block_on(async {
/// let thumbnails = Group::new();
/// thumbnails.set_max_threads(4);
/// for name in ["a.png", "b.png", "c.png"] {
///     QioTask::builder()
///         .group(&thumbnails)
///         .callback(|size: Result<usize, Error>| println!("{size:?}"))
///         .run_in_thread(move |_worker| Ok(name.len()));
/// }
/// thumbnails.finish();
/// thumbnails.ended().await?;
/// assert!(thumbnails.is_empty());
/// # Ok::<(), qio_task::GroupError>(()) })).unwrap().unwrap();
/// ```
#[doc(alias = "DexTaskGroup")]
#[doc(alias = "qio_group_new")]
#[derive(Clone)]
pub struct Group(Arc<node::Group>);

/// The group of this process for work that computes.
static COMPUTING: OnceLock<Group> = OnceLock::new();

impl Group {
    /// A group without members or a limit.
    #[expect(
        clippy::new_without_default,
        reason = "a default is one without an identity"
    )]
    #[track_caller]
    pub fn new() -> Self {
        fork::refuse_child();
        Self(node::Group::new())
    }

    /// A group in `outer`: its members are that one's, too.
    ///
    /// They are cancelled with those of `outer`, and counted in its [`len`](Self::len). Their
    /// workers need a place in both groups, if both have a limit. An error of one of them is an
    /// error of `outer`, too. Once `outer` lets no more in, this group does not either.
    #[doc(alias = "qio_group_new_within")]
    #[track_caller]
    pub fn within(outer: &Self) -> Self {
        fork::refuse_child();
        Self(node::Group::within(&outer.0))
    }

    /// The group of this process for work that computes, such as decoding images or computing
    /// hashes. At most as many of its workers are at work at once as there are processors for this
    /// process ([`std::thread::available_parallelism`]), unless
    /// [`set_max_threads`](Self::set_max_threads) says otherwise.
    ///
    /// More of them would not be done sooner, would need memory for all that they have begun, and
    /// would take the processors from the main loop. Work that waits, for a disk or a server, does
    /// not belong here: it would keep its place meanwhile, though no processor is busy.
    ///
    /// It is never closed. For what belongs to a window, too, make a group of the window's within
    /// this one:
    ///
    /// ```
    /// let thumbnails = qio_task::Group::within(&qio_task::Group::computing());
    /// ```
    #[track_caller]
    pub fn computing() -> Self {
        fork::refuse_child();
        let computing = COMPUTING.get_or_init(|| {
            let group = Self::new();
            group.set_name("computing");
            let processors = thread::available_parallelism();
            group.limit_to(processors.unwrap_or(NonZero::<usize>::MIN));
            group
        });
        computing.clone()
    }

    /// Names the group, for who looks at tasks: [`TaskInfo::group`](crate::TaskInfo::group), the
    /// list of `QIO_TASK_DEBUG`, and traces. Without a name they say where it was made.
    #[doc(alias = "g_task_set_name")]
    #[doc(alias = "qio_group_set_name")]
    #[track_caller]
    pub fn set_name(&self, name: &str) {
        fork::refuse_child();
        self.0.label().set_name(name);
    }

    /// The name that the group was given.
    #[doc(alias = "g_task_get_name")]
    #[doc(alias = "qio_group_get_name")]
    pub fn name(&self) -> Option<String> {
        self.0.label().name().map(|name| name.to_string())
    }

    /// Sets how many workers of the group may be at work at once.
    ///
    /// As long as there is enough to do, exactly `max` workers are at work. The others wait for a
    /// place, without a thread: they start by [`priority`](crate::Builder::priority), and in order
    /// among equals. One that is cancelled or times out while it waits is told at once, and never
    /// starts. One that is cancelled while it runs keeps its place until its worker has returned.
    ///
    /// A worker that waits for another task, in [`Running::wait`](crate::Running::wait) or for a
    /// [`TaskFuture`](crate::TaskFuture) that it has polled, lends its place meanwhile, and goes on
    /// when it has one again. Of one that waits in another way, as for a channel, nobody knows that
    /// it does.
    ///
    /// A task of several groups takes its places in all of them at once: where two that are not in
    /// each other always have enough to do, it may wait for long.
    ///
    /// When the limit is raised, others start at once. When it is lowered, those at work go on.
    /// A worker with a [thread of its own](crate::Builder::dedicated_thread) counts like all others.
    /// The maximum of all threads ([`set_max_threads`](crate::set_max_threads)) holds beside this
    /// one, and no other group is held up.
    ///
    /// # Panics
    ///
    /// Panics with 0.
    #[doc(alias = "qio_group_set_max_threads")]
    #[doc(alias = "DexLimiter")]
    #[track_caller]
    pub fn set_max_threads(&self, max: usize) {
        fork::refuse_child();
        let max = NonZero::new(max).expect("a group without threads would never end");
        self.limit_to(max);
    }

    fn limit_to(&self, max: NonZero<usize>) {
        let limit = self.0.limit();
        limits::LIMITS.set_max(limit, Some(max));
        limits::of_group(limit).for_each(runner::start_limited);
    }

    /// How many workers of the group may be at work at once; `None` where there is no limit.
    #[doc(alias = "qio_group_get_max_threads")]
    pub fn max_threads(&self) -> Option<usize> {
        limits::LIMITS.max(self.0.limit()).map(NonZero::get)
    }

    /// Cancels all tasks that are in the group now, as
    /// [`Running::cancel`](crate::Running::cancel) does, those of groups in it included, in the order
    /// in which they came. Tasks that are put in it later are not cancelled: [`close`](Self::close)
    /// sees to these, too.
    #[doc(alias = "qio_group_cancel")]
    #[track_caller]
    pub fn cancel(&self) {
        fork::refuse_child();
        self.0.cancel();
    }

    /// Lets no more tasks in: one that is put in the group from now on ends with
    /// [`Error::Cancelled`], and its worker never starts. Those that are in it go on.
    ///
    /// # Panics
    ///
    /// Panics for the group of the whole process, [`computing`](Self::computing), whose members
    /// are not the caller's alone.
    #[doc(alias = "qio_group_finish")]
    #[track_caller]
    pub fn finish(&self) {
        fork::refuse_child();
        self.refuse_the_process();
        self.0.finish();
    }

    /// Lets no more tasks in, and cancels all that are in the group: [`finish`](Self::finish) and
    /// [`cancel`](Self::cancel) in one.
    ///
    /// # Panics
    ///
    /// As [`finish`](Self::finish) does.
    #[doc(alias = "qio_group_close")]
    #[track_caller]
    pub fn close(&self) {
        fork::refuse_child();
        self.refuse_the_process();
        self.0.close();
    }

    /// [Closes](Self::close) the group when `object` is disposed of, such as the window that its
    /// tasks are for.
    ///
    /// A `GtkWindow` closes its group as it is unrealized, which `gtk_window_destroy` does though
    /// somebody has a reference on it still, and not as it is hidden. Any other object is disposed
    /// of as its last reference goes. So that must be neither the [`source`](crate::Builder::source)
    /// of a member nor captured by a callback, which would keep it until that task has ended:
    /// capture a weak reference.
    ///
    /// # Panics
    ///
    /// As [`finish`](Self::finish) does.
    #[doc(alias = "g_object_weak_ref")]
    #[track_caller]
    pub fn close_on_dispose(&self, object: &impl IsA<glib::Object>) {
        fork::refuse_child();
        self.refuse_the_process();
        let group = Arc::downgrade(&self.0);
        let close = move || {
            // Else it has no member, and nobody who could put one in.
            if let Some(group) = group.upgrade() {
                group.close();
            }
        };
        let object = object.upcast_ref();
        // By its name: this library does without GTK.
        let window = glib::Type::from_name("GtkWindow");
        if window.is_some_and(|window| object.type_().is_a(window)) {
            let close = close.clone();
            object.connect("unrealize", false, move |_| {
                close();
                None
            });
        }
        object.add_weak_ref_notify(close);
    }

    /// Says whether an error of a member cancels all others. Unless this is called, it does not.
    ///
    /// Every [`Error`] but [`Cancelled`](Error::Cancelled) is one. It counts from the moment at
    /// which it comes up, as when the worker returns it, which is before the callback is called.
    /// The first one is what [`ended`](Self::ended) tells.
    ///
    /// The group is [closed](Self::close) with it: a task that is put in it after the error is one
    /// of the others, too.
    ///
    /// # Panics
    ///
    /// As [`finish`](Self::finish) does.
    #[doc(alias = "qio_group_set_cancel_on_error")]
    #[track_caller]
    pub fn cancel_on_error(&self, cancel: bool) {
        fork::refuse_child();
        self.refuse_the_process();
        self.0.set_cancel_on_error(cancel);
    }

    /// A future that is ready when every callback and every worker of the group has returned: at
    /// once where there is no member.
    ///
    /// It yields the first error that a member ever had, and the same to all who ask. That a member
    /// was cancelled is no error.
    ///
    /// It waits for members that come meanwhile, too. Where no more are to come,
    /// [`finish`](Self::finish) or [`close`](Self::close) the group before. A worker or a callback
    /// of a member that waits for it waits for itself.
    #[doc(alias = "qio_group_set_ended_func")]
    #[track_caller]
    pub fn ended(&self) -> GroupEnded {
        fork::refuse_child();
        GroupEnded::new(self.0.clone())
    }

    /// Calls `callback` once, with what [`ended`](Self::ended) would yield, and when it would:
    /// through the loop, on this thread, with this thread's default context.
    ///
    /// # Panics
    ///
    /// Panics when another thread owns this thread's default context.
    #[doc(alias = "qio_group_set_ended_func")]
    #[track_caller]
    pub fn ended_with(&self, callback: impl FnOnce(Result<(), GroupError>) + 'static) {
        let callback = Bare(|ended: Result<(), Error<GroupError>>| {
            callback(match ended {
                Err(Error::Failed(error)) => Err(error),
                // It is nowhere else, to be ended otherwise.
                _ => Ok(()),
            });
        });
        Plan::new().call_at_end_of(&self.0, callback);
    }

    /// Blocks until every callback has returned and every worker has, and says what
    /// [`ended`](Self::ended) would yield: for a program, or a thread, without a loop.
    ///
    /// It calls the callbacks that are for this thread's default context here, one after the other,
    /// as [`Running::wait`](crate::Running::wait) does. Callbacks for other contexts it waits for:
    /// other threads have to iterate these. A member that is completed by hand, or that a loop
    /// drives, has to be ended by another thread, too, since this one does nothing else meanwhile.
    ///
    /// # Errors
    ///
    /// The first error that a member ever had.
    ///
    /// # Panics
    ///
    /// A panic of a callback unwinds to the caller.
    #[doc(alias = "qio_group_wait")]
    #[track_caller]
    pub fn wait(&self) -> Result<(), GroupError> {
        fork::refuse_child();
        // As a whole, as in `Running::wait`.
        blocking(|| {
            let mut ended = self.ended();
            let context = MainContext::ref_thread_default();
            let owner = context.acquire();
            loop {
                let members = owner.is_ok().then(|| self.0.members());
                for member in members.into_iter().flatten() {
                    if member.waits_for(&context) {
                        member.wait_with_messages(Some(&context), |is_due| {
                            member.wait_for_worker(is_due);
                        });
                        member.deliver_here(Some(&context));
                    }
                }
                if let Poll::Ready(ended) = ended.wait(RETRY) {
                    return ended;
                }
            }
        })
    }

    /// How many members there are, those of groups in this one included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member, and none in a group in this one.
    #[doc(alias = "qio_group_is_empty")]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether no more tasks are let in.
    #[doc(alias = "qio_group_is_closed")]
    pub fn is_closed(&self) -> bool {
        !self.0.lets_in()
    }

    pub(crate) fn inner(&self) -> Arc<node::Group> {
        self.0.clone()
    }

    /// # Panics
    ///
    /// Panics for the group of the process.
    #[track_caller]
    fn refuse_the_process(&self) {
        let computing = COMPUTING.get();
        let is_computing = computing.is_some_and(|computing| Arc::ptr_eq(&computing.0, &self.0));
        assert!(
            !is_computing,
            "the group of the whole process has members that are not the caller's: \
             make one with `Group::within(&Group::computing())`"
        );
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("name", &self.name())
            .field("len", &self.len())
            .field("max_threads", &self.max_threads())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

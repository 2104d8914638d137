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
        group, limits,
        runner::{self, waits::blocking},
    },
};

/// Tasks that belong together: those of a window or of a document, or one kind of work.
///
/// A task is put in a group by [`Builder::group`](crate::Builder::group), whatever becomes of it: a worker, a task that
/// the loop drives, or one that is completed by hand. Its result and its callback are as without a
/// group. It may be in several, and a group may be in another one ([`within`](Self::within)), whose
/// members its own are then, too.
///
/// A task is a member until its callback has returned and its worker has returned: one that was
/// cancelled and whose worker goes on is one still. When the context of a task dies its callback
/// never is called; then it is a member until its worker has returned.
///
/// This is a handle: a clone is the same group. Any thread may have it. With the last handle gone
/// the members go on, and the group with them.
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
pub struct Group(Arc<group::Group>);

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
        Self(group::Group::new())
    }

    /// A group in `outer`: its members are that one's, too.
    ///
    /// They are cancelled with it and count in it; its limit holds for them beside that of their
    /// own group, and it hears of their errors. Where it lets no more in, this one does not either.
    #[doc(alias = "qio_group_new_within")]
    #[track_caller]
    pub fn within(outer: &Self) -> Self {
        fork::refuse_child();
        Self(group::Group::within(&outer.0))
    }

    /// The group of this process for work that computes, as to decode images or to compute hashes:
    /// of its workers as many are at work at once as there are processors for this process
    /// ([`std::thread::available_parallelism`]), unless [`set_max_threads`](Self::set_max_threads)
    /// says otherwise.
    ///
    /// More of them would not be done sooner, would need memory for all that they have begun, and
    /// would take the processor from the main loop. Work that waits, for a disk or a server, does
    /// not belong here.
    ///
    /// It is never closed. What belongs to a window, too, goes in a group of that within this one:
    ///
    /// ```
    /// let thumbnails = qio_task::Group::within(&qio_task::Group::computing());
    /// ```
    #[track_caller]
    pub fn computing() -> Self {
        fork::refuse_child();
        let computing = COMPUTING.get_or_init(|| {
            let group = Self::new();
            let processors = thread::available_parallelism();
            group.limit_to(processors.unwrap_or(NonZero::<usize>::MIN));
            group
        });
        computing.clone()
    }

    /// Sets how many workers of the group may be at work at once.
    ///
    /// As long as there is work, exactly as many are. The others wait without a thread: they start
    /// by [`priority`](crate::Builder::priority) and then in order. One that is cancelled or times out
    /// meanwhile is told at once, and never starts. A worker that was cancelled keeps its place
    /// until it has returned. One that waits for another task, in
    /// [`Running::wait`](crate::Running::wait) or for a [`TaskFuture`](crate::TaskFuture) that it
    /// has polled, lends its place meanwhile, and goes on when it has one again.
    ///
    /// [`Builder::dedicated_thread`](crate::Builder::dedicated_thread) counts like all others. The maximum of all threads
    /// ([`set_max_threads`](crate::set_max_threads)) stays as it is, and no other group is held up.
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
        limits::of_group(limit).for_each(runner::start_now);
    }

    /// How many workers of the group may be at work at once; `None` for as many as there are.
    #[doc(alias = "qio_group_get_max_threads")]
    pub fn max_threads(&self) -> Option<usize> {
        limits::LIMITS.max(self.0.limit()).map(NonZero::get)
    }

    /// Cancels all tasks that are in the group now, as
    /// [`Running::cancel`](crate::Running::cancel) does, those of groups in it included. Those that
    /// come later are let in.
    #[doc(alias = "qio_group_cancel")]
    #[track_caller]
    pub fn cancel(&self) {
        fork::refuse_child();
        self.0.cancel(false);
    }

    /// Lets no more tasks in: one that comes ends with [`Error::Cancelled`], and its worker never
    /// starts. Those that are in it go on.
    ///
    /// # Panics
    ///
    /// Panics for the group of the whole process, [`computing`](Self::computing).
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
        self.0.cancel(true);
    }

    /// Closes the group when `object` is disposed of, as a window is that closes.
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
        object.upcast_ref().add_weak_ref_notify(move || {
            // Else it has no member, and nobody who could put one in.
            if let Some(group) = group.upgrade() {
                group.cancel(true);
            }
        });
    }

    /// Has an error of a member cancel all others, or not, which is so unless this is called. Those
    /// that come later are let in: [`close`](Self::close) keeps them out.
    ///
    /// An error is each [`Error`] but [`Cancelled`](Error::Cancelled), and it counts as it comes
    /// up: as the worker returns it, and not as the callback is called. The first one is what
    /// [`ended`](Self::ended) tells.
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

    /// When every callback has returned and every worker has: at once where there is no member.
    ///
    /// It yields the first error that a member ever had, and the same to all who ask. A member that
    /// was cancelled is no error.
    ///
    /// The members that come until then are waited for, too: [`finish`](Self::finish) or
    /// [`close`](Self::close) the group before, unless that is as it should be.
    #[doc(alias = "qio_group_set_ended_func")]
    #[track_caller]
    pub fn ended(&self) -> GroupEnded {
        fork::refuse_child();
        GroupEnded::new(self.0.clone())
    }

    /// Calls `callback` once as [`ended`](Self::ended) would yield: through the loop, on this
    /// thread, with this thread's default context.
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
        let mut task = Plan::new().make_local(callback);
        // The group is no reason for the context to live.
        drop(task.release_context());
        self.0
            .wait_with(Box::new(|ended| task.complete_in_idle(ended)));
    }

    /// Blocks until every callback has returned and every worker has, and says what
    /// [`ended`](Self::ended) would yield: for a program, or a thread, without a loop.
    ///
    /// Members whose callbacks wait for this thread's default context have them called here, one
    /// after the other, as [`Running::wait`](crate::Running::wait) does. Those of other contexts
    /// are waited for: somebody has to iterate these. So does what completes a member by hand, or
    /// drives it by a loop, have to be on another thread than this one.
    ///
    /// # Errors
    ///
    /// The first error that a member ever had.
    ///
    /// # Panics
    ///
    /// A panic of a callback unwinds to the caller.
    #[track_caller]
    pub fn wait(&self) -> Result<(), GroupError> {
        fork::refuse_child();
        let mut ended = self.ended();
        let context = MainContext::ref_thread_default();
        let owner = context.acquire();
        loop {
            let members = owner.is_ok().then(|| self.0.members());
            for member in members.into_iter().flatten() {
                if member.waits_for(&context) {
                    blocking(|| member.wait_for_worker());
                    member.deliver_here(Some(&context));
                    member.take_back();
                }
            }
            if let Poll::Ready(ended) = ended.wait(RETRY) {
                return ended;
            }
        }
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
    pub fn is_closed(&self) -> bool {
        !self.0.lets_in()
    }

    pub(crate) fn inner(&self) -> Arc<group::Group> {
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
            .field("len", &self.len())
            .field("max_threads", &self.max_threads())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

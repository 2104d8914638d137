//! [`Messages`]: values from a worker of which each counts.

use std::{
    fmt,
    panic::Location,
    rc::Rc,
    sync::{Arc, Mutex},
};

use super::{
    channel::{AtHome, Channel, Receiver},
    message_stream::MessageStream,
    sink::Sink,
    task_messages::TaskMessages,
    try_send_error::TrySendError,
};
use crate::{
    Cancelled,
    base::{bounded::Refused, fork, quietly::drop_quietly, wake_slot::WakeSlot},
    node::{context_ref::ContextRef, home, registry},
};

const PRIORITY: glib::Priority = glib::Priority::DEFAULT_IDLE;

/// Sends values to a closure on the thread that made it, each of them, in order.
///
/// No more than a bound wait: [`send`](Self::send) blocks while as many do, so that a worker
/// that is faster than the loop does not fill the memory. Where only the newest value counts, a
/// [`Progress`](crate::Progress) is better, which never blocks.
///
/// The closure runs on the context that was the thread's default when the `Messages` was made.
/// It is called for many values in one wake-up of the loop, and gives way to other sources after
/// about 2 ms.
///
/// Given to a task, with [`Builder::messages`](crate::Builder::messages), it belongs to that:
/// what was sent before the task ended comes before its callback, and nothing after. A thread of
/// one's own needs no task.
///
/// Clones send to the same closure; the values of one thread stay in order, also among clones.
/// The closure is dropped, at home, after the last clone and each task that it belongs to are
/// gone, or with its context.
///
/// ```
/// use std::{cell::RefCell, rc::Rc};
/// use qio_task::{Messages, QioTask};
///
/// # glib::MainContext::new().with_thread_default(|| {
/// let list = Rc::new(RefCell::new(Vec::new()));
/// let lines = Messages::new(100, {
///     let list = list.clone();
///     move |line: String| list.borrow_mut().push(line)
/// });
/// QioTask::builder()
///     .messages(&lines)
///     .callback(|_: Result<(), qio_task::Error>| println!("that was all"))
///     .run_in_thread(move |_| {
///         for number in 0..1000 {
///             lines.send(format!("line {number}"))?;
///         }
///         Ok(())
///     })
///     .wait();
/// assert_eq!(list.borrow().len(), 1000);
/// # }).unwrap();
/// ```
pub struct Messages<T: Send + 'static> {
    channel: Arc<Channel<T>>,
}

impl<T: Send + 'static> Messages<T> {
    /// Makes one that sends to `callback`, on this thread and its default context. No more than
    /// `bound` values wait.
    ///
    /// # Panics
    ///
    /// Panics for a bound of 0, and when another thread owns this thread's default context.
    #[track_caller]
    pub fn new(bound: usize, callback: impl FnMut(T) + 'static) -> Self {
        fork::refuse_child();
        expect_bound(bound);
        let location = Location::caller();
        let level = registry::level(ContextRef::current().get(), PRIORITY);
        let queue = level.queue.clone();
        let channel = Arc::new_cyclic(|channel| {
            let sink = Rc::new(Sink::new(Box::new(callback), channel.clone()));
            let index = registry::insert_callback(level.clone(), sink);
            let number = queue.per_context.channels.insert(channel.clone());
            let at_home = AtHome {
                level: Mutex::new(level),
                home: home::here(),
                location,
                index: index.expect("the thread does not end: it had a level just now"),
                number,
                waiting: Mutex::default(),
                queue: queue.clone(),
            };
            Channel::new(bound, Receiver::Callback(at_home))
        });
        // Another thread may have destroyed a source of the queue meanwhile.
        if !queue.is_open() {
            channel.values.close();
        }
        Self { channel }
    }

    /// Makes one that sends to a stream, for `while let Some(value) = stream.next().await`. No
    /// more than `bound` values wait.
    ///
    /// Any thread may await it, and it needs no main context. It ends after the last value, when
    /// all clones of the `Messages` are gone, or all tasks that it belongs to have ended. A
    /// consumer is a task of its own: what was sent before the end of a task is in the stream,
    /// but which of them the loop calls first, the consumer or the callback, is not said.
    ///
    /// Dropping the stream has [`send`](Self::send) return [`Cancelled`], also where that blocks.
    ///
    /// ```
    /// use futures::StreamExt;
    /// use qio_task::{Messages, spawn_infallible};
    ///
    /// # let context = glib::MainContext::new();
    /// # context.with_thread_default(|| context.block_on(async {
    /// let (numbers, mut stream) = Messages::stream(10);
    /// let worker = spawn_infallible(move |_| (0..100).all(|n: u32| numbers.send(n).is_ok()));
    /// let mut sum = 0;
    /// while let Some(number) = stream.next().await {
    ///     sum += number;
    /// }
    /// assert_eq!(sum, 4950);
    /// assert!(worker.await.unwrap());
    /// # })).unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// Panics for a bound of 0.
    #[track_caller]
    pub fn stream(bound: usize) -> (Self, MessageStream<T>) {
        fork::refuse_child();
        expect_bound(bound);
        let channel = Arc::new(Channel::new(bound, Receiver::Stream(WakeSlot::new())));
        let stream = MessageStream::new(channel.clone());
        (Self { channel }, stream)
    }

    /// Sends `value`, from any thread. While as many wait as may, it blocks until there is room.
    ///
    /// On the thread of the closure itself nobody else would make room: there the values that
    /// wait are delivered first, before this returns. With a stream there is nothing to call, and
    /// who blocks the thread that awaits it waits for ever: use [`try_send`](Self::try_send).
    ///
    /// # Errors
    ///
    /// [`Cancelled`], also where it blocks: once each task that it belongs to has ended, be it by
    /// a cancellation whose callback is still to come; when the context is gone, or the stream.
    /// The value is dropped.
    ///
    /// # Panics
    ///
    /// Panics in the closure itself, and in what that calls, when as many wait as may. A panic of
    /// the closure unwinds to who sends on its thread.
    #[inline]
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), Cancelled> {
        fork::refuse_child();
        self.channel.send(value).map_err(refuse)
    }

    /// As [`send`](Self::send), but does not block, and calls nothing.
    ///
    /// # Errors
    ///
    /// [`TrySendError`], with the value: when as many wait as may, or nobody receives it.
    #[inline]
    #[track_caller]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        fork::refuse_child();
        self.channel
            .try_send(value)
            .map_err(|refused| match refused {
                Refused::Full(value) => TrySendError::Full(value),
                Refused::Closed(value) => TrySendError::Cancelled(value),
            })
    }

    /// What a task is given, for it to belong to that.
    pub(super) fn of_task(&self) -> Arc<TaskMessages<T>> {
        Arc::new(TaskMessages::new(self.channel.clone()))
    }
}

#[track_caller]
fn expect_bound(bound: usize) {
    assert!(bound > 0, "a bound of 0 lets no message in");
}

#[cold]
fn refuse<T>(value: T) -> Cancelled {
    drop_quietly(value);
    Cancelled
}

impl<T: Send + 'static> Clone for Messages<T> {
    fn clone(&self) -> Self {
        self.channel.add_sender();
        Self {
            channel: self.channel.clone(),
        }
    }
}

impl<T: Send + 'static> Drop for Messages<T> {
    fn drop(&mut self) {
        if !fork::is_child() {
            self.channel.remove_sender();
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Messages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}

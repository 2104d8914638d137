//! [`MessageStream`]: values of [`Messages`](super::messages::Messages), to be awaited.

use std::{
    fmt, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use futures_core::{FusedStream, Stream};

use super::channel::{Channel, Receiver};
use crate::{
    base::{
        bounded::{Batch, Coming},
        fork,
        quietly::drop_quietly,
    },
    node::runner::waits::{self, Wait},
};

/// The values of a [`Messages`](crate::Messages) that [`Messages::stream`](crate::Messages::stream)
/// has made, to be awaited.
///
/// It gives way after about 2 ms, as a dispatch does: then it is pending once, and wakes itself. A
/// loop that polls it lets sources of the same priority run in between; for a redraw as well, have
/// it awaited at a low one, by
/// [`MainContext::spawn_local_with_priority`](glib::MainContext::spawn_local_with_priority).
#[must_use = "a stream does nothing unless it is polled, and dropping it refuses what is sent"]
pub struct MessageStream<T: Send + 'static> {
    channel: Arc<Channel<T>>,
    batch: Batch<T>,
    is_over: bool,
    /// Since when it has been polled and never pending.
    since: Option<Instant>,
    /// It is pending for others to have a turn, and waits for nothing.
    gives_way: bool,
    /// Who has polled it, if that is a worker.
    wait: Wait,
}

/// For how long it is never pending.
const SLICE: Duration = Duration::from_millis(2);

impl<T: Send + 'static> MessageStream<T> {
    pub(super) fn new(channel: Arc<Channel<T>>) -> Self {
        Self {
            channel,
            batch: Batch::new(),
            is_over: false,
            since: None,
            gives_way: false,
            wait: Wait::default(),
        }
    }

    /// The next value, if it is there.
    fn next(&mut self) -> Option<T> {
        while let Some(value) = self.batch.values.pop_front() {
            let is_unwanted = self.channel.is_unwanted(self.batch.first);
            self.channel.values.count_off(&mut self.batch);
            if !is_unwanted {
                return Some(value);
            }
            drop_quietly(value);
        }
        None
    }

    /// Whether it is to give way to others.
    fn is_late(&mut self) -> bool {
        let now = Instant::now();
        now - *self.since.get_or_insert(now) >= SLICE
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.is_late() {
            self.gives_way = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            if let Some(value) = self.next() {
                return Poll::Ready(Some(value));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            let values = &self.channel.values;
            values.put_back(&mut self.batch);
            self.batch = values.take();
            if !self.batch.values.is_empty() {
                continue;
            }
            self.set_waker(Some(cx.waker().clone()));
            match self.channel.values.coming() {
                Coming::Now => {}
                Coming::Later => return Poll::Pending,
                Coming::Never => self.is_over = true,
            }
        }
    }

    fn set_waker(&self, waker: Option<Waker>) {
        if let Receiver::Stream(slot) = &self.channel.receiver {
            slot.set(waker);
        }
    }
}

impl<T: Send + 'static> Stream for MessageStream<T> {
    type Item = T;

    #[track_caller]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        fork::refuse_child();
        let poll = self.poll(cx);
        if poll.is_ready() {
            self.wait.end();
        } else if mem::take(&mut self.gives_way) {
            self.since = None;
        } else {
            self.since = None;
            // Not where it would lend its place in a group: those who send to it may be of the same
            // one, and would take all places.
            if !waits::has_places() {
                self.wait.begin();
            }
        }
        poll
    }
}

/// So that `select!` takes it as it is.
impl<T: Send + 'static> FusedStream for MessageStream<T> {
    fn is_terminated(&self) -> bool {
        self.is_over
    }
}

/// No value is pinned in it.
impl<T: Send + 'static> Unpin for MessageStream<T> {}

impl<T: Send + 'static> Drop for MessageStream<T> {
    fn drop(&mut self) {
        if !fork::is_child() {
            self.channel.values.close();
            drop_quietly(self.channel.values.take_all());
            self.set_waker(None);
            self.wait.end();
        }
    }
}

impl<T: Send + 'static> fmt::Debug for MessageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream")
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

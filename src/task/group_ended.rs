//! [`GroupEnded`]: when a group has no member any more, to be awaited.

use std::{
    fmt,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

use futures_core::FusedFuture;

use crate::{
    GroupError,
    base::{fork, sync::lock, wake_slot::WakeSlot},
    node::{group::Ended, node::Group, runner::waits::Wait},
};

/// The end of a group, to be awaited: what [`Group::ended`](crate::Group::ended) returns. It is
/// ready when every callback and every worker of the group has returned.
///
/// Any thread may await it, with a loop or without. But the callbacks of the members need theirs,
/// which somebody has to iterate. To drop it changes nothing for the group.
#[must_use = "a future does nothing unless it is awaited"]
pub struct GroupEnded {
    group: Arc<Group>,
    shared: Arc<Shared>,
    /// By which number the group has it, while it waits.
    number: Option<u64>,
    has_ended: bool,
    /// Who has polled it, if that is a worker.
    wait: Wait,
}

/// What the group tells it, from whichever thread.
struct Shared {
    ended: Mutex<Option<Ended>>,
    slot: WakeSlot,
}

impl GroupEnded {
    pub(crate) fn new(group: Arc<Group>) -> Self {
        let shared = Arc::new(Shared {
            ended: Mutex::new(None),
            slot: WakeSlot::new(),
        });
        let number = group.wait_with({
            let shared = shared.clone();
            Box::new(move |ended| {
                *lock(&shared.ended) = Some(ended);
                shared.slot.wake();
            })
        });
        Self {
            group,
            shared,
            number,
            has_ended: false,
            wait: Wait::default(),
        }
    }

    /// Blocks until it is ready, but not for longer than `patience`.
    pub(super) fn wait(&mut self, patience: Duration) -> Poll<Ended> {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }

        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let poll = pin!(&mut *self).poll(&mut Context::from_waker(&waker));
        if poll.is_pending() {
            thread::park_timeout(patience);
        }
        poll
    }
}

impl Future for GroupEnded {
    type Output = Result<(), GroupError>;

    /// # Panics
    ///
    /// Panics when it is polled after it was ready.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        fork::refuse_child();
        assert!(
            !self.has_ended,
            "a `GroupEnded` was polled after it was ready"
        );
        // Put there first: whoever wakes it then has told it before.
        self.shared.slot.set(Some(cx.waker().clone()));
        let ended = lock(&self.shared.ended).take();
        let Some(ended) = ended else {
            self.wait.begin();
            return Poll::Pending;
        };
        self.has_ended = true;
        self.number = None;
        self.shared.slot.set(None);
        self.wait.end();
        Poll::Ready(ended)
    }
}

/// So that `select!` takes it as it is.
impl FusedFuture for GroupEnded {
    fn is_terminated(&self) -> bool {
        self.has_ended
    }
}

impl Drop for GroupEnded {
    fn drop(&mut self) {
        if !fork::is_child() {
            self.shared.slot.set(None);
            self.wait.end();
            if let Some(number) = self.number {
                self.group.forget_waiter(number);
            }
        }
    }
}

impl fmt::Debug for GroupEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupEnded")
            .field("has_ended", &self.has_ended)
            .finish_non_exhaustive()
    }
}

//! When frames were drawn: what the plot shows, and what a flood is judged by.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    convert::Infallible,
    time::{Duration, Instant},
};

use qio_task::QioTask;

/// For how long a frame is remembered.
pub const SPAN: Duration = Duration::from_secs(10);
/// One frame at 60 Hz.
pub const FRAME: Duration = Duration::from_micros(16_667);
/// Two: from here on one was missed for sure.
pub const LATE: Duration = Duration::from_millis(34);

/// The time from one tick of the frame clock to the next.
#[derive(Clone, Copy)]
pub struct Frame {
    pub end: Instant,
    pub took: Duration,
}

/// The worst of the frames of a flood, and how many came late.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    pub worst: Duration,
    pub late: u32,
}

#[derive(Default)]
pub struct Frames {
    last: Cell<Option<Instant>>,
    recent: RefCell<VecDeque<Frame>>,
    tally: Cell<Tally>,
    next: RefCell<Option<QioTask<(), Infallible>>>,
}

impl Frames {
    /// The frame clock ticks. The time is taken here and not from the clock,
    /// which smooths what it tells.
    pub fn tick(&self) {
        let now = Instant::now();
        if let Some(last) = self.last.replace(Some(now)) {
            self.add(Frame {
                end: now,
                took: now - last,
            });
        }
        if let Some(next) = self.next.take() {
            next.complete(Ok(()));
        }
    }

    fn add(&self, frame: Frame) {
        let mut recent = self.recent.borrow_mut();
        recent.push_back(frame);
        while recent
            .front()
            .is_some_and(|first| frame.end - first.end > SPAN)
        {
            recent.pop_front();
        }
        let Tally { worst, late } = self.tally.get();
        self.tally.set(Tally {
            worst: worst.max(frame.took),
            late: late + u32::from(frame.took > LATE),
        });
    }

    /// Forgets when the last frame was: nothing is drawn from here on.
    pub fn pause(&self) {
        self.last.set(None);
    }

    /// Waits for the next tick. A task that is completed by hand, there.
    pub async fn next(&self) {
        let (task, ticked) = QioTask::builder().name("next frame").future();
        self.next.replace(Some(task));
        // It fails when the page is left, and nobody asks for frames then.
        let _ = ticked.await;
    }

    /// Counts from the last frame on.
    pub fn reset(&self) {
        self.tally.take();
    }

    pub fn tally(&self) -> Tally {
        self.tally.get()
    }

    /// Calls `f` with the frames of the last [`SPAN`], the oldest first.
    pub fn with_recent<R>(&self, f: impl FnOnce(&VecDeque<Frame>) -> R) -> R {
        f(&self.recent.borrow())
    }
}

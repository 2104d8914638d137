//! The queue of one priority of a context, and the bell that wakes it.

use std::{
    collections::VecDeque,
    io::{self, PipeReader, PipeWriter, Read, Write},
    mem,
    os::fd::{AsRawFd, RawFd},
    sync::Arc,
    time::Duration,
};

use glib::{Priority, Source};

use super::Delivery;
use crate::{
    control::{Control, Place},
    home::Home,
};

/// Something to be done on the thread of a context.
pub(crate) enum Item {
    /// A task has been decided, or its completer has ended.
    Task(Arc<Control>),
    /// There is a value of a `Progress` of that thread.
    Progress { home: usize },
    /// A `Progress` was dropped.
    Release { home: usize, index: usize },
}

impl Item {
    /// Whether this thread can do it: a callback that is not `Send` stays on
    /// its thread even when another one iterates the context.
    pub(super) fn is_for_this_thread(&self) -> bool {
        match self {
            Self::Task(control) => control.place == Place::Context || control.is_home(),
            Self::Progress { home } | Self::Release { home, .. } => *home == Home::thread(),
        }
    }

    pub(super) fn deliver(self, delivery: &Delivery) {
        match self {
            Self::Task(control) => control.deliver(),
            Self::Progress { .. } => delivery.deliver_progress(),
            Self::Release { index, .. } => {
                let released = Home::with(|home| home.sinks.borrow_mut().remove(index));
                drop(released);
            }
        }
    }
}

/// The completions of one priority, and what wakes their context.
pub(super) struct Lane {
    pub(super) priority: Priority,
    pub(super) queue: VecDeque<Item>,
    /// Rings the bell again, when all that is left waits for its own thread
    /// to iterate the context, and another one does.
    pub(super) retry: Option<Source>,
    pub(super) patience: Duration,
    pub(super) bell: Bell,
    /// The sources that the bell wakes. One that is being dispatched is
    /// blocked in a nested loop, so there is always one more than dispatches.
    pub(super) sources: Vec<Source>,
    /// How many dispatches are on the stack.
    pub(super) depth: usize,
    /// The iteration, by its time, in which a dispatch gave way.
    pub(super) gave_way: Option<i64>,
}

/// Wakes the context: a pipe that holds a byte while the bell rings.
pub(super) struct Bell {
    rings: bool,
    reader: PipeReader,
    writer: PipeWriter,
}

impl Lane {
    pub(super) fn new(priority: Priority) -> io::Result<Self> {
        Ok(Self {
            priority,
            queue: VecDeque::new(),
            retry: None,
            patience: super::RETRY,
            bell: Bell::new()?,
            sources: Vec::new(),
            depth: 0,
            gave_way: None,
        })
    }

    /// The descriptor that is readable while the bell rings.
    pub(super) fn descriptor(&self) -> RawFd {
        self.bell.reader.as_raw_fd()
    }

    /// The first item that this thread can do. The bell goes on ringing for
    /// the rest: a loop nested in the item, or the next iteration, does it.
    pub(super) fn next(&mut self) -> Option<Item> {
        let first = self.queue.iter().position(Item::is_for_this_thread)?;
        let item = self.queue.remove(first);
        if !self.queue.is_empty() {
            self.bell.ring();
        }
        item
    }
}

impl Bell {
    fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self {
            rings: false,
            reader,
            writer,
        })
    }

    pub(super) fn ring(&mut self) {
        if !mem::replace(&mut self.rings, true) {
            self.writer
                .write_all(&[0])
                .expect("an empty pipe takes a byte");
        }
    }

    pub(super) fn silence(&mut self) {
        if mem::replace(&mut self.rings, false) {
            self.reader
                .read_exact(&mut [0])
                .expect("a bell that rings has its byte in the pipe");
        }
    }
}

//! [`Reported`]: what was reported of a task, and which thread tells it.

use std::{mem, sync::Arc};

use super::{handle::Handle, telling::Telling};
use crate::node::node::Level;

/// The progress function of a task, with its data.
pub(super) type ReportFunc = Arc<dyn Fn(Handle, f64) + Send + Sync>;

/// See the module's documentation.
pub(super) struct Reported {
    func: ReportFunc,
    /// Reported, and not told yet.
    fraction: Option<f64>,
    /// The thread that tells what was reported before.
    telling: Telling,
    /// Of the last report that its context was to tell.
    pub(super) note: Option<Note>,
}

/// What a context has noted of a report, until this is dropped.
pub(super) struct Note {
    pub(super) level: Arc<Level>,
    pub(super) number: u64,
}

impl Drop for Note {
    fn drop(&mut self) {
        // One that was told otherwise would be kept until it may be told at its pace.
        let forgotten = self.level.queue.per_context.reports.forget(self.number);
        drop(forgotten);
    }
}

/// What there is to be told.
pub(super) enum Next {
    Nothing,
    /// Another thread tells what was reported before.
    Later,
    Report(ReportFunc, f64),
}

impl Reported {
    pub(super) fn new(func: ReportFunc) -> Self {
        Self {
            func,
            fraction: None,
            telling: Telling::default(),
            note: None,
        }
    }

    /// Keeps the later of two notes, and hands back the other: another thread's report may have
    /// been noted, and kept, since this one was noted and told.
    pub(super) fn keep_note(&mut self, note: Note) -> Option<Note> {
        match &self.note {
            Some(kept) if kept.number > note.number => Some(note),
            _ => self.note.replace(note),
        }
    }

    /// Hands back the function that was told before.
    pub(super) fn replace_func(&mut self, func: ReportFunc) -> ReportFunc {
        mem::replace(&mut self.func, func)
    }

    /// Takes in what is reported. Says whether nothing was waiting to be told.
    pub(super) fn report(&mut self, fraction: f64) -> bool {
        self.fraction.replace(fraction).is_none()
    }

    /// Nobody is to be told any more of what was reported.
    pub(super) fn forget(&mut self) {
        self.fraction = None;
    }

    /// Takes out what is to be told now, by this thread.
    pub(super) fn take_next(&mut self) -> Next {
        if self.telling.is_elsewhere() {
            return Next::Later;
        }
        let Some(fraction) = self.fraction.take() else {
            return Next::Nothing;
        };
        self.telling.begin();
        Next::Report(self.func.clone(), fraction)
    }

    /// This thread has told it.
    pub(super) fn end_telling(&mut self) {
        self.telling.end();
    }

    /// This thread, if it tells anything, is not to be waited for any more.
    pub(super) fn leave_telling(&mut self) {
        self.telling.leave();
    }
}

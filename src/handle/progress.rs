//! What a task reports while it is under way, and who tells it.

use std::{mem, num::NonZero, sync::Arc};

use super::{
    Handle, Of, Share,
    task::{Checked, Task},
};
use crate::{
    node::registry,
    observe::{Hold, Place, Watched},
    runner,
    sync::{Condvar, Mutex, PoisonError, lock},
};

/// What is told of the progress of a task.
pub(crate) type Report = Arc<dyn Fn(Handle, f64) + Send + Sync>;

pub(super) struct Progress {
    report: Report,
    /// Reported, and not told yet.
    fraction: Option<f64>,
    /// The thread that tells what was reported before, and how often: it may
    /// iterate the context meanwhile.
    told_on: Option<(NonZero<u32>, usize)>,
}

/// What there is to be told.
enum News {
    Nothing,
    /// Another thread tells what was reported before.
    Later,
    Report(Report, f64),
}

/// Guards what threads know of each other's telling, and says when it changes.
static TOLD: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

impl Handle {
    /// Has the task's progress function called, through its context.
    pub(crate) fn report_progress(self, fraction: f64) -> Checked<()> {
        if self.ask(false, |task| task.report(fraction))? {
            self.in_idle(move || self.tell());
        }
        Ok(())
    }

    /// Tells what has been reported, after what was reported before.
    pub(super) fn tell(self) {
        if !self.has_progress() {
            return;
        }
        let mut told = lock(&TOLD.0);
        let (report, fraction) = loop {
            match self.ask(News::Nothing, Task::take_news) {
                Ok(News::Report(report, fraction)) => break (report, fraction),
                Ok(News::Later) => {
                    let waited = runner::blocking(|| TOLD.1.wait(told));
                    told = waited.unwrap_or_else(PoisonError::into_inner);
                }
                Ok(News::Nothing) | Err(_) => return,
            }
        };
        drop(told);
        let hold = Hold::begin(|| self.watched_progress());
        report(self, fraction);
        drop((hold, report));
        // Not the last one, if another thread waits to end the task.
        drop(Share(self, Of::Another));
        self.stop_telling(Progress::end_news);
    }

    /// What its progress function is known by, if that is slow.
    fn watched_progress(self) -> Watched {
        let name = self.ask(None, |task| task.name.clone()).ok().flatten();
        Watched::Progress {
            name: name.map(|name| name.to_string_lossy().into()),
            place: Place::in_c(),
        }
    }

    /// This thread tells something, and waits for the task now: who ends it
    /// need not wait for this one.
    pub(super) fn leave_news(self) {
        if self.has_progress() {
            self.stop_telling(Progress::leave_news);
        }
    }

    /// Whether anybody is told of the task's progress.
    fn has_progress(self) -> bool {
        self.ask(false, |task| task.progress.is_some()) == Ok(true)
    }

    fn stop_telling(self, stop: impl FnOnce(&mut Progress)) {
        let told = lock(&TOLD.0);
        let _ = self.ask((), |task| task.progress.as_mut().map_or((), stop));
        drop(told);
        TOLD.1.notify_all();
    }
}

impl Task {
    /// Has `report` told of the progress. Hands back what was.
    pub(crate) fn set_progress(&mut self, report: Report) -> Option<Report> {
        if let Some(progress) = &mut self.progress {
            return Some(mem::replace(&mut progress.report, report));
        }
        self.progress = Some(Progress {
            report,
            fraction: None,
            told_on: None,
        });
        None
    }

    /// Takes in what is reported. Says whether that has to be sent.
    fn report(&mut self, fraction: f64) -> bool {
        let is_wanted =
            !self.is_ending() && self.node.as_ref().is_none_or(|node| !node.is_interrupted());
        match &mut self.progress {
            Some(progress) if is_wanted => progress.fraction.replace(fraction).is_none(),
            _ => false,
        }
    }

    /// Nobody is to be told any more of what was reported.
    pub(super) fn forget_news(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.fraction = None;
        }
    }

    /// Takes out what is to be told now. Who tells it has a share meanwhile.
    fn take_news(&mut self) -> News {
        let news = self.progress.as_mut().map(Progress::take_news);
        if let Some(News::Report(..)) = news {
            self.shares += 1;
        }
        news.unwrap_or(News::Nothing)
    }
}

impl Progress {
    fn take_news(&mut self) -> News {
        let depth = match self.told_on {
            Some((thread, _)) if thread != registry::thread() => return News::Later,
            Some((_, depth)) => depth,
            None => 0,
        };
        let Some(fraction) = self.fraction.take() else {
            return News::Nothing;
        };
        self.told_on = Some((registry::thread(), depth + 1));
        News::Report(self.report.clone(), fraction)
    }

    fn end_news(&mut self) {
        if let Some((thread, depth)) = self.told_on
            && thread == registry::thread()
        {
            self.told_on = (depth > 1).then_some((thread, depth - 1));
        }
    }

    fn leave_news(&mut self) {
        self.told_on = self
            .told_on
            .filter(|(thread, _)| *thread != registry::thread());
    }
}

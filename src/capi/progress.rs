//! How the progress of a task is reported and told.

use std::{
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    check::Checked,
    handle::Handle,
    reported::{Next, Note, ReportFunc, Reported},
    task::{FullTask, TaskRef},
};
use crate::{
    base::sync::{Condvar, Mutex, PoisonError, lock},
    node::{
        home::Home, levels::level_of_any, node::Level, reports::Reporter, runner::waits::blocking,
    },
    observe::{Hold, Place, Watched},
};

/// Guards what threads know of each other's telling, and says when it changes.
static TOLD: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

impl Handle {
    /// Has `func` told of the progress. Hands back what was, to be dropped.
    pub(super) fn set_progress_func(
        self,
        func: impl FnOnce() -> ReportFunc,
    ) -> Checked<Option<ReportFunc>> {
        self.check(|task| {
            task.completion.check_held()?;
            let func = func();
            if let Some(reported) = &mut task.reported {
                return Ok(Some(reported.replace_func(func)));
            }
            task.reported = Some(Reported::new(func));
            Ok(None)
        })
    }

    /// Has the progress function called once in `interval` at most.
    pub(super) fn set_progress_interval(self, interval: Duration) -> Checked<()> {
        self.check(|task| {
            task.completion.check_held()?;
            task.pace.set_interval(interval);
            Ok(())
        })
    }

    /// Has the task's progress function called, through its context.
    pub(super) fn report_progress(self, fraction: f64) -> Checked<()> {
        if !self.ask(false, |task| task.report(fraction))? {
            return Ok(());
        }
        let level = self.check(|task| Ok(level_of_any(task.context(), task.priority())))?;
        let reporter = Arc::new(TaskReporter {
            task: self,
            level: level.clone(),
        });
        // With the context dead, which the task keeps, there would be nobody to tell.
        if let Ok(number) = level.queue.per_context.reports.push(reporter, &level) {
            let note = Note { level, number };
            let last = self.ask(None, |task| task.reported.as_mut()?.keep_note(note));
            drop(last);
        }
        Ok(())
    }

    /// Tells what has been reported, after what was reported before.
    pub(super) fn tell_progress(self) {
        if !self.has_progress_func() {
            return;
        }
        let mut told = lock(&TOLD.0);
        let (func, fraction) = loop {
            match self.ask(Next::Nothing, FullTask::take_next_report) {
                Ok(Next::Report(func, fraction)) => break (func, fraction),
                Ok(Next::Later) => {
                    let waited = blocking(|| TOLD.1.wait(told));
                    told = waited.unwrap_or_else(PoisonError::into_inner);
                }
                Ok(Next::Nothing) | Err(_) => return,
            }
        };
        drop(told);
        let hold = Hold::begin(|| self.watched());
        func(self, fraction);
        drop((hold, func));
        // Not the last one, if another thread waits to end the task.
        drop(TaskRef::from_counted(self));
        self.stop_telling(Reported::end_telling);
    }

    /// This thread tells something, and waits for the task now: who ends it
    /// need not wait for this one.
    pub(super) fn leave_telling(self) {
        if self.has_progress_func() {
            self.stop_telling(Reported::leave_telling);
        }
    }

    /// What its progress function is known by, if that is slow.
    fn watched(self) -> Watched {
        let name = self.ask(None, |task| task.name.clone()).ok().flatten();
        Watched::Progress {
            name: name.map(|name| name.to_string_lossy().into()),
            place: Place::in_c(),
        }
    }

    /// Whether anybody is told of the task's progress.
    fn has_progress_func(self) -> bool {
        self.ask(false, |task| task.reported.is_some()) == Ok(true)
    }

    fn stop_telling(self, stop: impl FnOnce(&mut Reported)) {
        let told = lock(&TOLD.0);
        let _ = self.ask((), |task| task.reported.as_mut().map_or((), stop));
        drop(told);
        TOLD.1.notify_all();
    }
}

/// A task with a progress function, as the queue of its context knows it.
struct TaskReporter {
    task: Handle,
    level: Arc<Level>,
}

impl Reporter for TaskReporter {
    fn home(&self) -> Option<Home> {
        // Before the task's own function it is told by who calls that, on any thread.
        None
    }

    fn place(&self) -> Option<&'static Location<'static>> {
        None
    }

    fn level(&self) -> &Arc<Level> {
        &self.level
    }

    fn rests_until(&self) -> Option<Instant> {
        let next = self.task.ask(None, |task| task.pace.next());
        next.ok().flatten()
    }

    fn deliver(self: Arc<Self>) {
        self.task.tell_progress();
    }

    fn discard(&self) {}
}

impl FullTask {
    /// Takes in what is reported. Says whether that has to be sent.
    fn report(&mut self, fraction: f64) -> bool {
        self.touch();
        let is_wanted = !self.completion.is_ending()
            && self.node.as_ref().is_none_or(|node| !node.is_interrupted());
        match &mut self.reported {
            Some(reported) if is_wanted => reported.report(fraction),
            _ => false,
        }
    }

    /// Takes out what is to be told now. Who tells it has a reference meanwhile.
    fn take_next_report(&mut self) -> Next {
        let next = self.reported.as_mut().map(Reported::take_next);
        if let Some(Next::Report(..)) = next {
            self.references += 1;
            self.pace.called();
        }
        next.unwrap_or(Next::Nothing)
    }
}

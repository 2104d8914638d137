//! How whoever in C has a task ends it.

use super::{
    check::Checked,
    gio_task::EndingGioTask,
    handle::Handle,
    inner::Inner,
    task::{FullTask, TaskRef},
};

/// What is left of a full task that is freed by who has it.
struct Freed {
    inner: Option<Inner<TaskRef>>,
    gio_task: Option<EndingGioTask>,
}

impl Handle {
    /// Calls the task's function here, and frees the task.
    #[inline]
    pub(super) fn complete(self) -> Checked<()> {
        if let Some(taken) = self.take_plain()? {
            taken.task.func.call(self);
            taken.free();
            return Ok(());
        }
        let inner = self.check(FullTask::take_over)?;
        let completer_ref = TaskRef::from_counted(self);
        if let Some(inner) = inner {
            inner.complete_here(self.inner_result(completer_ref));
        } else {
            self.call_func();
            drop(completer_ref);
        }
        Ok(())
    }

    /// Has a source of the task's context call its function.
    pub(super) fn complete_in_idle(self) -> Checked<()> {
        let inner = self.check(|task| task.take_over_bound(self))?;
        inner.complete_in_idle(self.inner_result(TaskRef::from_counted(self)));
        Ok(())
    }

    /// Ends the task without a word of its completer.
    pub(super) fn abandon(self) -> Checked<()> {
        let inner = self.check(|task| task.take_over_bound(self))?;
        self.tell_group();
        // The inner one ends the task on its context, and frees it there.
        drop(TaskRef::from_counted(self));
        drop(inner);
        Ok(())
    }

    /// Frees the task here, and its function is not called. One that has ended or
    /// was handed on is not its holder's any more, and goes by itself.
    pub(super) fn free(self) {
        match self.take_plain() {
            Ok(Some(taken)) => return taken.free(),
            Ok(None) => {}
            Err(_) => return,
        }
        let Ok(Some(Freed { inner, gio_task })) = self.ask(None, FullTask::let_go) else {
            return;
        };
        let holder_ref = TaskRef::from_counted(self);
        // Unlocked, all of it: a cancellable, and what GIO saw of the task, may have
        // foreign code to call as they go.
        if inner.and_then(Inner::withdraw).is_some() {
            drop(TaskRef::from_counted(self));
        }
        if let Some(gio_task) = gio_task {
            gio_task.complete(self, || ());
        }
        drop(holder_ref);
    }
}

impl FullTask {
    /// The holder gives the task up without a word: nobody calls its function from now on, or
    /// is told of its progress. `None` when it is not the holder's.
    fn let_go(&mut self) -> Option<Freed> {
        let inner = self.completion.is_held().then(|| self.take_over())?.ok()?;
        self.completion.end();
        self.completion.begin_end();
        if let Some(reported) = &mut self.reported {
            reported.forget();
        }
        let error = self.outcomes.error();
        let gio_task = self.gio_task.take();
        let gio_task = gio_task.map(|task| EndingGioTask::freed(task, error));
        Some(Freed { inner, gio_task })
    }
}

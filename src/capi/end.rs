//! How the function of a full task is called, once.

use super::{
    c_types::FuncAndData,
    gio_task::EndingGioTask,
    handle::Handle,
    host::HostError,
    inner::InnerResult,
    task::{FullTask, TaskRef},
};
use crate::Error;

impl Handle {
    /// The callback of its [`Inner`](super::inner::Inner).
    pub(super) fn inner_ended(self, result: InnerResult<TaskRef>) {
        let reference = TaskRef::from_counted(self);
        let completer_ref = match result {
            Ok(completer_ref) | Err(Error::Failed(completer_ref)) => completer_ref,
            Err(why) => {
                let mut error = Some(HostError::new(&why.describe()));
                let keeps = matches!(why, Error::Abandoned);
                let is_free = self.ask(false, |task| {
                    if !(keeps && task.outcomes.is_failed())
                        && let Some(error) = error.take()
                    {
                        task.outcomes.fail(error);
                    }
                    task.completion.take_from_waiting_worker()
                });
                // A worker that has not started never will.
                (is_free == Ok(true)).then(|| TaskRef::from_counted(self))
            }
        };
        self.call_func();
        drop((completer_ref, reference));
    }

    /// What its completer ends its [`Inner`](super::inner::Inner) with.
    pub(super) fn inner_result(
        self,
        completer_ref: TaskRef,
    ) -> Result<Option<TaskRef>, Option<TaskRef>> {
        let failed = self.ask((false, None), |task| {
            (task.outcomes.is_failed(), task.told_error())
        });
        let (is_failed, told) = failed.unwrap_or_default();
        if let Some((node, error)) = told {
            node.tell_group(&Error::Failed(error));
        }
        if is_failed {
            Err(Some(completer_ref))
        } else {
            Ok(Some(completer_ref))
        }
    }

    /// Calls the task's function, after what has been reported.
    pub(super) fn call_func(self) {
        let _ = self.ask((), |task| task.completion.begin_end());
        self.tell_progress();
        // Who was told may have waited for the task, and so ended it.
        match self.check(|task| Ok(task.take_func())) {
            Ok(Some((func, Some(gio_task)))) => gio_task.complete(self, || func.call(self)),
            Ok(Some((func, None))) => func.call(self),
            Ok(None) | Err(_) => {}
        }
    }
}

impl FullTask {
    /// What is called to end the task, unless it has been.
    fn take_func(&mut self) -> Option<(FuncAndData, Option<EndingGioTask>)> {
        if self.completion.end() {
            return None;
        }
        let error = self.outcomes.error();
        let gio_task = self.gio_task.take();
        Some((
            self.func,
            gio_task.map(|task| EndingGioTask::new(task, error)),
        ))
    }
}

//! How a task is found as the `GAsyncResult` of GIO.

use super::{
    check::Checked,
    gio_task::{self, GioTask, ending_here, new_gio_task},
    handle::Handle,
    inner::named_builder,
};

impl Handle {
    /// The task as GIO sees it, on a thread that has its context for default.
    pub(super) fn async_result(self) -> Checked<Option<gio::AsyncResult>> {
        if let Some(ending) = ending_here(self) {
            return Ok(Some(ending));
        }
        if gio_task::EXISTS
            && let Some((builder, context, object)) = self.check_or(None, |task| {
                let is_missing = task.gio_task.is_none() && !task.completion.is_ended();
                Ok(is_missing.then(|| {
                    let builder = named_builder(task.node.as_ref());
                    (builder, task.context().clone(), task.source.object())
                }))
            })?
            && let Some(made) = new_gio_task(builder, &context, object)
        {
            // Unlocked: to make a task may free what was sent here.
            let unwanted = self.check_or(None, |task| Ok(task.gio_task.replace(made)))?;
            drop(unwanted);
        }
        self.check_or(None, |task| {
            Ok(task.gio_task.as_ref().and_then(GioTask::find_async_result))
        })
    }
}

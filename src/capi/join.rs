//! How a task joins a group, and how the group hears of its error.

use super::{check::Checked, handle::Handle, task::FullTask};
use crate::{Error, Group};

impl Handle {
    /// Puts the task in `group`, before it is ended or handed to a worker.
    pub(super) fn set_group(self, group: Group) -> Checked<()> {
        self.check(|task| {
            task.completion.check_held()?;
            if task.group.is_some() {
                return Err("task is in no group");
            }
            if let Some(inner) = &task.inner {
                task.cancels = group.inner().cancels();
                inner.join_group(group.inner());
            }
            task.group = Some(group);
            // It joins as it is bound, if it was not before.
            task.bound(self).map(drop)
        })
    }

    /// Tells the group of the error that was set, if there is one, before the task ends with
    /// another one of the library's.
    pub(super) fn tell_group(self) {
        let told = self.ask(None, FullTask::told_error);
        if let Ok(Some((node, error))) = told {
            node.tell_group(&Error::Failed(error));
        }
    }
}

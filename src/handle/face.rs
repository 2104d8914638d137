//! The task as GIO sees it: another one, which ends as it does.

use std::cell::RefCell;

use super::{
    Handle,
    task::{Checked, Task},
};
use crate::{
    QioTask,
    capi::{Host, Owned},
    held::Held,
};

pub(super) type Face = QioTask<(), glib::Error>;

thread_local! {
    /// Those of the tasks whose functions are being called here, with their numbers.
    static ENDING: RefCell<Vec<(usize, gio::AsyncResult)>> = const { RefCell::new(Vec::new()) };
}

impl Handle {
    /// The task as GIO sees it, on a thread that has its context for default.
    pub(crate) fn async_result(self) -> Checked<Option<gio::AsyncResult>> {
        let ending = ENDING.with_borrow(|ending| {
            let (_, result) = ending.iter().find(|(number, _)| *number == self.number())?;
            Some(result.clone())
        });
        match ending {
            Some(result) => Ok(Some(result)),
            None => self.check_or(None, |task| Ok(task.async_result())),
        }
    }
}

impl Task {
    fn async_result(&mut self) -> Option<gio::AsyncResult> {
        // Where there is nothing to see, there is nothing to keep for it either.
        if cfg!(feature = "gtask") && self.face.is_none() && !self.is_ended {
            let held = Held::try_current().filter(|held| held.get() == self.context())?;
            // Else another thread may own it before the face is there.
            let _owner = held.get().acquire().ok()?;
            self.face = Some(match Host::object(&self.source) {
                Some(object) => self.builder().source(&object).callback(|_, _| ()),
                None => self.builder().callback(|_| ()),
            });
        }
        self.face.as_ref()?.find_async_result()
    }
}

/// What is seen of a task whose function is about to be called.
pub(super) struct Ended(Face, Result<(), glib::Error>);

impl Ended {
    pub(super) fn new(face: Face, error: &Owned) -> Self {
        let outcome = match error {
            error if error.is_some() => Err(Host::describe(error)),
            _ => Ok(()),
        };
        Self(face, outcome)
    }

    /// Shows it while `call` is called.
    pub(super) fn show(self, task: Handle, call: impl FnOnce()) {
        let Self(face, outcome) = self;
        let seen = face.find_async_result().map(|seen| (task.number(), seen));
        let is_seen = seen.is_some();
        ENDING.with_borrow_mut(|ending| ending.extend(seen));
        face.complete(outcome);
        call();
        if is_seen {
            let seen = ENDING.with_borrow_mut(Vec::pop);
            drop(seen);
        }
    }
}

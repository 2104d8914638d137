//! [`EndedFunc`]: what is called once a group has no member.

use std::sync::{Arc, Mutex, Weak};

use glib::MainContext;

use crate::{Error, Group, GroupError, QioTask, base::sync::lock, observe};

/// Called with the first error of the group, if there was one.
type Call = Box<dyn FnOnce(Option<&glib::Error>) + Send>;

/// See the module's documentation. It is called and dropped by a source of the context that was
/// this thread's default as it was made, and dropped, uncalled, with that context.
pub(super) struct EndedFunc {
    /// That source has it.
    call: Weak<Mutex<Option<Call>>>,
    group: Group,
    /// By which number the group has it.
    number: Option<u64>,
}

impl EndedFunc {
    pub(super) fn new(group: Group, call: Call) -> Self {
        let call = Arc::new(Mutex::new(Some(call)));
        let weak = Arc::downgrade(&call);
        let context = MainContext::ref_thread_default();
        let callback = move |ended: Result<(), Error<GroupError>>| {
            let taken = lock(&call).take();
            if let Some(call) = taken {
                match ended {
                    Err(Error::Failed(error)) => call(Some(&error.error().describe())),
                    _ => call(None),
                }
            }
        };
        let mut task = QioTask::builder().callback_on(&context, callback);
        // It is no task of the program's, and no reason for the context to live.
        observe::hide(task.node().id());
        drop(task.release_context());
        let waiter = Box::new(|ended| task.complete_in_idle(ended));
        let number = group.inner().wait_with(waiter);
        Self {
            call: weak,
            group,
            number,
        }
    }

    /// Drops it here, if it has not been called.
    pub(super) fn forget(self) {
        let call = self.call.upgrade().and_then(|call| lock(&call).take());
        if let Some(number) = self.number {
            self.group.inner().forget_waiter(number);
        }
        drop(call);
    }
}

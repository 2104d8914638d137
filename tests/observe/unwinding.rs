//! What is seen of tasks when foreign code unwinds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use qio_task::{Error, Progress, TaskState};

use crate::{
    common::{builder, flag, iterate},
    views::{assert_none_on, on_inspected_context, states_on},
};

#[test]
fn queued_when_progress_before_its_callback_panics() {
    on_inspected_context(|context| {
        for name in [None, Some("named")] {
            let (ended, has_ended) = flag();
            let progress = Progress::new(|(): ()| panic!("for the test"));
            let task = builder(name).callback(move |_: Result<(), Error>| ended.set(true));
            progress.report(());
            let completed = catch_unwind(AssertUnwindSafe(|| task.complete(Ok(()))));
            assert!(completed.is_err());
            assert!(!has_ended.get());
            assert_eq!(states_on(context), [TaskState::Queued], "{name:?}");
            iterate(context);
            assert!(has_ended.get());
            assert_none_on(context);
        }
    });
}

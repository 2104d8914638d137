//! What is kept for one who looks is not shown to another.

use std::time::Duration;

use qio_task::{QioTask, inspect, set_inspecting, set_slow_callback_limit, slow_callback_limit};

use crate::{
    common::{on_context, passes_in_child},
    views::{any_end, only_task_on},
};

const SLOW: &str = "kept::for_the_watch_over_callbacks_and_not_for_the_list";

#[test]
fn for_the_watch_over_callbacks_and_not_for_the_list() {
    // In a process of its own: the switch is the whole process's.
    if passes_in_child(SLOW) {
        return;
    }
    on_context(|context| {
        set_slow_callback_limit(Some(Duration::from_hours(1)));
        let before = QioTask::builder().callback(any_end::<()>());
        set_inspecting(true);
        assert!(inspect().is_empty());
        let between = QioTask::builder().name("it").callback(any_end::<()>());
        assert_eq!(only_task_on(context).name(), Some("it"));

        set_inspecting(false);
        set_inspecting(true);
        assert!(inspect().is_empty(), "what was known is forgotten");

        let after = QioTask::builder().callback(any_end::<()>());
        set_slow_callback_limit(None);
        assert_eq!(slow_callback_limit(), None);
        let _still_known = only_task_on(context);
        drop((before, between, after));
    });
}

//! What `inspect` shows of a test's own tasks: others run in this process.

use glib::MainContext;
use qio_task::{Error, TaskInfo, TaskState, inspect, set_inspecting};

use crate::common::on_context;

/// Runs `test` with a context of its own as the thread's default, and with
/// its tasks known.
pub fn on_inspected_context<R>(test: impl FnOnce(&MainContext) -> R) -> R {
    set_inspecting(true);
    on_context(test)
}

/// Runs `test` with a context of its own as the thread's default. Warnings are not
/// fatal: on a busy machine any callback may be a slow one.
pub fn on_lenient_context<R>(test: impl FnOnce(&MainContext) -> R) -> R {
    let context = MainContext::new();
    context.with_thread_default(|| test(&context)).unwrap()
}

/// What is in flight for `context`.
pub fn tasks_on(context: &MainContext) -> Vec<TaskInfo> {
    let mut tasks = inspect();
    tasks.retain(|task| task.is_on(context));
    tasks
}

/// The only one that is in flight for `context`.
#[track_caller]
pub fn only_task_on(context: &MainContext) -> TaskInfo {
    let mut tasks = tasks_on(context);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    tasks.remove(0)
}

/// How each of those stands that are in flight for `context`.
pub fn states_on(context: &MainContext) -> Vec<TaskState> {
    tasks_on(context).iter().map(TaskInfo::state).collect()
}

#[track_caller]
pub fn assert_none_on(context: &MainContext) {
    let tasks = tasks_on(context);
    assert!(tasks.is_empty(), "{tasks:?}");
}

/// A callback that takes any end.
pub fn any_end<T>() -> impl FnOnce(Result<T, Error>) + Send {
    |_| {}
}

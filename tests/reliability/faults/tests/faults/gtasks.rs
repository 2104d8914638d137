//! With the feature, each task is a `GTask` from its birth, about its own source; without
//! it, none is.

use gio::prelude::*;
use qio_task::{Error, QioTask};

use crate::{
    common::{fatal_warnings, iterate, on_context},
    system::sources_of_gtasks,
};

const TASKS: usize = 100;

/// Makes some tasks, looks at them, and has them end.
fn look_at_tasks(context: &glib::MainContext) {
    let before = sources_of_gtasks().len();
    let sources: Vec<_> = (0..TASKS).map(|_| gio::Cancellable::new()).collect();
    let tasks: Vec<QioTask<()>> = sources
        .iter()
        .map(|source| QioTask::new(source, |_, _| {}))
        .collect();
    let expected: Vec<usize> = if cfg!(feature = "gtask") {
        sources
            .iter()
            .map(|source| source.as_ptr().addr())
            .collect()
    } else {
        Vec::new()
    };
    assert_eq!(sources_of_gtasks()[before..], expected);
    for (number, task) in tasks.into_iter().enumerate() {
        match number % 4 {
            0 => task.complete(Ok(())),
            1 => task.complete_in_idle(Ok(())),
            2 => drop(task),
            _ => task.run_in_thread(|_| Ok(())).wait(),
        }
    }
    iterate(context);
    assert_eq!(
        sources_of_gtasks().len(),
        before + expected.len(),
        "none beyond"
    );
    assert!(sources.iter().all(|source| source.ref_count() == 1));
}

#[test]
fn there_is_one_for_each_pending_task() {
    on_context(look_at_tasks);
}

#[test]
fn on_the_global_default_context_there_is_one_for_each_pending_task() {
    fatal_warnings();
    if !crate::common::passes_in_child(
        "gtasks::on_the_global_default_context_there_is_one_for_each_pending_task",
    ) {
        look_at_tasks(&glib::MainContext::default());
    }
}

#[test]
fn one_that_dies_with_its_context_makes_no_other() {
    let source = gio::Cancellable::new();
    let before = sources_of_gtasks().len();
    crate::common::on_dying_context(|_| {
        for _ in 0..TASKS {
            QioTask::<()>::new(&source, |_, _: Result<(), Error>| {}).complete_in_idle(Ok(()));
        }
    });
    let made = sources_of_gtasks().len() - before;
    assert_eq!(made, if cfg!(feature = "gtask") { TASKS } else { 0 });
    assert_eq!(source.ref_count(), 1);
}

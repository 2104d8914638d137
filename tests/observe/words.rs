//! The line of a task whose worker runs.

use std::{thread, time::Duration};

use qio_task::{Error, QioTask, Running};

use crate::{
    common::{Gate, gate, iterate},
    views::{on_inspected_context, only_task_on},
};

fn busy(name: &str) -> (Gate, Running) {
    let (gate, wait) = gate();
    let builder = QioTask::builder().name(name);
    let running = builder
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(move |_| {
            wait();
            Ok(())
        });
    gate.wait_for_arrival();
    (gate, running)
}

/// The thread is called as the task is.
#[test]
fn no_name_of_a_thread_can_break_it() {
    on_inspected_context(|context| {
        let (gate, running) = busy("a\nb\u{1b}[31m");
        let line = only_task_on(context).to_string();
        assert!(!line.contains(['\n', '\u{1b}']), "{line:?}");
        gate.open();
        running.wait();
    });
}

#[test]
fn a_delivery_is_not_queued_in_the_thread_of_a_worker() {
    on_inspected_context(|context| {
        let (gate, running) = busy("lookup");
        let line = || only_task_on(context).to_string();
        assert!(line().contains(": running in thread"), "{}", line());
        running.cancel();
        let words = ": delivery queued, still running in thread";
        assert!(line().contains(words), "{}", line());
        iterate(context);
        let words = "still running in thread";
        assert!(line().contains(words), "{}", line());
        gate.open();
        running.wait();
    });
}

#[test]
fn the_age_is_in_tenths_of_a_second() {
    on_inspected_context(|context| {
        let task = QioTask::builder().callback(|_: Result<(), Error>| {});
        thread::sleep(Duration::from_millis(160));
        let info = only_task_on(context);
        let tenths = (info.age().as_millis() + 50) / 100;
        let words = format!(", {}.{} s old, ", tenths / 10, tenths % 10);
        assert!(info.to_string().contains(&words), "{info}");
        task.complete(Ok(()));
    });
}

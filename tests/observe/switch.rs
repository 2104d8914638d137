//! `set_inspecting`: off by default, and switched at any moment.

use std::{thread, time::Duration};

use qio_task::{Error, QioTask, inspect, is_inspecting, set_inspecting, set_slow_callback_limit};

use crate::{
    common::{busy_worker, gate, iterate, on_context, passes_in_child, wait_until},
    views::{any_end, assert_none_on, only_task_on, tasks_on},
};

// Each in a process of its own: the switch is the whole process's.

const OFF: &str = "switch::off_nothing_is_known";

#[test]
fn off_nothing_is_known() {
    if passes_in_child(OFF) {
        return;
    }
    on_context(|context| {
        let (gate, running) = busy_worker();
        let held = QioTask::builder().name("held").callback(any_end::<u32>());
        QioTask::builder()
            .callback(any_end::<u32>())
            .complete_in_idle(Ok(1));
        assert!(!is_inspecting());
        assert!(inspect().is_empty());
        gate.open();
        running.wait();
        held.complete(Ok(1));
        iterate(context);
        assert!(inspect().is_empty());
    });
}

const ON: &str = "switch::on_in_the_middle_only_later_tasks_are_known";

#[test]
fn on_in_the_middle_only_later_tasks_are_known() {
    if passes_in_child(ON) {
        return;
    }
    on_context(|context| {
        let (gate, running) = busy_worker();
        let held = QioTask::builder().name("held").callback(any_end::<u32>());
        let bare = QioTask::builder().callback(any_end::<u32>());
        set_inspecting(true);
        assert!(is_inspecting());
        assert_none_on(context);
        let later = QioTask::builder().name("later").callback(any_end::<u32>());
        assert_eq!(only_task_on(context).name(), Some("later"));

        // Each in another way, and none takes the later one with it.
        gate.open();
        running.wait();
        held.complete(Ok(1));
        bare.complete_in_idle(Ok(1));
        iterate(context);
        assert_eq!(only_task_on(context).name(), Some("later"));
        later.complete(Ok(1));
        assert_none_on(context);
    });
}

const BACK: &str = "switch::off_in_the_middle_forgets_them_all";

#[test]
fn off_in_the_middle_forgets_them_all() {
    if passes_in_child(BACK) {
        return;
    }
    on_context(|context| {
        set_inspecting(true);
        let (gate, running) = busy_worker();
        let held = QioTask::builder().name("held").callback(any_end::<u32>());
        let bare = QioTask::builder().callback(any_end::<u32>());
        assert_eq!(tasks_on(context).len(), 3);
        set_inspecting(false);
        assert!(!is_inspecting());
        assert!(inspect().is_empty());

        let later = QioTask::builder().callback(any_end::<u32>());
        assert!(inspect().is_empty());
        held.complete(Ok(1));
        gate.open();
        running.wait();
        set_inspecting(true);
        bare.complete_in_idle(Ok(1));
        iterate(context);
        assert_none_on(context);
        later.complete(Ok(1));
        assert_none_on(context);
    });
}

const OTHERS: &str = "switch::off_it_forgets_them_also_while_slow_ones_are_looked_for";

#[test]
fn off_it_forgets_them_also_while_slow_ones_are_looked_for() {
    if passes_in_child(OTHERS) {
        return;
    }
    on_context(|context| {
        set_slow_callback_limit(Some(Duration::from_hours(1)));
        let unknown = QioTask::builder().callback(any_end::<u32>());
        set_inspecting(true);
        assert_none_on(context);
        let known = QioTask::builder().callback(any_end::<u32>());
        assert_eq!(tasks_on(context).len(), 1);
        set_inspecting(false);
        set_inspecting(true);
        assert_none_on(context);
        unknown.complete(Ok(1));
        known.complete(Ok(1));
    });
}

const CALLBACK: &str = "switch::from_inside_a_callback_and_a_worker";

#[test]
fn from_inside_a_callback_and_a_worker() {
    if passes_in_child(CALLBACK) {
        return;
    }
    on_context(|context| {
        for on in [true, false, true] {
            QioTask::builder()
                .callback(move |_: Result<u32, Error>| set_inspecting(on))
                .complete(Ok(1));
            assert_eq!(is_inspecting(), on);
            assert_none_on(context);
            QioTask::builder()
                .callback(any_end::<u32>())
                .run_in_thread(move |_| {
                    set_inspecting(!on);
                    Ok(1)
                })
                .wait();
            assert_eq!(is_inspecting(), !on);
            assert_none_on(context);
        }
    });
}

const STORM: &str = "switch::while_tasks_come_and_go";

#[test]
fn while_tasks_come_and_go() {
    if passes_in_child(STORM) {
        return;
    }
    let (gate, wait) = gate();
    let switcher = thread::spawn(move || {
        wait();
        for number in 0..20_000 {
            set_inspecting(number % 2 == 0);
            // What is seen is whole.
            for task in inspect() {
                assert_eq!(task.location().file(), file!(), "{task}");
            }
        }
        set_inspecting(true);
    });
    gate.wait_for_arrival();
    gate.open();
    let makers: Vec<_> = (0..2)
        .map(|_| {
            thread::spawn(|| {
                on_context(|context| {
                    for _ in 0..3_000 {
                        QioTask::builder()
                            .callback(any_end::<u32>())
                            .complete(Ok(1));
                        let task = QioTask::builder().name("a").callback(any_end::<u32>());
                        task.complete_in_idle(Ok(1));
                        let task = QioTask::builder().callback(any_end::<u32>());
                        drop(task.run_in_thread(|_| Ok(1)));
                        iterate(context);
                    }
                    QioTask::builder()
                        .callback(any_end::<u32>())
                        .run_in_thread(|_| Ok(1))
                        .wait();
                    // With the context what is left of them goes.
                });
            })
        })
        .collect();
    for thread in makers {
        thread.join().unwrap();
    }
    switcher.join().unwrap();
    wait_until(|| inspect().is_empty());
}

//! Tasks that wait for a thread start by their priority. Each test is a process of its own,
//! as the maximum is the whole process's.

use std::{num::NonZero, sync::mpsc};

use glib::{MainContext, Priority};
use qio_task::{Builder, Error, QioTask, Running};

use crate::common::{Gate, Log, gate, iterate_until, on_context, passes_in_child};

/// Lets there be one thread, which is busy until the gate is opened.
fn only_thread_is_busy() -> Gate {
    qio_task::set_max_threads(NonZero::<usize>::MIN);
    let (gate, wait) = gate();
    QioTask::builder()
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(move |_| {
            wait();
            Ok(())
        });
    gate.wait_for_arrival();
    gate
}

/// Tasks whose workers say as they start which ones they are.
struct Tasks {
    started: mpsc::Sender<u32>,
    starts: mpsc::Receiver<u32>,
    ends: Log<u32>,
}

impl Tasks {
    fn new() -> Self {
        let (started, starts) = mpsc::channel();
        let ends = Log::new();
        Self {
            started,
            starts,
            ends,
        }
    }

    fn run(&self, number: u32, builder: Builder) -> Running {
        let (started, ends) = (self.started.clone(), self.ends.clone());
        builder
            .callback(move |_: Result<(), Error>| ends.push(number))
            .run_in_thread(move |_| {
                started.send(number).unwrap();
                Ok(())
            })
    }

    fn run_all(&self, priorities: impl IntoIterator<Item = Priority>) {
        for (number, priority) in (0..).zip(priorities) {
            self.run(number, QioTask::builder().priority(priority));
        }
    }

    /// In which order they have started, once so many have ended.
    fn starts(&self, context: &MainContext, ends: usize) -> Vec<u32> {
        iterate_until(context, || self.ends.len() == ends);
        self.starts.try_iter().collect()
    }
}

const BY_PRIORITY: &str = "no_starvation::priority::what_waits_for_a_thread_starts_by_priority";

/// As `g_task_set_priority` says of a `GTask`; equals in order.
#[test]
fn what_waits_for_a_thread_starts_by_priority() {
    if passes_in_child(BY_PRIORITY) {
        return;
    }
    on_context(|context| {
        let gate = only_thread_is_busy();
        let tasks = Tasks::new();
        tasks.run_all([
            Priority::DEFAULT_IDLE,
            Priority::LOW,
            Priority::DEFAULT,
            Priority::HIGH,
            Priority::DEFAULT_IDLE,
            Priority::HIGH,
            Priority::from(i32::MAX),
            Priority::DEFAULT,
            Priority::from(i32::MIN),
        ]);
        gate.open();
        assert_eq!(tasks.starts(context, 9), [8, 3, 5, 2, 7, 0, 4, 1, 6]);
    });
}

const LATER: &str = "no_starvation::priority::what_comes_later_and_is_more_urgent_is_next";

/// Each worker hands in the next task, which is more urgent than all that wait.
#[test]
fn what_comes_later_and_is_more_urgent_is_next() {
    if passes_in_child(LATER) {
        return;
    }
    on_context(|context| {
        let gate = only_thread_is_busy();
        let tasks = Tasks::new();
        tasks.run_all([Priority::DEFAULT_IDLE; 3]);
        let (home, started) = (context.clone(), tasks.started.clone());
        QioTask::builder()
            .priority(Priority::DEFAULT)
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                started.send(10).unwrap();
                QioTask::builder()
                    .priority(Priority::HIGH)
                    .callback_on(&home, |_: Result<(), Error>| {})
                    .run_in_thread(move |_| {
                        started.send(11).unwrap();
                        Ok(())
                    });
                Ok(())
            });
        gate.open();
        assert_eq!(tasks.starts(context, 3), [10, 11, 0, 1, 2]);
    });
}

const CANCELLED: &str = "no_starvation::priority::one_that_is_cancelled_leaves_the_others_in_order";

#[test]
fn one_that_is_cancelled_leaves_the_others_in_order() {
    if passes_in_child(CANCELLED) {
        return;
    }
    on_context(|context| {
        let gate = only_thread_is_busy();
        let tasks = Tasks::new();
        let urgent = || QioTask::builder().priority(Priority::HIGH);
        tasks.run(0, QioTask::builder());
        let cancelled = tasks.run(1, urgent());
        tasks.run(2, urgent());
        cancelled.cancel();
        iterate_until(context, || tasks.ends.contains(&1));
        gate.open();
        assert_eq!(tasks.starts(context, 3), [2, 0]);
    });
}

const DEDICATED: &str = "no_starvation::priority::a_thread_of_its_own_is_not_waited_for";

#[test]
fn a_thread_of_its_own_is_not_waited_for() {
    if passes_in_child(DEDICATED) {
        return;
    }
    on_context(|context| {
        let gate = only_thread_is_busy();
        let tasks = Tasks::new();
        tasks.run(0, QioTask::builder().priority(Priority::HIGH));
        let low = QioTask::builder().priority(Priority::LOW);
        tasks.run(1, low.dedicated_thread()).wait();
        gate.open();
        assert_eq!(tasks.starts(context, 2), [1, 0]);
    });
}

//! The trace events of a task, as a log has them.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex},
};

use qio_task::{Error, QioTask};

use crate::common::{self, on_context, passes_in_child};

/// Collects the lines of the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Subscribes to everything, for the whole process: it is to be one of its own.
fn subscribe() -> Lines {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    lines
}

const ORDER: &str = "events::the_events_of_a_task_come_in_their_order";

#[test]
fn the_events_of_a_task_come_in_their_order() {
    if passes_in_child(ORDER) {
        return;
    }
    let lines = subscribe();
    let run = |names: &[&str]| {
        on_context(|_| {
            for name in names {
                QioTask::builder()
                    .name(name)
                    .callback(|_: Result<(), Error>| {})
                    .run_in_thread(|_| Ok(()))
                    .wait();
            }
        });
    };
    run(&["lookup", "second"]);
    on_context(|context| {
        let by_hand = |name| {
            let builder = QioTask::builder().name(name);
            builder.callback(|result: Result<(), Error>| result.unwrap())
        };
        by_hand("inline").complete(Ok(()));
        // One that nobody else knows takes the shortest way.
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .complete(Ok(()));
        by_hand("idle").complete_in_idle(Ok(()));
        common::iterate(context);
    });
    std::thread::scope(|scope| {
        scope.spawn(|| run(&["third"]));
    });
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let position = |event: &str| {
        text.lines()
            .position(|line| line.contains(event) && line.contains("name=\"lookup\""))
            .unwrap_or_else(|| panic!("no {event} in\n{text}"))
    };
    let order = [
        "qio_task_new",
        "qio_task_thread_start",
        "qio_task_thread_run",
        "qio_task_thread_exit",
        "qio_task_complete",
        "qio_task_thread_source_cancel",
        "qio_task_thread_result",
    ]
    .map(position);
    assert!(order.is_sorted(), "{text}");

    for name in [Some("inline"), Some("idle"), None] {
        let is_its = |line: &&str| match name {
            Some(name) => line.contains(&format!("name=\"{name}\"")),
            None => !line.contains("name="),
        };
        let events = text.lines().filter(is_its);
        let events: Vec<_> = events
            .filter_map(|line| {
                line.split_whitespace()
                    .find(|word| word.starts_with("qio_task_"))
            })
            .collect();
        assert_eq!(events.first(), Some(&"qio_task_new"), "{text}");
        assert!(events.contains(&"qio_task_complete"), "{text}");
        assert_eq!(events.last(), Some(&"qio_task_thread_result"), "{text}");
    }

    // All events of a task have its number, and no other task's have.
    let numbers = |name: &str| {
        let name = format!("name=\"{name}\"");
        let lines = text.lines().filter(|line| line.contains(&name));
        let numbers = lines.map(|line| {
            let (_, rest) = line.split_once("task=").unwrap();
            rest.split(' ').next().unwrap().to_owned()
        });
        numbers.collect::<BTreeSet<_>>()
    };
    let all = ["lookup", "second", "third"].map(numbers);
    assert!(all.iter().all(|numbers| numbers.len() == 1), "{all:?}");
    assert_eq!(
        all.iter().flatten().collect::<BTreeSet<_>>().len(),
        3,
        "{all:?}"
    );
}

const BEFORE: &str = "events::of_a_task_that_was_made_before_the_log";

#[test]
fn of_a_task_that_was_made_before_the_log() {
    if passes_in_child(BEFORE) {
        return;
    }
    on_context(|_| {
        let task = QioTask::builder()
            .name("early")
            .callback(|result: Result<(), Error>| result.unwrap());
        let lines = subscribe();
        task.complete(Ok(()));
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let is_there = |line: &str| line.contains("qio_task_complete") && line.contains("early");
        assert!(text.lines().any(is_there), "{text}");
    });
}

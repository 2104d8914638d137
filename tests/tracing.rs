//! The trace events of the feature `tracing`.
#![cfg(feature = "tracing")]

mod common;

use std::{
    io,
    sync::{Arc, Mutex},
};

use common::on_context;
use qio_task::{Error, QioTask};

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

#[test]
fn the_events_of_a_task_come_in_their_order() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    on_context(|_| {
        QioTask::builder()
            .name("lookup")
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| Ok(()))
            .wait();
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
}

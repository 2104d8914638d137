//! What a loop runs or does not run, that is of no use: no harm is done.

use std::{ops::ControlFlow, sync::mpsc, time::Duration};

use qio_task::{Error, QioTask};

use super::{Ends, log};
use crate::common::{
    Dropped, PATIENCE, count, iterate, iterate_until, on_context, on_dying_context,
};

#[test]
fn intervals_that_are_too_short_and_too_long() {
    on_context(|context| {
        let ends = Ends::new();
        let poll = |interval| {
            let task = QioTask::builder().callback(log(&ends));
            task.poll_every(interval, || ControlFlow::Break(Ok(())))
        };
        poll(Duration::from_nanos(1));
        iterate_until(context, || !ends.is_empty());
        let never = poll(Duration::MAX);
        iterate(context);
        assert_eq!(ends.len(), 1);
        never.cancel();
        iterate_until(context, || ends.len() == 2);
    });
}

/// The source that the library delivers with, out of the callback's hands.
#[test]
fn a_callback_that_destroys_the_source_that_runs_it() {
    let (captured, dropped) = Dropped::here();
    on_context(|context| {
        let ends = Ends::new();
        QioTask::builder()
            .callback(|_: Result<(), Error>| {
                glib::main_current_source().unwrap().destroy();
            })
            .complete_in_idle(Ok(()));
        QioTask::builder()
            .callback(move |_: Result<(), Error>| drop(captured))
            .complete_in_idle(Ok(()));
        iterate(context);
        // The next task has a source of its own.
        QioTask::builder()
            .callback(log(&ends))
            .complete_in_idle(Ok(()));
        QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(|_| Ok(()));
        iterate_until(context, || ends.len() == 2);
        assert!(ends.take().iter().all(Result::is_ok));
    });
    assert_eq!(count(&dropped), 1, "dropped as with its context");
}

#[test]
fn a_process_without_a_loop() {
    // Inline and by `wait` every callback comes all the same.
    on_dying_context(|_| {
        let ends = Ends::new();
        QioTask::builder().callback(log(&ends)).complete(Ok(()));
        let running = QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(|_| Ok(()));
        running.wait();
        assert_eq!(ends.len(), 2);
        let task = QioTask::builder().callback(log(&ends));
        task.complete_in_idle(Ok(()));
        let (sender, returned) = mpsc::channel();
        QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(move |_| {
                sender.send(()).unwrap();
                Ok(())
            });
        returned.recv_timeout(PATIENCE).unwrap();
        assert_eq!(ends.len(), 2, "and no other");
    });
}

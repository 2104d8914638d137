//! The callback of the `Progress` has a part in the end of its task.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

use gio::prelude::*;
use qio_task::{Error, Progress, QioTask, Running};

use super::{END, Stubborn, task};
use crate::common::{Log, iterate, iterate_until, on_context};

#[test]
fn a_task_that_ends_in_a_loop_in_the_callback_is_the_end() {
    on_context(|context| {
        let log = Log::new();
        let slot: Rc<Cell<Option<QioTask<(), glib::Error>>>> = Rc::default();
        let again: Rc<RefCell<Option<Progress<u32>>>> = Rc::default();
        let progress = Progress::with_interval(Duration::ZERO, {
            let (log, slot, again) = (log.clone(), slot.clone(), again.clone());
            let context = context.clone();
            move |value| {
                log.push(value);
                if let Some(task) = slot.take() {
                    // It can't be told of this before the task ends.
                    again.borrow().as_ref().unwrap().report(2);
                    task.complete_in_idle(Ok(()));
                    iterate(&context);
                }
            }
        });
        again.replace(Some(progress.clone()));
        slot.set(Some(task(QioTask::builder().progress(&progress), &log)));
        progress.report(1);
        iterate(context);
        assert_eq!(log.take(), [1, END]);
        again.take();
    });
}

#[test]
fn a_task_that_is_waited_for_in_the_callback_is_the_end() {
    on_context(|context| {
        let log = Log::new();
        let slot: Rc<Cell<Option<Running>>> = Rc::default();
        let progress = Progress::with_interval(Duration::ZERO, {
            let (log, slot) = (log.clone(), slot.clone());
            move |value| {
                log.push(value);
                if let Some(running) = slot.take() {
                    running.wait();
                }
            }
        });
        let task = task(QioTask::builder().progress(&progress), &log);
        progress.report(1);
        let late = progress.clone();
        slot.set(Some(task.run_in_thread(move |_| {
            late.report(2);
            Ok(())
        })));
        iterate(context);
        progress.report(3);
        iterate(context);
        let seen = log.take();
        assert_eq!(seen.last(), Some(&END), "{seen:?}");
    });
}

#[test]
fn a_callback_that_panics_before_its_task_ends_does_not_end_it() {
    on_context(|context| {
        let log = Log::new();
        let told = log.clone();
        let progress = Progress::with_interval(Duration::ZERO, move |value| {
            told.push(value);
            assert!(value != 1, "on purpose");
        });
        let task = task(QioTask::builder().progress(&progress), &log);
        progress.report(1);
        let completed = AssertUnwindSafe(|| task.complete(Ok(())));
        assert!(catch_unwind(completed).is_err());
        progress.report(2);
        iterate(context);
        progress.report(3);
        iterate(context);
        assert_eq!(log.take(), [1, 2, END]);
    });
}

#[test]
fn progress_that_cancels_its_own_task() {
    on_context(|context| {
        let log = Log::new();
        let cancellable = gio::Cancellable::new();
        let progress = Progress::with_interval(Duration::ZERO, {
            let (log, cancellable) = (log.clone(), cancellable.clone());
            move |value| {
                log.push(value);
                cancellable.cancel();
            }
        });
        let builder = QioTask::builder().cancellable(&cancellable);
        let end = log.clone();
        let task = builder
            .progress(&progress)
            .callback(move |result: Result<(), Error>| {
                end.push(END + u32::from(matches!(result, Err(Error::Cancelled))));
            });
        let worker = Stubborn::run(task, &progress, [1, 2]);
        iterate_until(context, || worker.running.is_finished());
        worker.go_on();
        iterate(context);
        assert_eq!(log.take(), [1, END + 1]);
    });
}

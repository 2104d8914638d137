//! What cancels a task that is awaited in `glib::spawn_future_local`, as the guide says.

use std::cell::RefCell;

use futures::future::{Aborted, abortable};
use gio::prelude::*;
use glib::{JoinHandle, MainContext};
use qio_task::{Error, QioTask};

use crate::common::{Log, iterate, on_context};

/// A task of which nobody has heard yet that it is cancelled.
fn task() -> (QioTask<u32>, impl Future<Output = Result<u32, Error>>) {
    let (task, future) = QioTask::builder().future();
    assert!(!task.is_cancelled());
    (task, future)
}

/// Lets the loop await it.
fn spawn<T: 'static>(
    context: &MainContext,
    future: impl Future<Output = T> + 'static,
) -> JoinHandle<T> {
    let handle = context.spawn_local(future);
    iterate(context);
    handle
}

#[test]
fn a_handle_that_is_taken_and_aborted() {
    on_context(|context| {
        let (task, future) = task();
        let run = RefCell::new(Some(spawn(context, future)));
        if let Some(run) = run.take() {
            run.abort();
        }
        assert!(task.is_cancelled());
    });
}

/// What `abort` alone does not: the future lives for as long as the handle is kept.
#[test]
fn a_handle_that_is_aborted_and_kept_keeps_the_future() {
    on_context(|context| {
        let (task, future) = task();
        let run = RefCell::new(Some(spawn(context, future)));
        run.borrow().as_ref().inspect(|run| run.abort());
        iterate(context);
        assert!(!task.is_cancelled());
        drop(run.take());
        assert!(task.is_cancelled());
    });
}

#[test]
fn a_cancellable_of_the_task() {
    on_context(|context| {
        let stop = gio::Cancellable::new();
        let (task, future) = QioTask::builder()
            .cancellable(&stop)
            .future::<u32, glib::Error>();
        let ends = Log::new();
        let log = ends.clone();
        let _kept = spawn(context, async move {
            log.push(matches!(future.await, Err(Error::Cancelled)));
        });
        stop.cancel();
        assert!(task.is_cancelled());
        iterate(context);
        assert_eq!(ends.take(), [true]);
    });
}

#[test]
fn a_cancellable_future() {
    on_context(|context| {
        let stop = gio::Cancellable::new();
        let (task, future) = task();
        let ends = Log::new();
        let log = ends.clone();
        let future = gio::CancellableFuture::new(future, stop.clone());
        let _kept = spawn(context, async move {
            log.push(future.await.is_err());
        });
        stop.cancel();
        iterate(context);
        assert!(task.is_cancelled());
        assert_eq!(ends.take(), [true]);
    });
}

#[test]
fn an_abortable_future() {
    on_context(|context| {
        let (task, future) = task();
        let (future, stop) = abortable(future);
        let ends = Log::new();
        let log = ends.clone();
        let _kept = spawn(context, async move {
            log.push(matches!(future.await, Err(Aborted)));
        });
        stop.abort();
        iterate(context);
        assert!(task.is_cancelled());
        assert_eq!(ends.take(), [true]);
    });
}

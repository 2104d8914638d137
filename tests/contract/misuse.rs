//! Rule 15: bad input gets a documented panic on the caller's own line; what is
//! of no use does no harm. `docs/misuse.md` has all of it.

#[cfg(unix)]
mod descriptors;
mod driving;
mod groups;
mod objects;
mod settings;
mod waiting;
mod wrong_thread;

use std::{
    pin::Pin,
    task::{Context, Waker},
    thread,
    time::Duration,
};

use glib::{IOCondition, MainContext};
use qio_task::{Error, Progress, QioTask};

use crate::common::{Log, has_aborted, in_child, is_child, on_context, panics::panic_of};

type Ends = Log<Result<(), Error>>;

fn log(ends: &Ends) -> impl FnOnce(Result<(), Error>) + use<> {
    let ends = ends.clone();
    move |result| ends.push(result)
}

#[track_caller]
fn task() -> QioTask<()> {
    QioTask::builder().callback(|_| {})
}

#[test]
fn a_closed_socket() {
    on_context(|context| {
        let (ours, _theirs) = crate::common::sockets::connected();
        gio::prelude::SocketExt::close(&ours).unwrap();
        let ends = Ends::new();
        let task = QioTask::builder().callback(log(&ends));
        let message = panic_of(|| {
            task.watch_socket(&ours, IOCondition::IN, |_| {
                std::ops::ControlFlow::Continue(())
            });
        });
        assert!(message.contains("closed socket"), "{message}");
        crate::common::iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Abandoned)]));
    });
}

#[test]
fn a_zero_interval() {
    on_context(|_| {
        let message = panic_of(|| {
            task().poll_every(Duration::ZERO, || std::ops::ControlFlow::Continue(()));
        });
        assert!(message.contains("zero"), "{message}");
    });
}

#[test]
fn a_name_with_a_nul() {
    let message = panic_of(|| drop(QioTask::builder().name("look\0up")));
    assert!(message.contains("NUL"), "{message}");
}

#[test]
fn a_context_that_another_thread_owns() {
    crate::common::fatal_warnings();
    let context = MainContext::new();
    // What this thread falls back to is owned by another one.
    thread::scope(|scope| {
        let (owned, is_owned) = std::sync::mpsc::channel();
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            let context = MainContext::default();
            let _owner = context.acquire().unwrap();
            owned.send(()).unwrap();
            let _ = is_done.recv();
        });
        is_owned.recv().unwrap();
        let message = panic_of(|| drop(task()));
        assert!(message.contains("another thread owns"), "{message}");
        let message = panic_of(|| drop(Progress::new(|(): ()| {})));
        assert!(message.contains("another thread owns"), "{message}");
        // Nor is it this thread's while that dispatches another one, which is not its default.
        let source = glib::idle_source_new(None, glib::Priority::DEFAULT, || {
            let message = panic_of(|| drop(task()));
            assert!(message.contains("another thread owns"), "{message}");
            glib::ControlFlow::Break
        });
        let other = MainContext::new();
        source.attach(Some(&other));
        assert!(other.iteration(false));
        let message = panic_of(|| drop(qio_task::spawn_blocking(|_| Ok::<_, glib::Error>(()))));
        assert!(message.contains("another thread owns"), "{message}");
        let source = gio::Cancellable::new();
        let message = panic_of(|| drop(QioTask::<()>::new(&source, |_, _| {})));
        assert!(message.contains("another thread owns"), "{message}");
        done.send(()).unwrap();
    });
    // A context of its own is the way out.
    context
        .with_thread_default(|| task().complete(Ok(())))
        .unwrap();
}

#[test]
fn a_driver_on_another_thread() {
    on_context(|context| {
        let task = task();
        thread::spawn(move || {
            let message = panic_of(|| {
                task.poll_every(Duration::from_millis(1), || {
                    std::ops::ControlFlow::Continue(())
                });
            });
            assert!(message.contains("another one"), "{message}");
        })
        .join()
        .unwrap();
        crate::common::iterate(context);
    });
}

#[test]
fn a_future_that_is_polled_after_its_end() {
    on_context(|_| {
        let (task, mut future) = QioTask::builder().future::<u32, glib::Error>();
        task.complete(Ok(1));
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut future).poll(&mut context).is_ready());
        assert!(future.is_terminated());
        let message = panic_of(|| drop(Pin::new(&mut future).poll(&mut context)));
        assert!(message.contains("polled after"), "{message}");
        assert!(future.is_terminated());
    });
}

const ENDING: &str = "misuse::a_task_that_is_made_as_its_thread_ends";

/// Rust ends the process when a destructor of a thread's storage panics.
#[test]
fn a_task_that_is_made_as_its_thread_ends() {
    /// Makes a task as this thread's storage is dropped.
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            drop(task());
        }
    }
    thread_local! {
        static LATE: Late = const { Late };
    }

    if !is_child(ENDING) {
        let output = in_child(ENDING);
        assert!(has_aborted(output.status), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("a task is not made as its thread ends"),
            "{said}"
        );
        assert!(
            said.contains("misuse.rs"),
            "on the caller's own line: {said}"
        );
        return;
    }
    thread::spawn(|| {
        // Its storage is there before that of this library, and goes after it.
        LATE.with(|_| ());
        on_context(|_| task().complete(Ok(())));
    })
    .join()
    .unwrap();
}

#[test]
fn the_refused_task_is_abandoned_not_lost() {
    on_context(|context| {
        let ends = crate::common::Log::new();
        let log = ends.clone();
        let task = QioTask::builder().callback(move |result: Result<(), Error>| {
            log.push(matches!(result, Err(Error::Abandoned)));
        });
        panic_of(|| {
            task.poll_every(Duration::ZERO, || std::ops::ControlFlow::Continue(()));
        });
        crate::common::iterate(context);
        assert_eq!(ends.take(), [true]);
    });
}

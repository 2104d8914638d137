//! Rule 9: a worker's panic becomes `Panicked`; no panic crosses a C frame.

use std::panic::{AssertUnwindSafe, catch_unwind};

use qio_task::{Error, QioTask};

use crate::common::{
    Log, gate, has_aborted, in_child, is_child, iterate, iterate_until, on_context,
};

fn log_end(ends: &Log<Option<String>>) -> impl FnOnce(Result<u32, Error>) + use<> {
    let ends = ends.clone();
    move |result| {
        ends.push(match result {
            Err(Error::Panicked(message)) => Some(message),
            _ => None,
        });
    }
}

#[test]
fn panic_of_a_worker_is_its_result() {
    on_context(|_| {
        let ends = Log::new();
        let run = |worker: fn()| {
            QioTask::builder()
                .callback(log_end(&ends))
                .run_in_thread(move |_| {
                    worker();
                    Ok(1)
                })
                .wait();
        };
        run(|| panic!("a literal"));
        run(|| panic!("a number: {}", 1));
        run(|| std::panic::panic_any(7));
        run(|| {});
        let seen = ends.take();
        assert_eq!(seen[0].as_deref(), Some("a literal"));
        assert_eq!(seen[1].as_deref(), Some("a number: 1"));
        assert!(seen[2].is_some());
        assert_eq!(seen[3], None, "the thread goes on serving");
    });
}

#[test]
fn panic_of_a_worker_that_was_cancelled_is_dropped() {
    on_context(|context| {
        let ends = Log::new();
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .callback(log_end(&ends))
            .run_in_thread(move |_| {
                wait();
                panic!("too late");
            });
        gate.wait_for_arrival();
        running.cancel();
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), [None]);
        gate.open();
        running.wait();
        iterate(context);
        assert!(ends.is_empty());
    });
}

#[test]
fn panic_of_an_inline_callback_unwinds_to_the_caller() {
    on_context(|context| {
        let task = QioTask::builder().callback(|_: Result<(), Error>| panic!("inline"));
        let panic = catch_unwind(AssertUnwindSafe(|| task.complete(Ok(())))).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"inline"));

        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| panic!("waited for"))
            .run_in_thread(|_| Ok(()));
        let panic = catch_unwind(AssertUnwindSafe(|| running.wait())).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"waited for"));

        // The context is as good as before.
        iterate(context);
        let ends = Log::new();
        QioTask::builder()
            .callback(log_end(&ends))
            .run_in_thread(|_| Ok(1));
        iterate_until(context, || !ends.is_empty());
    });
}

const IN_LOOP: &str = "panic::panic_of_a_callback_in_the_loop_aborts_as_in_gtk_rs";

#[test]
fn panic_of_a_callback_in_the_loop_aborts_as_in_gtk_rs() {
    if is_child(IN_LOOP) {
        on_context(|context| {
            QioTask::builder()
                .callback(|_: Result<(), Error>| panic!("in the loop"))
                .complete_in_idle(Ok(()));
            iterate(context);
        });
        return;
    }
    let output = in_child(IN_LOOP);
    // SIGABRT: Rust stops a panic at a frame of C.
    assert!(has_aborted(output.status), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("in the loop"), "{stderr}");
}

#[test]
fn panic_with_something_that_panics_as_it_is_dropped() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped on purpose");
        }
    }
    on_context(|_| {
        let ends = Log::new();
        QioTask::builder()
            .callback(log_end(&ends))
            .run_in_thread(|_| std::panic::panic_any(Bomb))
            .wait();
        assert_eq!(ends.take(), [Some("a panic without a message".to_owned())]);
    });
}

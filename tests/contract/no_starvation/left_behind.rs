//! What a worker leaves behind, in a thread that others use after it.

use std::{
    num::NonZero,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Waker},
    thread,
    time::Duration,
};

use glib::MainContext;
use qio_task::{Error, QioTask, TaskFuture};

use crate::common::{Log, gate, iterate_until, on_context, passes_in_child, run_worker};

type Pair = (QioTask<u32>, TaskFuture<u32>);

/// A task, and its future, which has been polled and is pending.
fn pending() -> Pair {
    let (task, mut future) = QioTask::builder().future();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut future).poll(&mut cx).is_pending());
    (task, future)
}

/// Runs `worker` in a thread, and waits until that has done with it.
fn run<R: Send + 'static>(worker: impl FnOnce() -> R + Send + 'static) -> R {
    run_worker(QioTask::builder(), worker)
}

/// Whether workers run one after the other.
fn assert_one_at_a_time(context: &MainContext) {
    let running = Arc::new(AtomicUsize::new(0));
    let ends = Log::new();
    for _ in 0..8 {
        let (running, ends) = (running.clone(), ends.clone());
        QioTask::builder()
            .callback(move |result: Result<(), Error>| ends.push(result.is_ok()))
            .run_in_thread(move |_| {
                assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
                // For another one to come, if it may.
                thread::sleep(Duration::from_millis(5));
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            });
    }
    iterate_until(context, || ends.len() == 8);
    assert_eq!(ends.count(&true), 8);
}

const PENDING: &str = "no_starvation::left_behind::a_pending_future_does_not_count_for_ever";

#[test]
fn a_pending_future_does_not_count_for_ever() {
    if passes_in_child(PENDING) {
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        drop(run(|| on_context(|_| pending())));
        assert_one_at_a_time(context);
    });
}

const AWAITED: &str = "no_starvation::left_behind::a_pending_future_counts_in_who_awaits_it";

#[test]
fn a_pending_future_counts_in_who_awaits_it() {
    if passes_in_child(AWAITED) {
        return;
    }
    on_context(|_| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (context, (task, future)) = run(|| {
            let context = MainContext::new();
            let pair = context.with_thread_default(pending).unwrap();
            (context, pair)
        });
        let value = run(move || {
            task.run_in_thread(|_| Ok(7));
            context.block_on(future)
        });
        assert!(matches!(value, Ok(7)), "{value:?}");
    });
}

const DROPPED: &str = "no_starvation::left_behind::a_pending_future_does_not_count_in_who_drops_it";

#[test]
fn a_pending_future_does_not_count_in_who_drops_it() {
    if passes_in_child(DROPPED) {
        return;
    }
    on_context(|_| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let left = run(|| on_context(|_| pending()));
        let value = run(move || {
            on_context(|context| {
                let (task, future) = pending();
                drop(left);
                task.run_in_thread(|_| Ok(7));
                context.block_on(future)
            })
        });
        assert!(matches!(value, Ok(7)), "{value:?}");
    });
}

const DESTRUCTOR: &str =
    "no_starvation::left_behind::a_future_that_a_destructor_leaves_does_not_count_for_ever";

#[test]
fn a_future_that_a_destructor_leaves_does_not_count_for_ever() {
    struct Leaves(Arc<Mutex<Option<Pair>>>);
    impl Drop for Leaves {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = Some(on_context(|_| pending()));
        }
    }
    if passes_in_child(DESTRUCTOR) {
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (gate, wait) = gate();
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .run_in_thread(|_| {
                wait();
                Ok(())
            });
        gate.wait_for_arrival();
        // Cancelled before it starts, so that it is dropped where it would run.
        let left = Arc::default();
        let leaves = Leaves(Arc::clone(&left));
        QioTask::builder()
            .callback(|result: Result<(), Error>| assert!(result.is_err()))
            .run_in_thread(move |_| {
                drop(leaves);
                Ok(())
            })
            .cancel();
        gate.open();
        iterate_until(context, || left.lock().unwrap().is_some());
        assert_one_at_a_time(context);
    });
}

#[cfg(not(windows))]
const RETIRING: &str = "no_starvation::left_behind::a_thread_that_retires_does_not_count_any_more";

#[test]
#[cfg(not(windows))]
fn a_thread_that_retires_does_not_count_any_more() {
    use std::{cell::RefCell, sync::mpsc};

    use crate::common::PATIENCE;

    struct Last(mpsc::Sender<u32>);
    impl Drop for Last {
        fn drop(&mut self) {
            // Nobody is left in the pool but, if it counted, this thread.
            let dedicated = QioTask::builder().dedicated_thread();
            let value = on_context(|_| run_worker(dedicated, || on_context(|_| run(|| 7))));
            self.0.send(value).unwrap();
        }
    }
    thread_local! {
        static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    if passes_in_child(RETIRING) {
        return;
    }
    on_context(|_| {
        qio_task::set_max_idle_time(Duration::ZERO);
        let (sender, values) = mpsc::channel();
        run(move || {
            // So that the library's own storage goes after this.
            on_context(|_| drop(pending()));
            LAST.set(Some(Last(sender)));
        });
        assert_eq!(values.recv_timeout(PATIENCE), Ok(7));
    });
}

//! `inactivity_timeout`, on a clock that jumps: whatever else the machine does, a worker is
//! silent for exactly as long as is said here.

use std::{
    num::NonZero,
    sync::{atomic::Ordering, mpsc},
    thread,
    time::Duration,
};

use glib::MainContext;
use qio_task::{Builder, Progress, QioTask, Running, Worker};

use crate::{
    common::{PATIENCE, busy_worker, iterate, on_context, passes_in_child},
    ends::{End, Ends},
    system::jump_monotonic,
};

const LIMIT: Duration = Duration::from_mins(30);
const SHORTER: Duration = Duration::from_mins(29);
/// What is missing to the limit then.
const REST: Duration = Duration::from_mins(1);

type Deed = Box<dyn FnOnce(&Worker) + Send>;

/// A worker that does what it is sent.
struct Obedient {
    deeds: mpsc::Sender<Deed>,
    done: mpsc::Receiver<()>,
    running: Running,
}

impl Obedient {
    /// Its task has the number 0.
    fn new(builder: Builder, ends: &Ends) -> Self {
        let (deeds, next) = mpsc::channel::<Deed>();
        let (say, done) = mpsc::channel();
        let running = builder
            .inactivity_timeout(LIMIT)
            .callback(ends.of::<()>(0))
            .run_in_thread(move |worker| {
                say.send(()).unwrap();
                for deed in next {
                    deed(worker);
                    say.send(()).unwrap();
                }
                Ok(())
            });
        Self {
            deeds,
            done,
            running,
        }
    }

    fn started(builder: Builder, ends: &Ends) -> Self {
        let this = Self::new(builder, ends);
        this.wait();
        this
    }

    fn wait(&self) {
        self.done.recv_timeout(PATIENCE).unwrap();
    }

    fn does(&self, deed: impl FnOnce(&Worker) + Send + 'static) {
        self.deeds.send(Box::new(deed)).unwrap();
        self.wait();
    }
}

/// Time passes, and the loop has seen it.
fn pass(context: &MainContext, time: Duration) {
    jump_monotonic(time);
    iterate(context);
}

/// It goes on with the sign of life, and ends without one.
fn lives_on(builder: Builder, sign: impl Fn(&Obedient)) {
    on_context(|context| {
        let ends = Ends::default();
        let worker = Obedient::started(builder, &ends);
        for _ in 0..3 {
            pass(context, SHORTER);
            sign(&worker);
        }
        pass(context, SHORTER);
        assert_eq!(ends.len(), 0, "it shows signs of life");
        pass(context, REST);
        ends.wait_for(context, 1);
        assert_eq!(ends.take(), [End::TimedOut]);
        worker.does(|worker| assert!(worker.is_cancelled()));
    });
}

#[test]
fn a_worker_that_is_silent_for_too_long() {
    if !passes_in_child("inactivity::a_worker_that_is_silent_for_too_long") {
        lives_on(QioTask::builder(), |worker| worker.does(Worker::touch));
    }
}

#[test]
fn a_report_is_a_sign_of_life() {
    if passes_in_child("inactivity::a_report_is_a_sign_of_life") {
        return;
    }
    on_context(|_| {
        // Of the worker's own thread, and of any other.
        let progress = Progress::new(|(): ()| {});
        let by_worker = progress.clone();
        lives_on(QioTask::builder().progress(&progress), |worker| {
            let progress = by_worker.clone();
            worker.does(move |_| progress.report(()));
        });
        let progress = Progress::new(|(): ()| {});
        lives_on(QioTask::builder().progress(&progress), |_| {
            let progress = progress.clone();
            thread::spawn(move || progress.report(())).join().unwrap();
        });
    });
}

/// That of another task's, and looking whether it was cancelled.
#[test]
fn what_is_none_of_its_signs_of_life() {
    if passes_in_child("inactivity::what_is_none_of_its_signs_of_life") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let other = Progress::new(|(): ()| {});
        let worker = Obedient::started(QioTask::builder(), &ends);
        pass(context, SHORTER);
        worker.does(move |worker| {
            other.report(());
            assert!(!worker.is_cancelled());
        });
        pass(context, REST);
        ends.wait_for(context, 1);
        assert_eq!(ends.take(), [End::TimedOut]);
    });
}

#[test]
fn it_does_not_count_before_the_worker_has_started() {
    if passes_in_child("inactivity::it_does_not_count_before_the_worker_has_started") {
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (gate, _busy) = busy_worker();
        let ends = Ends::default();
        let worker = Obedient::new(QioTask::builder(), &ends);
        pass(context, 2 * LIMIT);
        assert_eq!(ends.len(), 0, "it waits for a thread");
        gate.open();
        worker.wait();
        pass(context, SHORTER);
        assert_eq!(ends.len(), 0);
        pass(context, REST);
        ends.wait_for(context, 1);
        assert_eq!(ends.take(), [End::TimedOut]);
    });
}

#[test]
fn nor_for_a_task_without_a_worker() {
    if passes_in_child("inactivity::nor_for_a_task_without_a_worker") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let task = QioTask::builder()
            .inactivity_timeout(LIMIT)
            .callback(ends.of::<()>(0));
        pass(context, 2 * LIMIT);
        assert_eq!(ends.len(), 0);
        task.complete(Ok(()));
        assert_eq!(ends.take(), [End::Ok]);
    });
}

#[test]
fn it_counts_beside_the_timeout() {
    if passes_in_child("inactivity::it_counts_beside_the_timeout") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let builder = QioTask::builder().timeout(2 * LIMIT);
        let worker = Obedient::started(builder, &ends);
        for _ in 0..2 {
            pass(context, SHORTER);
            worker.does(Worker::touch);
        }
        assert_eq!(ends.len(), 0);
        pass(context, 2 * REST);
        ends.wait_for(context, 1);
        assert_eq!(ends.take(), [End::TimedOut], "in all it has taken too long");
    });
}

/// Nobody iterates a loop.
#[test]
fn one_that_is_waited_for() {
    if passes_in_child("inactivity::one_that_is_waited_for") {
        return;
    }
    on_context(|_| {
        let ends = Ends::default();
        let running = QioTask::builder()
            .inactivity_timeout(LIMIT)
            .callback(ends.of::<()>(0))
            .run_in_thread(|worker| {
                jump_monotonic(SHORTER);
                worker.touch();
                jump_monotonic(SHORTER);
                assert!(!worker.is_cancelled());
                jump_monotonic(REST);
                assert!(worker.is_cancelled(), "it is told when it asks");
                Ok(())
            });
        running.wait();
        assert_eq!(ends.take(), [End::TimedOut]);
    });
}

/// Who waits began to do so before the worker had a thread.
#[test]
fn one_that_is_waited_for_and_asks_nobody() {
    if passes_in_child("inactivity::one_that_is_waited_for_and_asks_nobody") {
        return;
    }
    on_context(|_| {
        for limit in [Duration::ZERO, Duration::from_millis(1)] {
            let ends = Ends::default();
            QioTask::builder()
                .inactivity_timeout(limit)
                .callback(ends.of::<()>(0))
                .run_in_thread(|worker| {
                    let stop = worker.stop_flag();
                    while !stop.load(Ordering::Relaxed) {
                        thread::yield_now();
                    }
                    Ok(())
                })
                .wait();
            assert_eq!(ends.take(), [End::TimedOut]);
        }
    });
}

#[test]
fn what_is_committed_has_all_the_time_that_there_is() {
    if passes_in_child("inactivity::what_is_committed_has_all_the_time_that_there_is") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        // Nor does its timeout end it.
        let builder = QioTask::builder().timeout(LIMIT);
        let Obedient {
            deeds,
            done,
            running,
        } = Obedient::started(builder, &ends);
        deeds
            .send(Box::new(|worker| worker.commit().unwrap()))
            .unwrap();
        done.recv_timeout(PATIENCE).unwrap();
        pass(context, 2 * LIMIT);
        assert_eq!(ends.len(), 0);
        drop(deeds);
        running.wait();
        assert_eq!(ends.take(), [End::Ok]);
    });
}

/// One of more than 49 days never comes, and the last one that is set counts.
#[test]
fn limits_at_the_limits() {
    if passes_in_child("inactivity::limits_at_the_limits") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        for (number, limit) in [Duration::MAX, Duration::from_hours(24 * 50)]
            .into_iter()
            .enumerate()
        {
            let (sender, go) = mpsc::channel::<()>();
            let (say, started) = mpsc::channel();
            let _running = QioTask::builder()
                .inactivity_timeout(Duration::ZERO)
                .inactivity_timeout(limit)
                .callback(ends.of::<()>(number))
                .run_in_thread(move |_| {
                    say.send(()).unwrap();
                    let _ = go.recv();
                    Ok(())
                });
            started.recv_timeout(PATIENCE).unwrap();
            pass(context, Duration::from_hours(24 * 100));
            assert_eq!(ends.len(), number);
            drop(sender);
            ends.wait_for(context, number + 1);
        }
        assert_eq!(ends.take(), [End::Ok, End::Ok]);
    });
}

#[test]
fn a_sign_of_life_that_nobody_looks_for() {
    on_context(|_| {
        let ends = Ends::default();
        QioTask::builder()
            .callback(ends.of::<()>(0))
            .run_in_thread(|worker| {
                worker.touch();
                Ok(())
            })
            .wait();
        assert_eq!(ends.take(), [End::Ok]);
    });
}

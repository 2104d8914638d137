//! Rule 12: nothing of a `Progress` that belongs to a task comes after the task's callback.

mod elsewhere;
mod inside;

use std::{sync::mpsc, time::Duration};

use qio_task::{Builder, Error, Latest, Progress, QioTask, Running};

use crate::common::{
    Dropped, Gate, Log, PATIENCE, count, gate, iterate, iterate_until, on_context,
};

/// One that no test waits for.
const HOUR: Duration = Duration::from_hours(1);

/// What the callback of a task says.
const END: u32 = 1_000_000;

fn reporter(log: &Log<u32>) -> Progress<u32> {
    let log = log.clone();
    Progress::with_interval(Duration::ZERO, move |value| log.push(value))
}

/// A task of `builder` whose callback says that it has ended.
fn task(builder: Builder, log: &Log<u32>) -> QioTask<(), glib::Error> {
    let log = log.clone();
    builder.callback(move |_: Result<(), Error>| log.push(END))
}

/// A worker that reports `first` and then, when it is let go on, `late`, whatever became of its
/// task meanwhile.
struct Stubborn {
    running: Running,
    gate: Gate,
    reported: mpsc::Receiver<()>,
}

impl Stubborn {
    fn run<V: Send + 'static>(
        task: QioTask<(), glib::Error>,
        progress: &Progress<V>,
        [first, late]: [V; 2],
    ) -> Self {
        let (gate, wait) = gate();
        let (report, reported) = mpsc::channel();
        let progress = progress.clone();
        let running = task.run_in_thread(move |_| {
            progress.report(first);
            wait();
            progress.report(late);
            let _ = report.send(());
            Ok(())
        });
        gate.wait_for_arrival();
        Self {
            running,
            gate,
            reported,
        }
    }

    /// Lets it report once more.
    fn go_on(self) -> Running {
        self.gate.open();
        self.reported.recv_timeout(PATIENCE).unwrap();
        self.running
    }
}

#[test]
fn nothing_comes_of_a_worker_whose_task_was_ended_otherwise() {
    for end in ["cancelled", "timed out"] {
        for is_told_before in [false, true] {
            on_context(|context| {
                let log = Log::new();
                let progress = reporter(&log);
                let mut builder = QioTask::builder().progress(&progress);
                if end == "timed out" {
                    builder = builder.timeout(Duration::from_millis(1));
                }
                let worker = Stubborn::run(task(builder, &log), &progress, [1, 2]);
                if is_told_before {
                    iterate_until(context, || log.contains(&1));
                }
                if end == "cancelled" {
                    worker.running.cancel();
                }
                iterate_until(context, || log.contains(&END));
                worker.go_on();
                progress.report(3);
                iterate(context);
                assert_eq!(log.take(), [1, END], "{end}");
            });
        }
    }
}

#[test]
fn what_was_reported_before_comes_before_the_callback_at_whatever_pace() {
    on_context(|context| {
        for way in ["inline", "idle", "worker", "wait", "cancelled"] {
            let log = Log::new();
            let told = log.clone();
            let progress = Progress::with_interval(HOUR, move |value| told.push(value));
            let task = task(QioTask::builder().progress(&progress), &log);
            progress.report(1);
            iterate(context);
            progress.report(2);
            match way {
                "inline" => task.complete(Ok(())),
                "idle" => task.complete_in_idle(Ok(())),
                "worker" => drop(task.run_in_thread(|_| Ok(()))),
                "wait" => task.run_in_thread(|_| Ok(())).wait(),
                _ => task.run_in_thread(|_| Ok(())).cancel(),
            }
            iterate_until(context, || log.contains(&END));
            progress.report(3);
            iterate(context);
            assert_eq!(log.take(), [1, 2, END], "{way}");
        }
    });
}

#[test]
fn what_is_reported_from_the_callback_comes_too_late() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let (late, end) = (progress.clone(), log.clone());
        QioTask::builder()
            .progress(&progress)
            .callback(move |_: Result<(), Error>| {
                end.push(END);
                late.report(1);
            })
            .complete(Ok(()));
        iterate(context);
        assert_eq!(log.take(), [END]);
    });
}

#[test]
fn a_future_is_a_callback_too() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let (task, future) = QioTask::builder().progress(&progress).future::<(), Error>();
        progress.report(1);
        task.complete_in_idle(Ok(()));
        context.block_on(future).unwrap();
        progress.report(2);
        iterate(context);
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn so_is_one_for_any_thread() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let (ended, end) = mpsc::channel();
        let task: QioTask<()> = QioTask::builder()
            .progress(&progress)
            .callback_on(context, move |_: Result<(), Error>| ended.send(()).unwrap());
        progress.report(1);
        task.complete_in_idle(Ok(()));
        iterate_until(context, || end.try_recv().is_ok());
        progress.report(2);
        iterate(context);
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn what_comes_too_late_is_dropped_where_it_is_reported() {
    on_context(|context| {
        let (first, first_dropped) = Dropped::here();
        let (late, late_dropped) = Dropped::anywhere();
        let progress = Progress::new(drop);
        let task = QioTask::builder()
            .progress(&progress)
            .callback(|_: Result<(), Error>| {});
        let worker = Stubborn::run(task, &progress, [first, late]);
        worker.running.cancel();
        iterate_until(context, || worker.running.is_finished());
        assert_eq!((count(&first_dropped), count(&late_dropped)), (1, 0));
        worker.go_on();
        assert_eq!(count(&late_dropped), 1);
    });
}

#[test]
fn it_goes_on_until_the_last_of_its_tasks_has_ended() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let tasks = [(); 3].map(|()| task(QioTask::builder().progress(&progress), &log));
        for (value, task) in (1..).zip(tasks) {
            progress.report(value);
            iterate(context);
            task.complete(Ok(()));
        }
        progress.report(4);
        iterate(context);
        assert_eq!(log.take(), [1, END, 2, END, 3, END]);
    });
}

/// Of one nothing comes any more. What was reported is another one's, too.
#[test]
fn what_waits_is_not_lost_with_one_of_its_tasks() {
    on_context(|context| {
        let (log, latest) = (Log::new(), Latest::new());
        let progress = reporter(&log);
        let _given_up = task(QioTask::builder().progress(&progress).latest(&latest), &log);
        let goes_on = task(QioTask::builder().progress(&progress), &log);
        progress.report(1);
        latest.cancel();
        iterate(context);
        assert_eq!(log.take(), [1, END]);
        goes_on.complete(Ok(()));
        assert_eq!(log.take(), [END]);
    });
}

#[test]
fn it_begins_anew_with_the_next_task() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        for value in 1..4 {
            let task = task(QioTask::builder().progress(&progress), &log);
            progress.report(value);
            task.complete(Ok(()));
            progress.report(10 * value);
            iterate(context);
            assert_eq!(log.take(), [value, END]);
        }
    });
}

#[test]
fn a_task_may_have_several_and_the_same_one_twice() {
    on_context(|context| {
        let log = Log::new();
        let all = [(); 2].map(|()| reporter(&log));
        let builder = QioTask::builder().progress(&all[0]).progress(&all[1]);
        let task = task(builder.progress(&all[0]), &log);
        all[1].report(1);
        all[0].report(2);
        task.complete(Ok(()));
        for progress in &all {
            progress.report(3);
        }
        iterate(context);
        assert_eq!(log.take(), [1, 2, END]);
    });
}

#[test]
fn one_of_no_task_goes_on_and_so_does_one_of_a_task_that_was_not_made() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        drop(QioTask::builder().progress(&progress));
        task(QioTask::builder(), &log).complete(Ok(()));
        progress.report(1);
        iterate(context);
        assert_eq!(log.take(), [END, 1]);
    });
}

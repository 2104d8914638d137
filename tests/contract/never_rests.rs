//! Rule 5: in a loop that always has something more urgent to do, and what floods leave to it.

use std::{
    cell::Cell,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Priority, Source};
use qio_task::{Error, QioTask};

use crate::common::{Log, iterate, on_context};

/// Far more than the delay may be, and far less than anybody's patience.
const LONG: Duration = Duration::from_secs(10);

/// GTK's priority of drawing.
const REDRAW: i32 = 120;

/// Has something to do at `priority` whenever it is asked, until what this returns is dropped.
fn busy(context: &MainContext, priority: Priority, work: impl Fn() + 'static) -> Busy {
    let work = glib::thread_guard::ThreadGuard::new(work);
    let source = glib::idle_source_new(None, priority, move || {
        work.get_ref()();
        ControlFlow::Continue
    });
    source.attach(Some(context));
    Busy(source)
}

struct Busy(Source);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.destroy();
    }
}

/// Iterates `context` until `is_done`, or for very long.
fn iterate_for_long(context: &MainContext, is_done: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_done() && start.elapsed() < LONG {
        context.iteration(true);
    }
    assert!(is_done(), "nothing was told in a loop that never rests");
}

fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {}
}

/// The priority of the source that calls this.
fn current_priority() -> Priority {
    glib::main_current_source().unwrap().priority().into()
}

#[test]
fn completions_are_told_in_order() {
    on_context(|context| {
        let log = Log::new();
        let _busy = busy(context, Priority::DEFAULT, || ());
        for number in 0..20 {
            let log = log.clone();
            QioTask::builder()
                .callback(move |_: Result<(), Error>| log.push(number))
                .complete_in_idle(Ok(()));
        }
        iterate_for_long(context, || log.len() == 20);
        assert!(log.take().into_iter().eq(0..20));
    });
}

#[test]
fn workers_are_told_of_while_each_frame_takes_long() {
    on_context(|context| {
        let log = Log::new();
        let _busy = busy(context, Priority::from(REDRAW), || {
            spin(Duration::from_millis(20));
        });
        let log_of = log.clone();
        QioTask::builder()
            .callback(move |result: Result<u32, Error>| log_of.push(result.unwrap()))
            .run_in_thread(|_| Ok(7));
        iterate_for_long(context, || log.len() == 1);
        assert_eq!(log.take(), [7]);
    });
}

#[test]
fn cancellations_and_timeouts_are_told() {
    on_context(|context| {
        let log = Log::new();
        let _busy = busy(context, Priority::DEFAULT, || ());
        let cancellable = gio::Cancellable::new();
        let tell = |log: &Log<String>| {
            let log = log.clone();
            move |result: Result<(), Error>| log.push(result.unwrap_err().to_string())
        };
        let cancelled = QioTask::builder()
            .cancellable(&cancellable)
            .callback(tell(&log));
        let timed_out = QioTask::builder()
            .timeout(Duration::from_millis(1))
            .callback(tell(&log));
        gio::prelude::CancellableExt::cancel(&cancellable);
        iterate_for_long(context, || log.len() == 2);
        drop((cancelled, timed_out));
        let log = log.take();
        assert!(
            log.contains(&Error::<glib::Error>::Cancelled.to_string()),
            "{log:?}"
        );
        assert!(
            log.contains(&Error::<glib::Error>::TimedOut.to_string()),
            "{log:?}"
        );
    });
}

/// A turn is taken at `G_PRIORITY_DEFAULT` only by what else would have none.
#[test]
fn a_flood_that_has_its_turns_is_not_hastened() {
    on_context(|context| {
        let priorities = Log::new();
        for _ in 0..300 {
            let priorities = priorities.clone();
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    spin(Duration::from_millis(1));
                    priorities.push(current_priority());
                })
                .complete_in_idle(Ok(()));
        }
        iterate(context);
        let priorities = priorities.take();
        assert_eq!(priorities.len(), 300);
        // Those of the first 100 ms are not, and all others would be. Where the machine lets this
        // thread stand for so long, a few are.
        let hastened = priorities.iter().filter(|at| **at == Priority::DEFAULT);
        assert!(hastened.count() < 100);
    });
}

#[test]
fn a_turn_is_a_slice() {
    on_context(|context| {
        let (told, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let rounds = Log::new();
        let _busy = busy(context, Priority::DEFAULT, {
            let (told, rounds) = (told.clone(), rounds.clone());
            move || rounds.push(told.replace(0))
        });
        for _ in 0..20 {
            let (told, most) = (told.clone(), most.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    spin(Duration::from_millis(1));
                    told.set(told.get() + 1);
                    most.set(most.get() + 1);
                    assert_eq!(current_priority(), Priority::DEFAULT);
                })
                .complete_in_idle(Ok(()));
        }
        iterate_for_long(context, || most.get() == 20);
        assert!(rounds.take().into_iter().all(|told| told <= 3));
    });
}

/// Completes 40 tasks whose callbacks take a millisecond each. Says how many were told.
fn flood(log: &Log<&'static str>, priority: Priority) -> Rc<Cell<u32>> {
    let told = Rc::new(Cell::new(0));
    for _ in 0..40 {
        let (log, told) = (log.clone(), told.clone());
        QioTask::builder()
            .priority(priority)
            .callback(move |_: Result<(), Error>| {
                spin(Duration::from_millis(1));
                log.push("told");
                told.set(told.get() + 1);
            })
            .complete_in_idle(Ok(()));
    }
    told
}

/// Each but the last few of a flood is followed, sooner or later, by a redraw, whatever the
/// flood's priority is.
#[test]
fn a_flood_of_any_priority_lets_a_redraw_run() {
    for priority in [Priority::HIGH, Priority::DEFAULT, Priority::HIGH_IDLE] {
        on_context(|context| {
            let log = Log::new();
            let redraw = busy(context, Priority::from(REDRAW), {
                let log = log.clone();
                move || log.push("redraw")
            });
            let told = flood(&log, priority);
            iterate_for_long(context, || told.get() == 40);
            drop(redraw);
            let log = log.take();
            let longest = log.split(|what| *what == "redraw").map(<[_]>::len).max();
            assert!(longest <= Some(3), "{priority:?}: {log:?}");
        });
    }
}

/// What gives way stays ahead of what comes after it, at any priority.
#[test]
fn floods_of_two_priorities_are_in_order() {
    on_context(|context| {
        let log = Log::new();
        let add = |priority, number| {
            let log = log.clone();
            QioTask::builder()
                .priority(priority)
                .callback(move |_: Result<(), Error>| {
                    spin(Duration::from_millis(1));
                    log.push(number);
                })
                .complete_in_idle(Ok(()));
        };
        for number in 0..20 {
            add(Priority::DEFAULT_IDLE, 20 + number);
            add(Priority::DEFAULT, number);
        }
        // None of these may come in between, and the loop believes all the while that it has
        // something to do.
        iterate(context);
        assert!(log.take().into_iter().eq(0..40));
    });
}

#[test]
fn a_loop_that_rests_is_not_kept_awake() {
    on_context(|context| {
        for _ in 0..10 {
            QioTask::builder()
                .callback(|_: Result<(), Error>| thread::sleep(Duration::from_millis(1)))
                .complete_in_idle(Ok(()));
        }
        iterate(context);
        assert!(!context.pending());
    });
}

/// Who asks first whether anything is pending, as GTK programs do, uses up no round that was
/// meant for a redraw.
#[test]
fn a_flood_lets_a_redraw_run_also_where_it_is_asked_what_is_pending() {
    on_context(|context| {
        let log = Log::new();
        let redraw = busy(context, Priority::from(REDRAW), {
            let log = log.clone();
            move || log.push("redraw")
        });
        let told = flood(&log, Priority::DEFAULT);
        while told.get() < 40 && context.pending() {
            context.iteration(false);
        }
        assert_eq!(told.get(), 40);
        drop(redraw);
        let log = log.take();
        let longest = log.split(|what| *what == "redraw").map(<[_]>::len).max();
        assert!(longest <= Some(3), "{log:?}");
    });
}

/// To time out many tasks takes its time, too.
#[test]
fn a_flood_of_timeouts_lets_a_redraw_run() {
    const MANY: usize = 20_000;
    on_context(|context| {
        let tasks: Vec<_> = (0..MANY)
            .map(|_| {
                QioTask::builder()
                    .timeout(Duration::from_nanos(1))
                    .callback(|_: Result<(), Error>| {})
            })
            .collect();
        // All of them are over time.
        thread::sleep(Duration::from_millis(5));
        let is_drawn = Rc::new(Cell::new(false));
        let redraw = busy(context, Priority::from(REDRAW), {
            let is_drawn = is_drawn.clone();
            move || is_drawn.set(true)
        });
        // The first round is the timeouts'; in the next they give way, though there are more.
        for _ in 0..2 {
            context.iteration(true);
        }
        assert!(is_drawn.get());
        // The rest is dropped: to tell all of them takes valgrind, on a busy machine, a minute.
        drop((redraw, tasks));
    });
}

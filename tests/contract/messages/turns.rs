//! A flood of messages lets other sources run.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Priority, thread_guard::ThreadGuard};
use qio_task::{Messages, QioTask};

use super::{END, all_and_end, iterate, task, task_of};
use crate::common::{Log, iterate_until, on_context};

/// Messages each of which takes a millisecond.
fn slow(bound: usize, log: &Log<u32>) -> Messages<u32> {
    let log = log.clone();
    Messages::new(bound, move |value| {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1) {}
        log.push(value);
    })
}

/// A redraw that is always due.
fn redraws(context: &MainContext) -> (Rc<Cell<u32>>, glib::Source) {
    let turns = Rc::new(Cell::new(0));
    let told = ThreadGuard::new(turns.clone());
    let redraw = glib::idle_source_new(None, Priority::from(120), move || {
        let turns = told.get_ref();
        turns.set(turns.get() + 1);
        ControlFlow::Continue
    });
    redraw.attach(Some(context));
    (turns, redraw)
}

#[test]
fn a_dispatch_gives_way_and_what_is_left_comes_first() {
    on_context(|context| {
        let log = Log::new();
        let messages = slow(100, &log);
        for value in 0..40 {
            messages.send(value).unwrap();
        }
        // Queued after them.
        task(QioTask::builder(), &log).complete_in_idle(Ok(()));
        let mut iterations = 0;
        while !log.contains(&END) {
            let before = log.len();
            context.iteration(true);
            let more = log.len() - before;
            assert!(more <= 3, "one iteration ran {more}");
            iterations += 1;
        }
        assert!(iterations >= 13);
        assert_eq!(log.take(), all_and_end(40));
    });
}

#[test]
fn a_redraw_has_its_turn_under_a_flood_at_any_priority() {
    for priority in [Priority::HIGH, Priority::DEFAULT] {
        on_context(|context| {
            let log = Log::new();
            let messages = slow(1000, &log);
            let builder = QioTask::builder().priority(priority).messages(&messages);
            let flood = task(builder, &log);
            for value in 0..60 {
                messages.send(value).unwrap();
            }
            let (turns, redraw) = redraws(context);
            iterate_until(context, || log.len() == 60);
            redraw.destroy();
            // Each dispatch runs three at most.
            assert!(turns.get() >= 15, "{turns:?} turns, at {priority:?}");
            flood.complete(Ok(()));
            assert_eq!(log.take(), all_and_end(60));
        });
    }
}

#[test]
fn so_does_it_where_a_completion_delivers_what_is_left() {
    on_context(|context| {
        let log = Log::new();
        let messages = slow(1000, &log);
        let pending = task_of(&messages, &log);
        // The task is at its own priority, and its messages were queued at one that is never
        // reached.
        let builder = QioTask::builder().priority(Priority::from(10_000));
        let other = task(builder.messages(&messages), &Log::new());
        for value in 0..40 {
            messages.send(value).unwrap();
        }
        let (turns, redraw) = redraws(context);
        pending.complete_in_idle(Ok(()));
        let mut most = 0;
        iterate_until(context, || {
            let before = log.len();
            context.iteration(false);
            most = most.max(log.len() - before);
            log.contains(&END)
        });
        redraw.destroy();
        assert!(most <= 3, "one iteration ran {most}");
        assert!(turns.get() >= 10, "{turns:?} turns");
        other.complete(Ok(()));
        assert_eq!(log.take(), all_and_end(40));
    });
}

#[test]
fn what_is_sent_meanwhile_comes_after_what_was_queued_before_it() {
    on_context(|context| {
        let log = Log::new();
        let own: Rc<RefCell<Option<Messages<u32>>>> = Rc::default();
        let messages = Messages::new(10, {
            let (log, own) = (log.clone(), own.clone());
            move |value| {
                log.push(value);
                if value < 20 {
                    own.borrow().as_ref().unwrap().send(value + 1).unwrap();
                }
            }
        });
        own.replace(Some(messages.clone()));
        messages.send(0).unwrap();
        task(QioTask::builder(), &log).complete_in_idle(Ok(()));
        iterate(context);
        own.take();
        let expected = [0, END].into_iter().chain(1..=20);
        assert!(log.take().into_iter().eq(expected));
    });
}

#[test]
fn a_flood_without_an_end_does_not_hold_up_completions() {
    on_context(|context| {
        let messages = Messages::new(16, |_: u32| {});
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flood = thread::spawn({
            let (messages, stop) = (messages.clone(), stop.clone());
            move || {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    messages.send(0).unwrap();
                }
            }
        });
        for _ in 0..20 {
            let log = Log::new();
            task(QioTask::builder(), &log).run_in_thread(|_| Ok(()));
            iterate_until(context, || log.contains(&END));
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        iterate_until(context, || flood.is_finished());
        flood.join().unwrap();
        iterate(context);
    });
}

//! A worker that waits for another task lends its place in its groups meanwhile.

use std::{sync::mpsc, thread, time::Duration};

use glib::MainContext;
use qio_task::{Builder, Error, Group, QioTask, Running};

use super::{Ends, at_a_gate, member};
use crate::common::{gate, iterate_until, on_context};

/// A member that a worker makes, in a context of its own.
fn inner(group: &Group) -> Running {
    QioTask::builder()
        .group(group)
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(|_| Ok(()))
}

/// Has a worker that is in `group`, whose limit is 1, do `work` in a context of its own.
fn outer(group: &Group, builder: Builder, work: impl FnOnce(&MainContext) + Send + 'static) {
    on_context(|context| {
        group.set_max_threads(1);
        let (done, is_done) = crate::common::flag();
        builder
            .group(group)
            .callback(move |end: Result<(), Error>| done.set(end.is_ok()))
            .run_in_thread(move |_| {
                let context = MainContext::new();
                context.with_thread_default(|| work(&context)).unwrap();
                Ok(())
            });
        iterate_until(context, || group.is_empty());
        assert!(is_done.get());
    });
}

#[test]
fn while_it_waits() {
    let group = Group::new();
    let shared = group.clone();
    outer(&group, QioTask::builder(), move |_| inner(&shared).wait());
}

#[test]
fn in_a_thread_of_its_own() {
    let group = Group::new();
    let shared = group.clone();
    let builder = QioTask::builder().dedicated_thread();
    outer(&group, builder, move |_| inner(&shared).wait());
}

#[test]
fn while_it_waits_for_the_worker_alone() {
    let group = Group::new();
    let shared = group.clone();
    outer(&group, QioTask::builder(), move |_| {
        inner(&shared).wait_for_worker();
    });
}

#[test]
fn while_it_awaits() {
    let group = Group::new();
    let shared = group.clone();
    outer(&group, QioTask::builder(), move |context| {
        let (task, future) = QioTask::builder().group(&shared).future::<(), Error>();
        let running = task.run_in_thread(|_| Ok(()));
        context.block_on(future).unwrap();
        drop(running);
    });
}

/// Three levels of it, one place.
#[test]
fn within_each_other() {
    let group = Group::new();
    let shared = group.clone();
    outer(&group, QioTask::builder(), move |_| {
        let again = shared.clone();
        QioTask::builder()
            .group(&shared)
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                let context = MainContext::new();
                context
                    .with_thread_default(|| inner(&again).wait())
                    .unwrap();
                Ok(())
            })
            .wait();
    });
}

/// It goes on when it has a place again, and before those that have had none: never are more at
/// work than may be.
#[test]
fn it_goes_on_when_it_has_its_place_again() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (awaited, pass) = gate();
        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                pass();
                Ok(())
            });
        awaited.wait_for_arrival();
        let ended = running.worker_ended();
        let (say, said) = mpsc::channel();
        let (says_returned, says_started) = (say.clone(), say.clone());
        let waiting = member(&group, &ends).run_in_thread(move |_| {
            MainContext::new().block_on(ended);
            says_returned.send("it has returned").unwrap();
            Ok(())
        });
        // It has the place that was lent.
        let (other, other_running) = at_a_gate(&group, &ends);
        other.wait_for_arrival();
        let third = member(&group, &ends).run_in_thread(move |_| {
            says_started.send("the next one has started").unwrap();
            Ok(())
        });
        awaited.open();
        running.wait();
        // Long enough for it to wake, and to go on if it did so too early.
        thread::sleep(Duration::from_millis(20));
        say.send("the other one ends").unwrap();
        other.open();
        for running in [waiting, other_running, third] {
            running.wait();
        }
        iterate_until(context, || group.is_empty());
        assert_eq!(ends.take(), ["ok"; 3]);
        let order = [
            "the other one ends",
            "it has returned",
            "the next one has started",
        ];
        assert_eq!(said.try_iter().collect::<Vec<_>>(), order);
    });
}

/// What a worker leaves pending somewhere, it does not wait for any more: its place is not taken
/// again as it ends.
#[test]
fn a_worker_that_ends_with_its_place_lent() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (awaited, pass) = gate();
        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                pass();
                Ok(())
            });
        let ended = running.worker_ended();
        let (keep, kept) = mpsc::channel();
        let (end, ends_now) = gate();
        let leaves = member(&group, &ends).run_in_thread(move |_| {
            let mut ended = ended;
            let mut noop = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(std::pin::Pin::new(&mut ended).poll(&mut noop).is_pending());
            keep.send(ended).unwrap();
            ends_now();
            Ok(())
        });
        // It has the place that was lent, and the one that has lent it ends all the same.
        let (other, _other) = at_a_gate(&group, &ends);
        other.wait_for_arrival();
        end.open();
        leaves.wait();
        let (third, _third) = at_a_gate(&group, &ends);
        awaited.open();
        MainContext::new().block_on(kept.recv().unwrap());
        assert!(!third.has_arrived());
        other.open();
        third.wait_for_arrival();
        third.open();
        iterate_until(context, || group.is_empty());
    });
}

/// Its sends wake who waits, each time, and never take the place back before the wait is over.
#[test]
fn while_it_waits_for_one_that_sends() {
    let group = Group::new();
    let shared = group.clone();
    outer(&group, QioTask::builder(), move |_| {
        let messages = qio_task::Messages::new(1, |_: u32| ());
        QioTask::builder()
            .group(&shared)
            .messages(&messages)
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                (0..10).try_for_each(|number| messages.send(number))?;
                Ok(())
            })
            .wait();
    });
}

/// Who sends to it may be of the same group, and would take its place.
#[test]
fn not_while_it_awaits_a_stream() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(2);
        let (messages, stream) = qio_task::Messages::stream(1);
        let consumer = member(&group, &ends).run_in_thread(move |_| {
            let all = futures::StreamExt::collect::<Vec<u32>>(stream);
            assert_eq!(MainContext::new().block_on(all).len(), 40);
            Ok(())
        });
        for _ in 0..2 {
            let messages = messages.clone();
            member(&group, &ends).run_in_thread(move |_| {
                (0..20).try_for_each(|number| messages.send(number))?;
                Ok(())
            });
        }
        drop(messages);
        consumer.wait();
        iterate_until(context, || group.is_empty());
        assert_eq!(ends.take(), ["ok"; 3]);
    });
}

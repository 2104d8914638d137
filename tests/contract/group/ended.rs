//! When a group has no member any more.

use std::{
    pin::pin,
    sync::{Arc, mpsc},
    task::{Context, Waker},
    thread,
    time::Duration,
};

use futures::{FutureExt, future::join};
use glib::MainContext;
use qio_task::{Error, Group, QioTask};

use super::{Ends, at_a_gate, member, word};
use crate::common::{Log, Woken, count, gate, iterate, iterate_until, on_context, passes_in_child};

fn is_over(group: &Group) -> bool {
    group.ended().now_or_never().is_some()
}

#[test]
fn at_once_for_an_empty_one() {
    let group = Group::new();
    assert!(group.ended().now_or_never().unwrap().is_ok());
    assert!(group.wait().is_ok());
    group.close();
    assert!(is_over(&group));
}

#[test]
fn after_the_last_callback_and_the_last_worker() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let (gate, running) = at_a_gate(&group, &ends);
        gate.wait_for_arrival();
        let task = member(&group, &ends);
        let ended = group.ended();
        let mut ended = pin!(ended);
        let mut noop = Context::from_waker(Waker::noop());
        group.close();
        iterate(context);
        assert_eq!(ends.len(), 2);
        assert!(
            ended.poll_unpin(&mut noop).is_pending(),
            "a worker is at work"
        );
        gate.open();
        assert!(context.block_on(ended).is_ok());
        drop((running, task));
    });
}

/// One is asked for before the first member comes again, and is of that time.
#[test]
fn a_group_may_end_more_than_once() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let task = member(&group, &ends);
        let first = group.ended();
        task.complete(Ok(()));
        let _again = member(&group, &ends);
        assert!(context.block_on(first).is_ok());
        assert!(!is_over(&group));
    });
}

#[test]
fn all_who_ask_are_told() {
    on_context(|context| {
        let (group, ends, told) = (Group::new(), Ends::new(), Log::new());
        let task = member(&group, &ends);
        for number in 0..3 {
            let told = told.clone();
            group.ended_with(move |ended| told.push((number, ended.is_ok())));
        }
        drop(group.ended());
        let both = join(group.ended(), group.ended());
        let shared = group.clone();
        let elsewhere = thread::spawn(move || shared.wait().is_ok());
        task.complete(Ok(()));
        assert!(told.is_empty(), "through the loop");
        assert!(matches!(context.block_on(both), (Ok(()), Ok(()))));
        iterate_until(context, || told.len() == 3);
        assert_eq!(told.take(), [(0, true), (1, true), (2, true)]);
        assert!(elsewhere.join().unwrap());
        group.ended_with(move |_| told.push((3, true)));
        iterate(context);
    });
}

#[test]
fn wait_calls_the_callbacks_of_this_context_here() {
    on_context(|_| {
        let (group, ends) = (Group::new(), Ends::new());
        let workers: Vec<_> = (0..3).map(|_| at_a_gate(&group, &ends)).collect();
        let log = ends.clone();
        let builder = QioTask::builder().group(&group);
        // It makes one more.
        let shared = group.clone();
        builder
            .callback(move |end: Result<(), Error>| {
                log.push(word(&end));
                member(&shared, &log).run_in_thread(|_| Ok(()));
            })
            .run_in_thread(|_| Ok(()));
        for (gate, running) in workers {
            gate.open();
            drop(running);
        }
        assert!(group.wait().is_ok());
        assert_eq!(ends.take(), ["ok"; 5]);
    });
}

#[test]
fn wait_waits_for_the_callbacks_of_other_contexts() {
    let group = Group::new();
    let shared = group.clone();
    let (gate, wait) = gate();
    let other = thread::spawn(move || {
        on_context(|context| {
            let ends = Ends::new();
            member(&shared, &ends)
                .run_in_thread(|_| Ok(()))
                .worker_ended()
                .now_or_never();
            wait();
            iterate_until(context, || ends.len() == 1);
        });
    });
    gate.wait_for_arrival();
    let shared = group.clone();
    let waits = thread::spawn(move || shared.wait().is_ok());
    thread::sleep(Duration::from_millis(5));
    assert!(!waits.is_finished());
    gate.open();
    assert!(waits.join().unwrap());
    other.join().unwrap();
}

/// Though this thread might run them, too.
#[test]
fn wait_leaves_callbacks_for_any_thread_to_their_context() {
    let group = Group::new();
    let context = MainContext::new();
    let (sender, ran) = mpsc::channel();
    let builder = QioTask::builder().group(&group);
    builder
        .callback_on(&context, move |_: Result<(), Error>| {
            sender.send(thread::current().id()).unwrap();
        })
        .run_in_thread(|_| Ok(()))
        .wait_for_worker();
    let shared = group.clone();
    let waits = thread::spawn(move || shared.wait().is_ok());
    thread::sleep(Duration::from_millis(5));
    assert!(!waits.is_finished());
    iterate_until(&context, || group.is_empty());
    assert!(waits.join().unwrap());
    assert_eq!(ran.recv(), Ok(thread::current().id()));
}

const SHARED: &str = "group::ended::wait_leaves_callbacks_of_another_thread_to_that_one";

/// Though it has their context, which both threads iterate.
#[test]
fn wait_leaves_callbacks_of_another_thread_to_that_one() {
    if passes_in_child(SHARED) {
        return;
    }
    let (group, ends) = (Group::new(), Ends::new());
    let context = MainContext::new();
    let complete = || member(&group, &ends).complete_in_idle(Ok(()));
    context.with_thread_default(complete).unwrap();
    let shared = group.clone();
    let waits = thread::spawn(move || context.with_thread_default(|| shared.wait().is_ok()));
    thread::sleep(Duration::from_millis(20));
    assert!(!waits.is_finished());
    assert!(ends.is_empty());
    // It has the context for good.
    std::process::exit(0);
}

#[test]
fn a_callback_that_panics_has_returned() {
    on_context(|_| {
        let group = Group::new();
        let builder = QioTask::builder().group(&group);
        let task = builder.callback(|_: Result<(), Error>| panic!("as it is told"));
        let inline = std::panic::AssertUnwindSafe(|| task.complete(Ok(())));
        assert!(std::panic::catch_unwind(inline).is_err());
        assert!(group.is_empty());
    });
}

/// Its waker goes with it.
#[test]
fn one_that_is_dropped_before() {
    on_context(|_| {
        let (group, ends) = (Group::new(), Ends::new());
        let task = member(&group, &ends);
        let woken = Arc::new(Woken::default());
        let mut ended = group.ended();
        let waker = Waker::from(woken.clone());
        assert!(
            ended
                .poll_unpin(&mut Context::from_waker(&waker))
                .is_pending()
        );
        drop((ended, waker));
        assert_eq!(Arc::strong_count(&woken), 1);
        task.complete(Ok(()));
        assert_eq!(count(&woken.0), 0);
    });
}

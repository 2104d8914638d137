//! Nobody receives any more: the context is dead, or its thread, or the thread that ends it all.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use glib::MainContext;
use qio_task::{Cancelled, Error, Messages, QioTask, TrySendError};

use super::{iterate, sender};
use crate::common::{
    Dropped, Log, PATIENCE, count, fatal_warnings, on_context, on_dying_context, passes_in_child,
    wait_until,
};

/// Sends without an end, on a thread of its own, and tells of the first error.
fn flood(messages: &Messages<u32>, bound: usize) -> mpsc::Receiver<Cancelled> {
    let (tell, told) = mpsc::channel();
    let sent = Arc::new(AtomicUsize::new(0));
    thread::spawn({
        let (messages, sent) = (messages.clone(), sent.clone());
        move || loop {
            if let Err(cancelled) = messages.send(0) {
                let _ = tell.send(cancelled);
                return;
            }
            sent.fetch_add(1, Ordering::SeqCst);
        }
    });
    wait_until(|| count(&sent) >= bound);
    thread::sleep(Duration::from_millis(10));
    told
}

#[test]
fn senders_at_a_full_bound_are_woken_as_the_context_dies() {
    let (messages, floods) = on_dying_context(|_| {
        let log = Log::new();
        let messages = sender(2, &log);
        let floods = [flood(&messages, 2), flood(&messages, 0)];
        (messages, floods)
    });
    for told in floods {
        assert_eq!(told.recv_timeout(PATIENCE), Ok(Cancelled));
    }
    assert_eq!(messages.send(1), Err(Cancelled));
    assert_eq!(messages.try_send(1), Err(TrySendError::Cancelled(1)));
}

#[test]
fn what_waits_is_dropped_with_the_context_and_so_is_the_callback() {
    for has_task in [false, true] {
        let (captured, callback_dropped) = Dropped::here();
        let (value, dropped) = Dropped::anywhere();
        let messages = on_dying_context(|_| {
            let messages = Messages::new(2, move |_: Dropped| {
                let _ = &captured;
                panic!("what a dead context can't deliver is not called");
            });
            let mut builder = QioTask::builder();
            if has_task {
                builder = builder.messages(&messages);
            }
            let task = builder.callback(|_: Result<(), Error>| {});
            messages.send(value).unwrap();
            task.complete_in_idle(Ok(()));
            messages
        });
        assert_eq!(count(&dropped), 1);
        assert_eq!(count(&callback_dropped), 1);
        drop(messages);
    }
}

#[test]
fn a_context_that_another_thread_drops() {
    fatal_warnings();
    let context = MainContext::new();
    let log = Log::new();
    let messages = context.with_thread_default(|| sender(1, &log)).unwrap();
    let told = flood(&messages, 1);
    thread::spawn(move || drop(context)).join().unwrap();
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Cancelled));
    on_context(iterate);
}

#[test]
fn a_source_that_somebody_destroys_ends_them() {
    fatal_warnings();
    let context = MainContext::new();
    let log = Log::new();
    let (messages, told) = context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(|_: Result<(), Error>| glib::main_current_source().unwrap().destroy())
                .complete_in_idle(Ok(()));
            // Not of the same priority: it would be in the same turn.
            let messages = sender(3, &log);
            let builder = QioTask::builder().priority(glib::Priority::LOW);
            let pending = builder
                .messages(&messages)
                .callback(|_: Result<(), Error>| {});
            let told = flood(&messages, 3);
            iterate(&context);
            drop(pending);
            (messages, told)
        })
        .unwrap();
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Cancelled));
    assert_eq!(messages.send(1), Err(Cancelled));
}

#[test]
fn a_thread_that_ends_wakes_who_sends_to_it() {
    if passes_in_child("messages::gone::a_thread_that_ends_wakes_who_sends_to_it") {
        return;
    }
    let context = MainContext::new();
    let (messages, told) = thread::spawn({
        let context = context.clone();
        move || {
            context
                .with_thread_default(|| {
                    let messages = Messages::new(1, |_: u32| {});
                    let told = flood(&messages, 1);
                    (messages, told)
                })
                .unwrap()
        }
    })
    .join()
    .unwrap();
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Cancelled));
    assert_eq!(messages.send(1), Err(Cancelled));
    iterate(&context);
}

#[test]
fn another_thread_that_iterates_the_context_does_not_call_it() {
    let context = MainContext::new();
    let log = Log::new();
    let messages = context.with_thread_default(|| sender(10, &log)).unwrap();
    for value in 0..10 {
        messages.send(value).unwrap();
    }
    thread::spawn({
        let context = context.clone();
        move || context.with_thread_default(|| iterate(&context)).unwrap()
    })
    .join()
    .unwrap();
    assert!(log.is_empty());
    // Found by the one that they are for, at the latest 10 ms later.
    crate::common::iterate_until(&context, || log.len() == 10);
    assert!(log.take().into_iter().eq(0..10));
}

#[test]
fn the_task_of_a_dead_context_ends_messages_of_one_that_lives() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(2, &log);
        let own = MainContext::new();
        let pending = own
            .with_thread_default(|| super::task_of(&messages, &log))
            .unwrap();
        let told = flood(&messages, 2);
        drop(own);
        drop(pending);
        assert_eq!(told.recv_timeout(PATIENCE), Ok(Cancelled));
        iterate(context);
        assert!(log.is_empty(), "nobody is told of the task");
    });
}

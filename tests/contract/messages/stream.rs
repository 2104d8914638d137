//! Messages that are awaited.

use std::{
    num::NonZero,
    pin::{Pin, pin},
    sync::{Arc, mpsc},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use futures::{Stream, StreamExt, stream::FusedStream};
use glib::MainContext;
use qio_task::{Cancelled, Error, Messages, QioTask, TrySendError, spawn_blocking};

use crate::common::{
    Dropped, Log, PATIENCE, Woken, count, iterate_until, on_context, passes_in_child, run_worker,
};

/// On a context of its own.
fn block_on<F: Future>(future: F) -> F::Output {
    MainContext::new().block_on(future)
}

#[test]
fn all_come_in_order_until_the_last_sender_is_gone() {
    for bound in [1, 2, 100] {
        let (messages, stream) = Messages::stream(bound);
        let clone = messages.clone();
        let sends = thread::spawn(move || {
            for value in 0..1000 {
                messages.send(value).unwrap();
            }
            drop(messages);
            thread::sleep(Duration::from_millis(10));
            clone.send(1000).unwrap();
        });
        let seen: Vec<u32> = block_on(stream.collect());
        sends.join().unwrap();
        assert!(seen.into_iter().eq(0..=1000));
    }
}

#[test]
fn it_ends_with_its_tasks_after_what_was_sent() {
    for end in ["completed", "cancelled"] {
        on_context(|context| {
            let (messages, mut stream) = Messages::stream(2);
            let (blocks, blocked) = mpsc::channel();
            let running = QioTask::builder()
                .messages(&messages)
                .callback(|_: Result<(), Error>| {})
                .run_in_thread({
                    let messages = messages.clone();
                    move |_| {
                        messages.send(1)?;
                        messages.send(2)?;
                        if end == "cancelled" {
                            blocks.send(()).unwrap();
                            assert_eq!(messages.send(3), Err(Cancelled));
                        }
                        Ok(())
                    }
                });
            if end == "cancelled" {
                blocked.recv_timeout(PATIENCE).unwrap();
                thread::sleep(Duration::from_millis(10));
                running.cancel();
            }
            let seen = context.block_on(async {
                let mut seen = Vec::new();
                while let Some(value) = stream.next().await {
                    seen.push(value);
                }
                seen
            });
            assert_eq!(seen, [1, 2], "{end}");
            assert!(stream.is_terminated());
            assert_eq!(context.block_on(stream.next()), None);
            assert_eq!(messages.send(4), Err(Cancelled));
        });
    }
}

#[test]
fn a_stream_that_waits_is_woken_as_its_task_ends_without_a_word() {
    on_context(|context| {
        let (messages, mut stream) = Messages::<u32>::stream(2);
        let task = QioTask::builder()
            .messages(&messages)
            .callback(|_: Result<(), Error>| {});
        glib::spawn_future_local(async move { task.complete(Ok(())) });
        assert_eq!(context.block_on(stream.next()), None);
    });
}

#[test]
fn one_that_is_dropped_refuses_what_is_sent_and_wakes_who_waits_for_room() {
    let (messages, stream) = Messages::stream(1);
    let (value, dropped) = Dropped::anywhere();
    messages.send(value).unwrap();
    let (tell, told) = mpsc::channel();
    let clone = messages.clone();
    thread::spawn(move || tell.send(clone.send(Dropped::anywhere().0)).unwrap());
    assert!(told.recv_timeout(Duration::from_millis(20)).is_err());
    drop(stream);
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Err(Cancelled)));
    assert_eq!(count(&dropped), 1);
    let refused = messages.try_send(Dropped::anywhere().0);
    assert!(matches!(refused, Err(TrySendError::Cancelled(_))));
}

#[test]
fn what_it_has_not_yielded_counts() {
    let (messages, mut stream) = Messages::stream(3);
    for value in 0..3 {
        messages.send(value).unwrap();
    }
    assert_eq!(block_on(stream.next()), Some(0));
    let mut sent = 0;
    while messages.try_send(3 + sent).is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 1);
    drop(messages);
    assert_eq!(block_on(stream.collect::<Vec<u32>>()), [1, 2, 3]);
}

#[test]
fn any_thread_may_await_it() {
    let (messages, mut stream) = Messages::stream(3);
    messages.send(1).unwrap();
    assert_eq!(block_on(stream.next()), Some(1));
    let other = thread::spawn(move || block_on(stream.collect::<Vec<u32>>()));
    messages.send(2).unwrap();
    drop(messages);
    assert_eq!(other.join().unwrap(), [2]);
}

#[test]
fn it_is_woken_once_for_many_and_gives_way_after_a_while() {
    let (messages, stream) = Messages::stream(100);
    let mut stream = pin!(stream);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    let mut poll = || -> Poll<Option<u32>> { Pin::as_mut(&mut stream).poll_next(&mut cx) };
    assert_eq!(poll(), Poll::Pending);
    for value in 0..10 {
        messages.send(value).unwrap();
    }
    assert_eq!(count(&woken.0), 1);
    for value in 0..10 {
        assert_eq!(poll(), Poll::Ready(Some(value)));
    }
    assert_eq!(poll(), Poll::Pending);
    assert_eq!(count(&woken.0), 1);
    // A sender that never rests.
    let start = Instant::now();
    loop {
        messages.send(1).unwrap();
        if poll().is_pending() {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "it never gives way");
    }
    assert!(count(&woken.0) >= 2, "by itself");
    assert_eq!(poll(), Poll::Ready(Some(1)));
}

#[test]
fn a_worker_awaits_what_another_sends_though_no_more_threads_may_be() {
    const TEST: &str =
        "messages::stream::a_worker_awaits_what_another_sends_though_no_more_threads_may_be";
    if passes_in_child(TEST) {
        return;
    }
    qio_task::set_max_threads(NonZero::<usize>::MIN);
    let consume = |context: &MainContext| {
        let (messages, stream) = Messages::stream(1);
        let worker = spawn_blocking(move |_| {
            for value in 0..100 {
                messages.send(value)?;
            }
            Ok::<_, std::io::Error>(())
        });
        context.block_on(async {
            let seen: Vec<u32> = stream.collect().await;
            worker.await.unwrap();
            seen
        })
    };
    let seen = on_context(|_| run_worker(QioTask::builder(), move || on_context(consume)));
    assert!(seen.into_iter().eq(0..100));
}

#[test]
fn it_is_awaited_in_a_loop_beside_a_callback() {
    on_context(|context| {
        let (messages, mut stream) = Messages::stream(10);
        let log = Log::new();
        let (awaited, ended) = (log.clone(), log.clone());
        let consumer = async move {
            while let Some(value) = stream.next().await {
                awaited.push(value);
            }
            awaited.push(2_000_000);
        };
        glib::spawn_future_local(consumer);
        super::task(QioTask::builder().messages(&messages), &ended)
            .run_in_thread(super::send_all(&messages, 500));
        iterate_until(context, || log.len() == 502);
        let mut seen = log.take();
        seen.retain(|value| *value < super::END);
        assert!(seen.into_iter().eq(0..500));
    });
}

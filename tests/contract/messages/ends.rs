//! Messages end with the tasks that they belong to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::{MainContext, Priority};
use qio_task::{Cancelled, Error, Messages, QioTask, Running};

use super::{END, iterate, sender, task, task_of};
use crate::common::{Log, PATIENCE, count, gate, iterate_until, on_context, wait_until};

/// A worker that has filled the bound and blocks in the next `send`, which tells what that has
/// returned.
struct Blocked {
    running: Running,
    returned: mpsc::Receiver<Result<(), Cancelled>>,
}

impl Blocked {
    fn run(task: QioTask<(), glib::Error>, messages: &Messages<u32>, bound: u32) -> Self {
        let (tell, returned) = mpsc::channel();
        let sent = Arc::new(AtomicUsize::new(0));
        let running = task.run_in_thread({
            let (messages, sent) = (messages.clone(), sent.clone());
            move |_| {
                for value in 0..bound {
                    messages.send(value)?;
                    sent.fetch_add(1, Ordering::SeqCst);
                }
                let _ = tell.send(messages.send(END - 1));
                Ok(())
            }
        });
        wait_until(|| count(&sent) == bound as usize);
        assert!(returned.recv_timeout(Duration::from_millis(20)).is_err());
        Self { running, returned }
    }

    /// What the last `send` has returned, though nobody iterates the loop.
    fn returned(&self) -> Result<(), Cancelled> {
        self.returned.recv_timeout(PATIENCE).unwrap()
    }
}

#[test]
fn a_sender_at_a_full_bound_is_woken_as_its_task_is_ended_and_not_only_as_that_is_told() {
    for end in ["cancelled", "by its cancellable", "elsewhere", "timed out"] {
        on_context(|context| {
            let log = Log::new();
            let messages = sender(3, &log);
            let cancellable = gio::Cancellable::new();
            let mut builder = QioTask::builder().messages(&messages);
            builder = builder.cancellable(&cancellable);
            if end == "timed out" {
                builder = builder.timeout(Duration::from_millis(300));
            }
            let blocked = Blocked::run(task(builder, &log), &messages, 3);
            match end {
                "cancelled" => blocked.running.cancel(),
                "by its cancellable" => cancellable.cancel(),
                "elsewhere" => {
                    let cancellable = cancellable.clone();
                    thread::spawn(move || cancellable.cancel()).join().unwrap();
                }
                // The loop sees that, and delivers nothing before.
                _ => {
                    thread::sleep(Duration::from_millis(300));
                    iterate_until(context, || !log.is_empty());
                }
            }
            if end == "timed out" {
                // Room may have been made first.
                let _ = blocked.returned();
                iterate_until(context, || log.contains(&END));
                let seen = log.take();
                assert_eq!(seen[..3], [0, 1, 2]);
                assert_eq!(seen.last(), Some(&END));
                return;
            }
            assert_eq!(blocked.returned(), Err(Cancelled), "{end}");
            assert!(log.is_empty());
            iterate_until(context, || log.contains(&END));
            iterate(context);
            assert_eq!(log.take(), [0, 1, 2, END], "{end}");
        });
    }
}

#[test]
fn one_that_is_told_when_its_worker_has_returned_is_woken_at_once_too() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(1, &log);
        let builder = QioTask::builder().return_on_cancel(false);
        let blocked = Blocked::run(task(builder.messages(&messages), &log), &messages, 1);
        blocked.running.cancel();
        assert_eq!(blocked.returned(), Err(Cancelled));
        iterate_until(context, || log.contains(&END));
        assert_eq!(log.take(), [0, END]);
    });
}

#[test]
fn nothing_is_sent_for_a_task_that_was_cancelled_before_it_was_made() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(1, &log);
        let cancellable = gio::Cancellable::new();
        cancellable.cancel();
        let builder = QioTask::builder().cancellable(&cancellable);
        let pending = task(builder.messages(&messages), &log);
        assert_eq!(messages.send(1), Err(Cancelled));
        iterate(context);
        drop(pending);
        assert_eq!(log.take(), [END]);
    });
}

#[test]
fn what_is_sent_from_the_callback_comes_too_late() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(3, &log);
        let (late, end) = (messages.clone(), log.clone());
        QioTask::builder()
            .messages(&messages)
            .callback(move |_: Result<(), Error>| {
                end.push(END);
                assert_eq!(late.send(1), Err(Cancelled));
            })
            .complete(Ok(()));
        iterate(context);
        assert_eq!(log.take(), [END]);
    });
}

#[test]
fn they_go_on_until_the_last_of_their_tasks_has_ended() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(10, &log);
        let (first, second) = (task_of(&messages, &log), task_of(&messages, &log));
        messages.send(1).unwrap();
        first.complete(Ok(()));
        messages.send(2).unwrap();
        iterate(context);
        messages.send(3).unwrap();
        second.complete(Ok(()));
        assert_eq!(messages.send(4), Err(Cancelled));
        iterate(context);
        assert_eq!(log.take(), [1, END, 2, 3, END]);
        // And begin anew with the next.
        let third = task_of(&messages, &log);
        messages.send(5).unwrap();
        third.complete(Ok(()));
        assert_eq!(log.take(), [5, END]);
    });
}

#[test]
fn the_end_of_one_of_their_tasks_comes_among_what_others_send() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(4, &log);
        let flooding = task_of(&messages, &log).run_in_thread({
            let messages = messages.clone();
            move |worker| {
                while !worker.is_cancelled() {
                    messages.send(0)?;
                }
                Ok(())
            }
        });
        for _ in 0..20 {
            let ended = Log::new();
            let own = messages.clone();
            let running = task_of(&messages, &ended).run_in_thread(move |_| Ok(own.send(1)?));
            iterate_until(context, || ended.contains(&END));
            assert_eq!(log.count(&1), 1);
            drop((running, log.take()));
        }
        flooding.cancel();
        iterate_until(context, || log.contains(&END));
    });
}

#[test]
fn a_task_has_several() {
    on_context(|context| {
        for way in ["inline", "idle", "wait"] {
            let log = Log::new();
            let (first, second) = (sender(2, &log), sender(2, &log));
            let builder = QioTask::builder().messages(&first).messages(&second);
            let task = task(builder, &log);
            first.send(1).unwrap();
            second.send(2).unwrap();
            match way {
                "inline" => task.complete(Ok(())),
                "idle" => task.complete_in_idle(Ok(())),
                _ => {
                    let (first, second) = (first.clone(), second.clone());
                    let worker = move |_: &qio_task::Worker| {
                        for _ in 0..100 {
                            second.send(2)?;
                            first.send(1)?;
                        }
                        Ok(())
                    };
                    task.run_in_thread(worker).wait();
                }
            }
            iterate(context);
            let seen = log.take();
            let sent = if way == "wait" { 101 } else { 1 };
            for value in [1, 2] {
                assert_eq!(seen.iter().filter(|seen| **seen == value).count(), sent);
            }
            assert_eq!(seen.last(), Some(&END));
            assert_eq!(first.send(3), Err(Cancelled));
            assert_eq!(second.send(3), Err(Cancelled));
        }
    });
}

#[test]
fn a_callback_for_any_thread_comes_after_those_of_its_own() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(10, &log);
        let (ended, end) = mpsc::channel();
        let task: QioTask<()> = QioTask::builder()
            .messages(&messages)
            .callback_on(context, move |_: Result<(), Error>| ended.send(()).unwrap());
        messages.send(1).unwrap();
        task.complete(Ok(()));
        assert!(end.try_recv().is_ok());
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn for_a_task_of_another_thread_none_is_skipped() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(10, &log);
        let own = messages.clone();
        let other = thread::spawn(move || {
            on_context(|_| {
                let task = QioTask::builder()
                    .messages(&own)
                    .callback(|_: Result<(), Error>| {});
                own.send(1).unwrap();
                task.complete(Ok(()));
                assert_eq!(own.send(2), Err(Cancelled));
            });
        });
        other.join().unwrap();
        iterate(context);
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn for_a_task_of_another_context_of_this_thread_they_come_before_its_callback() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(10, &log);
        let own = glib::MainContext::new();
        own.with_thread_default(|| {
            let task = task_of(&messages, &log);
            messages.send(1).unwrap();
            task.complete(Ok(()));
        })
        .unwrap();
        assert_eq!(log.take(), [1, END]);
        iterate(context);
        assert!(log.is_empty());
    });
}

#[test]
fn a_message_that_cancels_its_own_task_wins_over_a_success() {
    on_context(|_| {
        let log = Log::new();
        let cancellable = gio::Cancellable::new();
        let messages = Messages::new(1, {
            let cancellable = cancellable.clone();
            move |(): ()| cancellable.cancel()
        });
        let ends = log.clone();
        QioTask::builder()
            .cancellable(&cancellable)
            .messages(&messages)
            .callback(move |result: Result<(), Error>| {
                ends.push(u32::from(matches!(result, Err(Error::Cancelled))));
            })
            .run_in_thread(move |_| Ok(messages.send(())?))
            .wait();
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn a_worker_is_waited_for_that_waits_for_room() {
    on_context(|_| {
        let log = Log::new();
        let messages = sender(2, &log);
        let (gate, wait) = gate();
        let own = messages.clone();
        let running = task_of(&messages, &log).run_in_thread(move |_| {
            for value in 0..50 {
                own.send(value)?;
            }
            wait();
            for value in 50..100 {
                own.send(value)?;
            }
            Ok(())
        });
        thread::spawn(move || {
            gate.wait_for_arrival();
            thread::sleep(Duration::from_millis(20));
            gate.open();
        });
        running.wait_for_worker();
        assert!(!log.contains(&END));
        running.wait();
        assert_eq!(log.take(), super::all_and_end(100));
    });
}

#[test]
fn a_task_that_was_not_made_changes_nothing() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(2, &log);
        drop(QioTask::builder().messages(&messages));
        messages.send(1).unwrap();
        iterate(context);
        assert_eq!(log.take(), [1]);
    });
}

/// Those come at the priority that they had: nothing of that context has the task's.
#[test]
fn messages_of_one_context_in_a_task_of_another() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(10, &log);
        let own = MainContext::new();
        own.with_thread_default(|| {
            let builder = QioTask::builder().priority(Priority::HIGH);
            let pending = task(builder.messages(&messages), &log);
            messages.send(0).unwrap();
            iterate(&own);
            assert!(log.is_empty());
            pending.complete(Ok(()));
        })
        .unwrap();
        iterate(context);
        let mut all = log.take();
        all.sort_unstable();
        assert_eq!(all, [0, END]);
    });
}

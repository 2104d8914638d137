//! Groups where they are of no use: what nobody may do to all of a process's tasks, who waits for
//! itself, and what is asked of groups that have nothing to do.

use std::{
    ops::ControlFlow,
    pin::{Pin, pin},
    sync::mpsc,
    task::{Context, Waker},
    thread,
    time::Duration,
};

use futures::{FutureExt, future};
use glib::MainContext;
use qio_task::{Error, Group, Latest, QioTask};

use super::{Ends, log};
use crate::common::{
    Log, gate, iterate, iterate_until, on_context, on_dying_context, panics::panic_of,
    passes_in_child, wait_until,
};

/// Enough for a mistake to show, in a test of what never comes.
const A_WHILE: Duration = Duration::from_millis(20);

/// A member that somebody else is to end.
fn member(group: &Group, ends: &Ends) -> QioTask<()> {
    QioTask::builder().group(group).callback(log(ends))
}

#[test]
fn a_limit_of_zero() {
    let group = Group::new();
    let message = panic_of(|| group.set_max_threads(0));
    assert!(message.contains("without threads"), "{message}");
    assert_eq!(group.max_threads(), None);
}

#[test]
fn ending_the_group_of_the_whole_process() {
    let computing = Group::computing();
    let window = gio::SimpleAction::new("window", None);
    for message in [
        panic_of(|| computing.finish()),
        panic_of(|| computing.close()),
        panic_of(|| computing.cancel_on_error(true)),
        panic_of(|| computing.close_on_dispose(&window)),
    ] {
        assert!(message.contains("Group::within"), "{message}");
    }
    drop(window);
    assert!(!Group::computing().is_closed());
}

#[test]
fn the_end_of_a_group_that_is_polled_after_it_was_ready() {
    let mut ended = Group::new().ended();
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut ended).poll(&mut context).is_ready());
    let message = panic_of(|| drop(Pin::new(&mut ended).poll(&mut context)));
    assert!(message.contains("polled after"), "{message}");
}

#[test]
fn ended_with_while_another_thread_owns_the_context() {
    crate::common::fatal_warnings();
    thread::scope(|scope| {
        let (owned, is_owned) = mpsc::channel();
        let (done, is_done) = mpsc::channel::<()>();
        scope.spawn(move || {
            let context = MainContext::default();
            let _owner = context.acquire().unwrap();
            owned.send(()).unwrap();
            let _ = is_done.recv();
        });
        is_owned.recv().unwrap();
        let group = Group::new();
        let message = panic_of(|| group.ended_with(drop));
        assert!(message.contains("another thread owns"), "{message}");
        done.send(()).unwrap();
    });
}

const COMPUTING: &str = "misuse::groups::cancelling_the_group_of_the_whole_process";

#[test]
fn cancelling_the_group_of_the_whole_process() {
    if passes_in_child(COMPUTING) {
        return;
    }
    on_context(|context| {
        let ends = Ends::new();
        let task = member(&Group::within(&Group::computing()), &ends);
        Group::computing().cancel();
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
        // It goes on.
        member(&Group::computing(), &ends).complete(Ok(()));
        assert!(matches!(ends.take()[..], [Ok(())]));
        drop(task);
    });
}

#[test]
fn a_worker_that_waits_for_the_end_of_its_own_group() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let own = group.clone();
        member(&group, &ends).run_in_thread(move |_| {
            on_context(|inner| {
                // Without a limit it would wait for ever.
                let patience = glib::timeout_future(A_WHILE);
                let (ended, patience) = (pin!(own.ended()), pin!(patience));
                let first = inner.block_on(future::select(ended, patience));
                assert!(matches!(first, future::Either::Right(_)));
            });
            Ok(())
        });
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Ok(())]));
    });
}

#[test]
fn a_callback_that_waits_for_the_end_of_its_own_group() {
    on_context(|context| {
        let (group, told) = (Group::new(), Log::new());
        let (own, telling) = (group.clone(), told.clone());
        let task = QioTask::builder()
            .group(&group)
            .callback(move |_: Result<(), Error>| {
                // `wait` would wait for ever.
                assert!(own.ended().now_or_never().is_none());
                own.ended_with(move |ended| telling.push(ended.is_ok()));
            });
        task.complete(Ok(()));
        iterate(context);
        assert_eq!(told.take(), [true]);
    });
}

#[test]
fn waiting_for_a_member_that_this_loop_drives() {
    on_context(|_| {
        let (group, ends, calls) = (Group::new(), Ends::new(), Log::new());
        let called = calls.clone();
        member(&group, &ends).poll_every(Duration::from_millis(1), move || {
            called.push(());
            ControlFlow::Continue(())
        });
        let own = group.clone();
        let closing = thread::spawn(move || {
            // Without this it would wait for ever.
            thread::sleep(A_WHILE);
            own.close();
        });
        group.wait().unwrap();
        assert!(calls.is_empty(), "`wait` iterates no loop");
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
        closing.join().unwrap();
    });
}

#[test]
fn waiting_by_a_channel_for_a_member_that_has_no_place() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (gate, wait) = gate();
        let (answer, answered) = mpsc::channel();
        let (called, is_called) = mpsc::channel();
        member(&group, &ends).run_in_thread(move |_| {
            wait();
            // Nothing tells that it waits for the other one: it would wait for ever.
            answer.send(is_called.recv_timeout(A_WHILE)).unwrap();
            Ok(())
        });
        gate.wait_for_arrival();
        member(&group, &ends).run_in_thread(move |_| {
            assert!(called.send(()).is_err(), "too late");
            Ok(())
        });
        gate.open();
        iterate_until(context, || ends.len() == 2);
        assert!(answered.recv().unwrap().is_err());
    });
}

#[test]
fn a_limit_where_there_is_no_worker() {
    on_context(|_| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let tasks: Vec<_> = (0..3).map(|_| member(&group, &ends)).collect();
        for task in tasks {
            task.complete(Ok(()));
        }
        assert_eq!(ends.len(), 3);
    });
}

#[test]
fn twice_and_without_members() {
    on_context(|_| {
        let group = Group::new();
        group.cancel();
        for _ in 0..2 {
            group.finish();
            group.close();
            group.cancel();
            group.wait().unwrap();
        }
        assert!(group.is_closed() && group.is_empty());
    });
}

#[test]
fn an_end_that_nobody_waits_for_any_more() {
    on_context(|_| {
        let (group, ends) = (Group::new(), Ends::new());
        let task = member(&group, &ends);
        let mut ended = Box::pin(group.ended());
        let mut context = Context::from_waker(Waker::noop());
        assert!(ended.poll_unpin(&mut context).is_pending());
        drop(ended);
        task.complete(Ok(()));
        assert!(matches!(ends.take()[..], [Ok(())]));
    });
}

#[test]
fn ended_with_on_a_context_that_dies() {
    let group = Group::new();
    let (told, is_told) = mpsc::channel::<()>();
    let (gate, wait) = gate();
    on_dying_context(|_| {
        QioTask::builder()
            .group(&group)
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                wait();
                Ok(())
            });
        gate.wait_for_arrival();
        group.ended_with(move |_| told.send(()).unwrap());
    });
    // The callback is gone, uncalled.
    assert_eq!(is_told.recv(), Err(mpsc::RecvError));
    gate.open();
    wait_until(|| group.is_empty());
}

#[test]
fn an_object_that_is_the_source_of_members() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let window = gio::SimpleAction::new("window", None);
        group.close_on_dispose(&window);
        let ended = log(&ends);
        let builder = QioTask::builder().group(&group).source(&window);
        let task = builder.callback(|_, result| ended(result));
        drop(window);
        iterate(context);
        assert!(!group.is_closed(), "its member keeps it");
        task.complete(Ok(()));
        iterate(context);
        assert!(group.is_closed());
        assert!(matches!(ends.take()[..], [Ok(())]));
    });
}

#[test]
fn cancel_on_error_after_the_error() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let other = member(&group, &ends);
        member(&group, &ends).complete(Err(glib::Error::new(gio::IOErrorEnum::Failed, "no")));
        group.cancel_on_error(true);
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Failed(_))]));
        other.complete(Ok(()));
        assert!(matches!(ends.take()[..], [Ok(())]));
        assert!(group.wait().is_err());
    });
}

#[test]
fn an_error_without_words() {
    /// Not even `Debug`.
    struct Mute(u32);
    on_context(|_| {
        let (group, told) = (Group::new(), Log::new());
        let telling = told.clone();
        let builder = QioTask::builder().name("mute").group(&group);
        let task = builder.callback(move |result: Result<(), Error<Mute>>| match result {
            Err(Error::Failed(Mute(number))) => telling.push(number),
            _ => panic!("it fails with its own error"),
        });
        task.complete(Err(Mute(7)));
        assert_eq!(told.take(), [7]);
        let error = group.wait().unwrap_err();
        assert_eq!(error.to_string(), "mute: the operation failed");
        assert_eq!(error.task_name(), Some("mute"));
        assert!(error.location().file().ends_with("groups.rs"));
    });
}

#[test]
fn latest_without_a_task_and_without_a_handle() {
    on_context(|_| {
        let (latest, ends) = (Latest::new(), Ends::new());
        latest.cancel();
        assert!(!latest.is_pending());
        let newest = QioTask::builder().latest(&latest).callback(log(&ends));
        drop(latest);
        newest.complete(Ok(()));
        assert!(matches!(ends.take()[..], [Ok(())]));
    });
}

#[test]
fn a_group_that_is_given_twice() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let builder = QioTask::builder().group(&group).group(&group);
        let running = builder.callback(log(&ends)).run_in_thread(|_| Ok(()));
        running.wait();
        iterate(context);
        assert!(matches!(ends.take()[..], [Ok(())]));
        assert!(group.is_empty());
    });
}

const GONE: &str = "misuse::groups::holding_an_application_that_is_gone";

#[test]
fn holding_an_application_that_is_gone() {
    if passes_in_child(GONE) {
        return;
    }
    on_context(|_| {
        let flags = gio::ApplicationFlags::NON_UNIQUE;
        let ends = Ends::new();
        let builder = QioTask::builder().hold(&gio::Application::new(None, flags));
        builder.callback(log(&ends)).complete(Ok(()));
        assert!(matches!(ends.take()[..], [Ok(())]));
    });
}

#[test]
fn holding_an_application_of_another_thread() {
    let application = gio::Application::new(None, gio::ApplicationFlags::NON_UNIQUE);
    let group = Group::new();
    let builder = QioTask::builder().group(&group).hold(&application);
    let elsewhere = thread::spawn(|| {
        on_context(|_| {
            let message = panic_of(|| drop(builder.callback(|_: Result<(), Error>| {})));
            assert!(message.contains("on its own thread"), "{message}");
        });
    });
    elsewhere.join().unwrap();
    assert!(group.is_empty());
}

//! What is inside of a task's span: the library's events and the user's.

use std::{thread, time::Duration};

use gio::prelude::*;
use qio_task::{Error, Progress, QioTask, set_slow_callback_limit};

use crate::{
    common::{flag, iterate, iterate_until, passes_in_child},
    spans::traced_everywhere,
};

const USERS: &str = "inside::the_users_events_of_worker_and_callback";

#[test]
fn the_users_events_of_worker_and_callback() {
    // In a process of its own, as every test with a subscriber for all threads.
    if passes_in_child(USERS) {
        return;
    }
    traced_everywhere(|context, spans| {
        let (ended, has_ended) = flag();
        QioTask::builder()
            .name("it")
            .callback(move |_: Result<(), Error>| {
                tracing::info!("in the callback");
                ended.set(true);
            })
            .run_in_thread(|_| {
                tracing::info!("in the worker");
                Ok(())
            });
        tracing::info!("outside");
        iterate_until(context, || has_ended.get());
        tracing::info!("outside");
        let seen = spans.named("it");
        let users = seen
            .events
            .iter()
            .filter(|event| event.starts_with("in the"));
        assert_eq!(
            users.collect::<Vec<_>>(),
            ["in the worker", "in the callback"]
        );
        assert_eq!(spans.outside(), ["outside", "outside"]);
    });
}

const OWN: &str = "inside::the_librarys_events_in_their_order";

#[test]
fn the_librarys_events_in_their_order() {
    if passes_in_child(OWN) {
        return;
    }
    traced_everywhere(|context, spans| {
        let (ended, has_ended) = flag();
        QioTask::builder()
            .name("by a worker")
            .callback(move |_: Result<(), Error>| ended.set(true))
            .run_in_thread(|_| Ok(()));
        iterate_until(context, || has_ended.get());
        let names = ["by hand", "cancelled"];
        let [by_hand, cancelled] = names.map(|name| {
            let builder = QioTask::builder().name(name);
            let builder = builder.cancellable(&gio::Cancellable::new());
            builder.callback(|_: Result<(), Error>| {})
        });
        by_hand.complete(Ok(()));
        cancelled.cancellable().unwrap().cancel();
        iterate(context);
        drop(cancelled);

        let events = |name| spans.named(name).events;
        assert_eq!(
            events("by a worker"),
            [
                "qio_task_new",
                "qio_task_thread_start",
                "qio_task_thread_run",
                "qio_task_thread_exit",
                "qio_task_complete",
                "qio_task_thread_source_attach",
                "qio_task_thread_result",
            ]
        );
        assert_eq!(
            events("by hand"),
            [
                "qio_task_new",
                "qio_task_complete",
                "qio_task_thread_result"
            ]
        );
        assert_eq!(
            events("cancelled")[..4],
            [
                "qio_task_new",
                "qio_task_cancel",
                "qio_task_thread_source_attach",
                "qio_task_thread_result",
            ]
        );
    });
}

const SLOW: &str = "inside::a_slow_callback_is_an_event";

#[test]
fn a_slow_callback_is_an_event() {
    if passes_in_child(SLOW) {
        return;
    }
    // It is a warning of GLib's log, too, which is not to be fatal.
    let spans = crate::spans::Spans::default();
    tracing::subscriber::set_global_default(spans.subscriber()).unwrap();
    set_slow_callback_limit(Some(Duration::from_millis(1)));
    let hold = || thread::sleep(Duration::from_millis(20));
    let context = glib::MainContext::new();
    context
        .with_thread_default(|| {
            let builder = QioTask::builder().name("it");
            builder
                .callback(move |_: Result<(), Error>| hold())
                .complete(Ok(()));
            let is_slow = |event: &&String| *event == "slow callback";
            assert_eq!(spans.named("it").events.iter().filter(is_slow).count(), 1);
            Progress::new(move |(): ()| hold()).report(());
            iterate(&context);
            assert_eq!(spans.outside().iter().filter(is_slow).count(), 1);
        })
        .unwrap();
}

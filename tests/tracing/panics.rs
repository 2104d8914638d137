//! A subscriber that panics changes nothing for the tasks that it is told of,
//! each test in a process of its own.

use std::{sync::mpsc, thread, time::Duration};

use qio_task::{Error, QioTask, inspect, set_inspecting, set_slow_callback_limit};
use tracing::{Event, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

use crate::common::{iterate, passes_in_child};

/// Panics as it is asked whether anybody wants to know.
struct Asked;

impl<S: Subscriber> Layer<S> for Asked {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        assert!(metadata.target() != "qio_task", "for the test");
        true
    }
}

const ASKED: &str = "panics::as_it_is_asked";

#[test]
fn as_it_is_asked() {
    if passes_in_child(ASKED) {
        return;
    }
    let subscriber = Registry::default().with(Asked);
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let context = glib::MainContext::new();
    let (sender, ends) = mpsc::channel();
    let task = |name: &str| {
        let sender = sender.clone();
        let builder = QioTask::builder().name(name);
        builder.callback(move |result: Result<u32, Error>| sender.send(result.ok()).unwrap())
    };
    context
        .with_thread_default(|| {
            task("inline").complete(Ok(1));
            task("idle").complete_in_idle(Ok(2));
            iterate(&context);
            task("worker").run_in_thread(|_| Ok(3)).wait();
        })
        .unwrap();
    assert_eq!(
        ends.try_iter().collect::<Vec<_>>(),
        [Some(1), Some(2), Some(3)]
    );
}

/// Panics as it is told of a slow callback.
struct Told;

impl<S: Subscriber> Layer<S> for Told {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        assert!(
            *event.metadata().level() != tracing::Level::WARN,
            "for the test"
        );
    }
}

const TOLD: &str = "panics::as_it_is_told_of_a_slow_callback";

#[test]
fn as_it_is_told_of_a_slow_callback() {
    if passes_in_child(TOLD) {
        return;
    }
    let subscriber = Registry::default().with(Told);
    tracing::subscriber::set_global_default(subscriber).unwrap();
    set_inspecting(true);
    set_slow_callback_limit(Some(Duration::from_millis(1)));
    let context = glib::MainContext::new();
    context
        .with_thread_default(|| {
            let task = QioTask::builder()
                .callback(|_: Result<(), Error>| thread::sleep(Duration::from_millis(20)));
            task.complete(Ok(()));
            assert!(inspect().is_empty());
        })
        .unwrap();
}

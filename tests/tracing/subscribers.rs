//! Subscribers of all kinds: with a filter, of one thread, and unkind ones.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use glib::MainContext;
use qio_task::{Error, QioTask, inspect, set_inspecting};
use tracing::{Event, Subscriber, level_filters::LevelFilter, span};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Registry},
};

use crate::{
    common::{in_child_with, is_child, iterate, iterate_until, on_context, passes_in_child},
    spans::{Spans, traced, traced_everywhere},
};

fn make_and_end_some(context: &MainContext) {
    for name in ["a", "b"] {
        let named = || {
            let builder = QioTask::builder().name(name);
            builder.callback(|_: Result<(), Error>| {})
        };
        named().complete(Ok(()));
        named().complete_in_idle(Ok(()));
        named().run_in_thread(|_| Ok(())).wait();
        iterate(context);
    }
}

#[test]
fn a_filter_above_debug_sees_no_span() {
    let spans = Spans::default();
    let subscriber = Registry::default()
        .with(spans.clone())
        .with(LevelFilter::INFO);
    tracing::subscriber::with_default(subscriber, || on_context(make_and_end_some));
    assert!(spans.all().is_empty());
    assert!(spans.outside().is_empty());
}

#[test]
fn a_filter_at_debug_sees_spans_without_the_librarys_events() {
    let spans = Spans::default();
    let subscriber = Registry::default()
        .with(spans.clone())
        .with(LevelFilter::DEBUG);
    tracing::subscriber::with_default(subscriber, || on_context(make_and_end_some));
    assert_eq!(spans.all().len(), 6);
    for seen in spans.all() {
        seen.assert_closed();
        assert!(seen.events.is_empty(), "{seen:?}");
    }
}

#[test]
fn each_thread_has_its_own() {
    let threads: Vec<_> = (0..3)
        .map(|number| {
            thread::spawn(move || {
                traced(|context, spans| {
                    for _ in 0..=number {
                        make_and_end_some(context);
                    }
                    (number, spans.all())
                })
            })
        })
        .collect();
    for thread in threads {
        let (number, all) = thread.join().unwrap();
        assert_eq!(all.len(), 6 * (number + 1));
        all.iter().for_each(crate::spans::Seen::assert_closed);
    }
}

#[test]
fn one_that_is_gone_before_the_task_has_ended() {
    on_context(|context| {
        let spans = Spans::default();
        let task = tracing::subscriber::with_default(spans.subscriber(), || {
            let builder = QioTask::builder().name("it");
            builder.callback(|_: Result<u32, Error>| {})
        });
        task.run_in_thread(|_| Ok(1)).wait();
        iterate(context);
        let seen = spans.named("it");
        assert_eq!(seen.outcome(), "completed");
        seen.assert_closed();
    });
}

#[test]
fn one_that_comes_after_the_task_was_made() {
    on_context(|context| {
        let make = |name| {
            let builder = QioTask::builder().name(name);
            builder.callback(|_: Result<u32, Error>| {})
        };
        let earlier = make("earlier");
        let spans = Spans::default();
        tracing::subscriber::with_default(spans.subscriber(), || {
            make("later").complete(Ok(1));
            earlier.run_in_thread(|_| Ok(1)).wait();
            iterate(context);
        });
        assert_eq!(spans.all().len(), 1);
        spans.named("later").assert_closed();
    });
}

#[test]
fn ten_thousand_leave_no_span_open() {
    traced(|context, spans| {
        for number in 0..10_000 {
            let task = QioTask::builder().callback(|_: Result<u32, Error>| {});
            match number % 4 {
                0 => task.complete(Ok(1)),
                1 => task.complete_in_idle(Ok(1)),
                2 => task.run_in_thread(|_| Ok(1)).wait(),
                _ => drop(task),
            }
        }
        iterate(context);
        assert_eq!(spans.all().len(), 10_000);
        spans
            .all()
            .iter()
            .for_each(crate::spans::Seen::assert_closed);
    });
}

const CHAIN: &str = "subscribers::a_task_does_not_keep_the_span_open_that_it_is_made_in";

/// Else what begins itself anew for ever would keep them all, and their closing
/// would go as deep.
#[test]
fn a_task_does_not_keep_the_span_open_that_it_is_made_in() {
    if passes_in_child(CHAIN) {
        return;
    }
    traced_everywhere(|context, spans| {
        let held = |name| {
            let builder = QioTask::builder().name(name);
            builder.callback_on(&MainContext::default(), |_: Result<(), Error>| {})
        };
        let (sender, later) = mpsc::channel();
        QioTask::builder()
            .name("first")
            .callback(move |later: Result<_, Error>| {
                sender
                    .send((later.unwrap(), held("in a callback")))
                    .unwrap();
            })
            .run_in_thread(move |_| Ok(held("in a worker")));
        iterate_until(context, || {
            let first = spans.named("first");
            first.fields.contains_key("outcome") && first.entered.len() == first.exits
        });
        let _later = later.try_recv().unwrap();
        spans.named("first").assert_closed();
        assert_eq!(spans.named("in a callback").closes, 0);
        assert_eq!(spans.named("in a worker").closes, 0);
    });
}

/// Uses the library in whatever it is told.
struct Busybody(Arc<AtomicUsize>);

impl Busybody {
    fn meddle(&self) {
        thread_local! {
            static IS_MEDDLING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
        }
        // What it does is told, too.
        if IS_MEDDLING.replace(true) {
            return;
        }
        let _ = format!("{:?}", inspect());
        set_inspecting(true);
        let task = QioTask::builder().callback(|_: Result<(), Error>| {});
        task.complete(Ok(()));
        self.0.fetch_add(1, Ordering::SeqCst);
        IS_MEDDLING.set(false);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Busybody {
    fn on_new_span(&self, _: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.meddle();
    }

    fn on_record(&self, _: &span::Id, _: &span::Record<'_>, _: Context<'_, S>) {
        self.meddle();
    }

    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.meddle();
    }

    fn on_enter(&self, _: &span::Id, _: Context<'_, S>) {
        self.meddle();
    }

    fn on_exit(&self, _: &span::Id, _: Context<'_, S>) {
        self.meddle();
    }

    fn on_close(&self, _: span::Id, _: Context<'_, S>) {
        self.meddle();
    }
}

const BUSYBODY: &str = "subscribers::one_that_uses_the_library_in_whatever_it_is_told";

#[test]
fn one_that_uses_the_library_in_whatever_it_is_told() {
    if passes_in_child(BUSYBODY) {
        return;
    }
    let meddled = Arc::new(AtomicUsize::new(0));
    let subscriber = Registry::default().with(Busybody(meddled.clone()));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    set_inspecting(true);
    on_context(|context| {
        make_and_end_some(context);
        crate::common::on_dying_context(|_| {
            let task = QioTask::builder().callback(|_: Result<(), Error>| {});
            task.complete_in_idle(Ok(()));
        });
        set_inspecting(false);
    });
    assert!(meddled.load(Ordering::SeqCst) > 20);
}

/// Panics at the moment of this name, on every thread.
struct Panics(&'static str);

impl Panics {
    fn at(&self, moment: &str) {
        assert!(self.0 != moment, "for the test");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Panics {
    fn on_new_span(&self, _: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.at("new span");
    }

    fn on_record(&self, _: &span::Id, _: &span::Record<'_>, _: Context<'_, S>) {
        self.at("record");
    }

    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.at("event");
    }

    fn on_enter(&self, _: &span::Id, _: Context<'_, S>) {
        self.at("enter");
    }

    fn on_exit(&self, _: &span::Id, _: Context<'_, S>) {
        self.at("exit");
    }

    fn on_close(&self, _: span::Id, _: Context<'_, S>) {
        self.at("close");
    }
}

/// Which moment that is, in the process of the test.
const MOMENT: &str = "QIO_TASK_TEST_MOMENT";

const PANICS: &str = "subscribers::one_that_panics_changes_nothing";

#[test]
fn one_that_panics_changes_nothing() {
    if !is_child(PANICS) {
        for moment in ["new span", "record", "event", "enter", "exit", "close"] {
            let output = in_child_with(PANICS, &[(MOMENT, moment)]);
            assert!(output.status.success(), "{moment}: {output:?}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.contains("for the test"), "{moment}: {stderr}");
        }
        return;
    }
    let moment = std::env::var(MOMENT).unwrap();
    let subscriber = Registry::default().with(Panics(moment.leak()));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    on_context(|context| {
        let (sender, ends) = mpsc::channel();
        let make = || {
            let sender = sender.clone();
            let builder = QioTask::builder();
            builder.callback(move |result: Result<u32, Error>| sender.send(result).unwrap())
        };
        make().run_in_thread(|_| Ok(1)).wait();
        make().complete(Ok(2));
        make().complete_in_idle(Ok(3));
        iterate(context);
        make().run_in_thread(|_| Ok(4));
        iterate_until(context, || ends.try_iter().any(|end| matches!(end, Ok(4))));
    });
}

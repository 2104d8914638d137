//! The span of a task: its fields, and an outcome for each way to end.

use std::{
    cell::RefCell,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{Builder, Error, QioTask, inspect, set_inspecting};

#[cfg(target_os = "linux")]
use crate::common::{
    is_child,
    refusal::{in_child_with_large_stacks, refuse_threads, start_glib},
};
use crate::{
    common::{flag, gate, iterate, iterate_until, on_dying_context},
    spans::traced,
};

/// Ends a task of this builder.
type End = fn(Builder, &MainContext);

/// Runs the loop until the callback of a task that `start` has begun was called.
fn until_called(
    builder: Builder,
    context: &MainContext,
    start: impl FnOnce(QioTask<u32>) -> Option<QioTask<u32>>,
) {
    let (ended, has_ended) = flag();
    let task = builder.callback(move |_: Result<u32, Error>| ended.set(true));
    let kept = start(task);
    iterate_until(context, || has_ended.get());
    drop(kept);
}

fn failure() -> glib::Error {
    glib::Error::new(gio::IOErrorEnum::Busy, "for the test")
}

#[test]
fn of_each_way_to_end() {
    let ends: [(&str, End); 12] = [
        ("completed", |builder, _| {
            builder.callback(|_: Result<u32, Error>| {}).complete(Ok(1));
        }),
        ("completed", |builder, context| {
            until_called(builder, context, |task| {
                task.complete_in_idle(Ok(1));
                None
            });
        }),
        ("completed", |builder, _| {
            let task = builder.callback(|_: Result<u32, Error>| {});
            task.run_in_thread(|_| Ok(1)).wait();
        }),
        ("completed", |builder, context| {
            until_called(builder, context, |task| {
                task.poll_every(Duration::from_millis(1), || ControlFlow::Break(Ok(1)));
                None
            });
        }),
        ("completed", |builder, context| {
            let task = builder.callback_on(context, |_: Result<u32, Error>| {});
            task.complete(Ok(1));
        }),
        ("failed", |builder, _| {
            let task = builder.callback(|_: Result<u32, Error>| {});
            task.complete(Err(failure()));
        }),
        ("failed", |builder, _| {
            let task = builder.callback(|_: Result<u32, Error>| {});
            task.run_in_thread(|_| Err(failure())).wait();
        }),
        ("cancelled", |builder, context| {
            let cancellable = gio::Cancellable::new();
            cancellable.cancel();
            until_called(builder.cancellable(&cancellable), context, Some);
        }),
        ("timed out", |builder, context| {
            let builder = builder.timeout(Duration::from_millis(1));
            until_called(builder, context, Some);
        }),
        ("abandoned", |builder, context| {
            until_called(builder, context, |task| {
                drop(task);
                None
            });
        }),
        ("panicked", |builder, _| {
            let task = builder.callback(|_: Result<u32, Error>| {});
            task.run_in_thread(|_| panic!("for the test")).wait();
        }),
        ("completed", |builder, _| {
            let task = builder.callback(|_: Result<u32, Error>| panic!("for the test"));
            let panic = catch_unwind(AssertUnwindSafe(|| task.complete(Ok(1))));
            assert!(panic.is_err());
        }),
    ];
    for (number, (outcome, end)) in ends.into_iter().enumerate() {
        traced(|context, spans| {
            end(QioTask::builder().name("it"), context);
            iterate(context);
            let seen = spans.named("it");
            assert_eq!(seen.outcome(), outcome, "{number}");
            seen.assert_closed();
        });
    }
}

#[cfg(target_os = "linux")]
const REFUSED: &str = "outcomes::of_a_thread_that_was_refused";

#[test]
#[cfg(target_os = "linux")]
fn of_a_thread_that_was_refused() {
    if !is_child(REFUSED) {
        in_child_with_large_stacks(REFUSED);
        return;
    }
    traced(|_, spans| {
        start_glib();
        refuse_threads();
        let task = QioTask::builder()
            .name("it")
            .callback(|_: Result<(), Error>| {});
        task.run_in_thread(|_| Ok(())).wait();
        let seen = spans.named("it");
        assert_eq!(seen.outcome(), "refused");
        seen.assert_closed();
    });
}

#[test]
fn of_a_context_that_died() {
    traced(|_, spans| {
        on_dying_context(|_| {
            let named = |name| {
                let builder = QioTask::builder().name(name);
                builder.callback(|_: Result<u32, Error>| {})
            };
            named("queued").complete_in_idle(Ok(1));
            named("driven").poll_every(Duration::from_secs(100), || ControlFlow::Continue(()));
            assert_eq!(spans.named("queued").closes, 0);
        });
        for name in ["queued", "driven"] {
            let seen = spans.named(name);
            assert_eq!(seen.outcome(), "dropped", "{name}");
            seen.assert_closed();
        }
    });
}

#[test]
fn of_a_context_that_died_while_a_worker_ran() {
    traced(|_, spans| {
        let (gate, wait) = gate();
        on_dying_context(|_| {
            QioTask::builder()
                .name("it")
                .callback(|_: Result<u32, Error>| {})
                .run_in_thread(move |_| {
                    wait();
                    Ok(1)
                });
            gate.wait_for_arrival();
        });
        assert_eq!(spans.named("it").outcome(), "dropped");
        assert_eq!(spans.named("it").closes, 0, "its worker is inside of it");
        gate.open();
        crate::common::wait_until(|| spans.named("it").closes == 1);
        spans.named("it").assert_closed();
    });
}

#[test]
fn its_fields() {
    set_inspecting(true);
    traced(|context, spans| {
        let source = gio::SimpleAction::new("source", None);
        let task = QioTask::builder()
            .name("lookup")
            .source(&source)
            .callback(|_, _: Result<u32, Error>| {});
        let id = inspect().into_iter().find(|task| task.is_on(context));
        let id = id.expect("it is in flight").id();
        let fields = spans.named("lookup").fields;
        assert_eq!(fields["task"], id.to_string());
        assert_eq!(fields["source"], "GSimpleAction");
        assert!(fields["context"].starts_with("0x"), "{fields:?}");
        assert!(!fields.contains_key("outcome"), "it has not ended");
        task.complete(Ok(1));

        let other = MainContext::default();
        let builder = QioTask::builder().name("on the default");
        let task = builder.callback_on(&other, |_: Result<u32, Error>| {});
        let fields = spans.named("on the default").fields;
        assert_eq!(fields["context"], "default");
        assert!(!fields.contains_key("source"), "{fields:?}");
        drop(task);
        let owner = other.acquire();
        iterate(&other);
        drop(owner);
    });
}

#[test]
fn without_a_name() {
    traced(|context, spans| {
        QioTask::builder()
            .callback(|_: Result<u32, Error>| {})
            .complete(Ok(1));
        QioTask::builder()
            .callback(|_: Result<u32, Error>| {})
            .complete_in_idle(Ok(1));
        iterate(context);
        let all = spans.all();
        assert_eq!(all.len(), 2);
        for seen in all {
            assert!(!seen.fields.contains_key("name"), "{seen:?}");
            assert_eq!(seen.outcome(), "completed");
            seen.assert_closed();
        }
    });
}

#[test]
fn it_is_a_child_of_the_span_that_it_is_made_in() {
    traced(|_, spans| {
        let request = tracing::info_span!("request");
        let number = request.id().map(|id| id.into_u64());
        request.in_scope(|| {
            let builder = QioTask::builder().name("inside");
            let task = builder.callback(|_: Result<u32, Error>| {});
            task.complete(Ok(1));
        });
        assert_eq!(spans.named("inside").parent, number);
    });
}

#[test]
fn it_is_entered_where_its_worker_and_its_callback_run() {
    traced(|_, spans| {
        let worker = Rc::new(RefCell::new(None));
        let slot = worker.clone();
        QioTask::builder()
            .name("it")
            .callback(move |result: Result<_, Error>| *slot.borrow_mut() = result.ok())
            .run_in_thread(|_| Ok(thread::current().id()))
            .wait();
        let worker = worker.take().unwrap();
        let seen = spans.named("it");
        assert_eq!(seen.entered, [worker, thread::current().id()]);
        seen.assert_closed();
    });
}

#[test]
fn a_late_worker_keeps_it_open() {
    traced(|context, spans| {
        let (gate, wait) = gate();
        let (ended, has_ended) = flag();
        let running = QioTask::builder()
            .name("it")
            .callback(move |_: Result<u32, Error>| ended.set(true))
            .run_in_thread(move |_| {
                wait();
                Ok(1)
            });
        gate.wait_for_arrival();
        running.cancel();
        iterate_until(context, || has_ended.get());
        let seen = spans.named("it");
        assert_eq!(seen.outcome(), "cancelled");
        assert_eq!((seen.closes, seen.exits), (0, 1));
        gate.open();
        running.wait();
        crate::common::wait_until(|| spans.named("it").closes == 1);
        spans.named("it").assert_closed();
    });
}

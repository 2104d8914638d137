//! Callbacks that hold the main loop, each test in a process of its own: the
//! limit is the whole process's, and a warning is not to be fatal.
//!
//! What is to be slow holds the loop for longer than the limit, however busy the
//! machine is. What is not has a limit that nothing here comes near to.

use std::{
    cell::Cell,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use glib::{IOCondition, MainContext};
use qio_task::{
    Error, Messages, Progress, QioTask, SlowCallback, set_slow_callback_limit, slow_callback_limit,
    slow_callbacks,
};

use crate::{
    common::{flag, is_child, iterate, iterate_until, process::Process, sockets::connected},
    views::any_end,
};

const LIMIT: Duration = Duration::from_millis(1);

/// Longer than the limit.
const HELD: Duration = Duration::from_millis(20);

fn hold() {
    thread::sleep(HELD);
}

/// Runs `body` in the process of `test`, with this limit; here, returns what
/// that has warned of.
fn warnings_of(
    test: &str,
    limit: Option<Duration>,
    body: impl FnOnce(&MainContext),
) -> Option<Vec<String>> {
    if is_child(test) {
        set_slow_callback_limit(limit);
        assert_eq!(slow_callback_limit(), limit);
        let context = MainContext::new();
        context
            .with_thread_default(|| {
                body(&context);
                iterate(&context);
            })
            .unwrap();
        return None;
    }
    let (lines, status) = Process::of_test(test, None).end();
    assert!(status.success(), "{lines:#?}");
    let warnings = lines.into_iter();
    let warnings = warnings.filter(|line| line.contains("qio-task-WARNING"));
    Some(warnings.collect())
}

/// The only place that was slow.
#[track_caller]
fn only_place() -> SlowCallback {
    let mut slow = slow_callbacks();
    assert_eq!(slow.len(), 1, "{slow:?}");
    slow.remove(0)
}

const ONCE: &str = "slow::once_for_each_place_and_counted";

#[test]
fn once_for_each_place_and_counted() {
    let warnings = warnings_of(ONCE, Some(LIMIT), |context| {
        for number in 0..3 {
            let task = QioTask::builder()
                .name("lookup")
                .callback(|_: Result<(), Error>| hold());
            match number {
                0 => task.complete(Ok(())),
                1 => task.complete_in_idle(Ok(())),
                _ => task.run_in_thread(|_| Ok(())).wait(),
            }
            iterate(context);
        }
        let slow = only_place();
        assert_eq!(slow.count(), 3);
        assert!(slow.longest() >= HELD);
        assert_eq!(slow.name(), Some("lookup"));
        assert_eq!(slow.location().file(), file!());
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    for word in [
        "callback",
        "\"lookup\"",
        file!(),
        "held the main loop",
        "ms",
    ] {
        assert!(warnings[0].contains(word), "{word} in {}", warnings[0]);
    }
}

const PLACES: &str = "slow::the_slowest_place_comes_first";

#[test]
fn the_slowest_place_comes_first() {
    let warnings = warnings_of(PLACES, Some(LIMIT), |_| {
        let fast = QioTask::builder()
            .name("fast")
            .callback(|_: Result<(), Error>| hold());
        let slow = QioTask::builder()
            .name("slow")
            .callback(|_: Result<(), Error>| {
                hold();
                hold();
            });
        slow.complete(Ok(()));
        fast.complete(Ok(()));
        let places = slow_callbacks();
        assert_eq!(places.len(), 2);
        assert!(places[0].longest() >= places[1].longest());
        assert_ne!(places[0].location(), places[1].location());
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    assert!(warnings[0].contains("slow") && warnings[1].contains("fast"));
}

const LONGEST: &str = "slow::a_place_is_known_by_the_longest";

#[test]
fn a_place_is_known_by_the_longest() {
    let warnings = warnings_of(LONGEST, Some(LIMIT), |_| {
        for (name, times) in [("short", 1), ("long", 5), ("middle", 2)] {
            let task = QioTask::builder().name(name);
            task.callback(move |_: Result<(), Error>| (0..times).for_each(|_| hold()))
                .complete(Ok(()));
        }
        let slow = only_place();
        assert_eq!((slow.name(), slow.count()), (Some("long"), 3));
        assert!(slow.longest() >= 5 * HELD);
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
}

const NAMELESS: &str = "slow::a_task_without_a_name";

#[test]
fn a_task_without_a_name() {
    let warnings = warnings_of(NAMELESS, Some(LIMIT), |context| {
        let callback = |_: Result<(), Error>| hold();
        QioTask::builder()
            .callback(callback)
            .complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(only_place().name(), None);
        assert_eq!(only_place().location().file(), file!());
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains(file!()), "{}", warnings[0]);
}

const ANY: &str = "slow::for_whoever_owns_the_context";

#[test]
fn for_whoever_owns_the_context() {
    let warnings = warnings_of(ANY, Some(LIMIT), |context| {
        for name in ["a", "b"] {
            let task = QioTask::builder()
                .name(name)
                .callback_on(context, |_: Result<(), Error>| hold());
            task.complete(Ok(()));
        }
        assert_eq!(only_place().count(), 2);
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
}

const WATCH: &str = "slow::the_function_of_a_socket";

#[test]
fn the_function_of_a_socket() {
    let warnings = warnings_of(WATCH, Some(LIMIT), |context| {
        let (ended, has_ended) = flag();
        let (near, far) = connected();
        QioTask::builder()
            .name("handshake")
            .callback(move |_: Result<(), Error>| ended.set(true))
            .watch_socket(&near, IOCondition::IN, |_| {
                hold();
                ControlFlow::Break(Ok(()))
            });
        drop(far);
        iterate_until(context, || has_ended.get());
        let slow = slow_callbacks();
        assert!(
            slow.iter().any(|slow| slow.name() == Some("handshake")),
            "{slow:?}"
        );
    });
    let Some(warnings) = warnings else { return };
    assert!(warnings[0].contains("handshake"), "{warnings:#?}");
}

const POLL: &str = "slow::the_function_of_an_interval";

#[test]
fn the_function_of_an_interval() {
    let warnings = warnings_of(POLL, Some(LIMIT), |context| {
        let (ended, has_ended) = flag();
        let mut rounds = 0..3;
        QioTask::builder()
            .name("poll")
            .callback(move |_: Result<(), Error>| ended.set(true))
            .poll_every(LIMIT, move || {
                hold();
                match rounds.next() {
                    Some(_) => ControlFlow::Continue(()),
                    None => ControlFlow::Break(Ok(())),
                }
            });
        iterate_until(context, || has_ended.get());
        let slow = slow_callbacks();
        let of_poll = slow.iter().find(|slow| slow.name() == Some("poll"));
        assert!(of_poll.is_some_and(|slow| slow.count() >= 4), "{slow:?}");
    });
    let Some(warnings) = warnings else { return };
    assert!(warnings[0].contains("poll"), "{warnings:#?}");
}

const PROGRESS: &str = "slow::a_function_of_progress";

/// Runs what `make` returns twice, in the process of `test`, where that holds the loop for long, and
/// returns the one warning.
fn warning_of_two<C: Fn()>(test: &str, make: impl FnOnce() -> C) -> Option<String> {
    let warnings = warnings_of(test, Some(LIMIT), |context| {
        let call = make();
        for _ in 0..2 {
            call();
            iterate(context);
        }
        let slow = only_place();
        assert_eq!((slow.name(), slow.count()), (None, 2));
        assert_eq!(slow.location().file(), file!());
    })?;
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains(file!()), "{}", warnings[0]);
    warnings.into_iter().next()
}

#[test]
fn a_function_of_progress() {
    warning_of_two(PROGRESS, || {
        let progress = Progress::new(|(): ()| hold());
        move || progress.report(())
    });
}

const MESSAGES: &str = "slow::a_function_of_messages";

#[test]
fn a_function_of_messages() {
    let warning = warning_of_two(MESSAGES, || {
        let messages = Messages::new(2, |(): ()| hold());
        move || messages.send(()).unwrap()
    });
    let Some(warning) = warning else { return };
    assert!(warning.contains("messages"), "{warning}");
}

const FAST: &str = "slow::one_that_is_fast_is_not_told_of";

#[test]
fn one_that_is_fast_is_not_told_of() {
    let hour = Some(Duration::from_hours(1));
    let warnings = warnings_of(FAST, hour, |context| {
        for _ in 0..1_000 {
            QioTask::builder()
                .callback(any_end::<()>())
                .complete(Ok(()));
            QioTask::builder()
                .callback(any_end::<()>())
                .complete_in_idle(Ok(()));
        }
        iterate(context);
        assert!(slow_callbacks().is_empty());
    });
    let Some(warnings) = warnings else { return };
    assert!(warnings.is_empty(), "{warnings:#?}");
}

const WAITS: &str = "slow::a_callback_that_waits_for_a_worker_holds_the_loop";

#[test]
fn a_callback_that_waits_for_a_worker_holds_the_loop() {
    let warnings = warnings_of(WAITS, Some(LIMIT), |context| {
        QioTask::builder()
            .name("waits")
            .callback(|_: Result<(), Error>| {
                let task = QioTask::builder().callback(any_end::<()>());
                let work = |_: &qio_task::Worker| {
                    hold();
                    Ok(())
                };
                task.run_in_thread(work).wait();
            })
            .complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(slow_callbacks()[0].name(), Some("waits"));
    });
    let Some(warnings) = warnings else { return };
    assert!(warnings.iter().any(|line| line.contains("waits")));
}

const LIMITS: &str = "slow::limits_of_nothing_and_without_an_end";

#[test]
fn limits_of_nothing_and_without_an_end() {
    let warnings = warnings_of(LIMITS, Some(Duration::ZERO), |_| {
        let callback = |_: Result<(), Error>| hold();
        let make = || QioTask::builder().callback(callback);
        for _ in 0..2 {
            make().complete(Ok(()));
        }
        assert_eq!(only_place().count(), 2);
        set_slow_callback_limit(Some(Duration::MAX));
        make().complete(Ok(()));
        assert_eq!(only_place().count(), 2);
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
}

const OFF: &str = "slow::off_nothing_is_told_of";

#[test]
fn off_nothing_is_told_of() {
    let warnings = warnings_of(OFF, None, |context| {
        let held = |_: Result<(), Error>| hold();
        QioTask::builder().callback(held).complete(Ok(()));
        QioTask::builder().callback(held).complete_in_idle(Ok(()));
        Progress::new(|(): ()| hold()).report(());
        iterate(context);
        assert!(slow_callbacks().is_empty());
    });
    let Some(warnings) = warnings else { return };
    assert!(warnings.is_empty(), "{warnings:#?}");
}

/// What a nested loop may hold up in total and what it lasts for: so far apart
/// that no noise is taken for the one or the other.
const LONG_LIMIT: Duration = Duration::from_secs(1);
const LONGER: Duration = Duration::from_millis(1_200);

const NESTED: &str = "slow::a_nested_loop_does_not_hold_the_loop";

#[test]
fn a_nested_loop_does_not_hold_the_loop() {
    let warnings = warnings_of(NESTED, Some(LONG_LIMIT), |context| {
        let its_context = context.clone();
        let done = Rc::new(Cell::new(0));
        let is_done = done.clone();
        let callback = move |_: Result<(), Error>| {
            let start = Instant::now();
            iterate_until(&its_context, || start.elapsed() >= LONGER);
            done.set(done.get() + 1);
        };
        QioTask::builder()
            .callback(callback.clone())
            .complete(Ok(()));
        QioTask::builder()
            .callback(callback)
            .complete_in_idle(Ok(()));
        iterate_until(context, || is_done.get() == 2);
        assert!(slow_callbacks().is_empty(), "{:?}", slow_callbacks());
    });
    let Some(warnings) = warnings else { return };
    assert!(warnings.is_empty(), "{warnings:#?}");
}

const BEFORE: &str = "slow::what_is_held_before_a_nested_loop_counts";

#[test]
fn what_is_held_before_a_nested_loop_counts() {
    let warnings = warnings_of(BEFORE, Some(LIMIT), |context| {
        let its_context = context.clone();
        QioTask::builder()
            .name("both")
            .callback(move |_: Result<(), Error>| {
                hold();
                iterate(&its_context);
            })
            .complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(only_place().count(), 1);
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
}

const PANIC: &str = "slow::a_callback_that_panics_leaves_no_trace_in_the_next";

#[test]
fn a_callback_that_panics_leaves_no_trace_in_the_next() {
    let warnings = warnings_of(PANIC, Some(LONG_LIMIT), |_| {
        let panicking = QioTask::builder().callback(|_: Result<(), Error>| panic!("for the test"));
        let panic = catch_unwind(AssertUnwindSafe(|| panicking.complete(Ok(()))));
        assert!(panic.is_err());
        thread::sleep(LONGER);
        QioTask::builder()
            .callback(any_end::<()>())
            .complete(Ok(()));
        assert!(slow_callbacks().is_empty(), "{:?}", slow_callbacks());
    });
    let Some(warnings) = warnings else { return };
    assert!(warnings.is_empty(), "{warnings:#?}");
}

const INLINE: &str = "slow::what_a_callback_does_between_two_that_it_calls_inline";

#[test]
fn what_a_callback_does_between_two_that_it_calls_inline() {
    let warnings = warnings_of(INLINE, Some(LIMIT), |_| {
        let inner = || {
            let task = QioTask::builder().callback(any_end::<()>());
            task.complete(Ok(()));
        };
        let outer = QioTask::builder().name("outer");
        let outer = outer.callback(move |_: Result<(), Error>| {
            inner();
            hold();
            inner();
        });
        outer.complete(Ok(()));
        let slow = slow_callbacks();
        let is_outer = |slow: &SlowCallback| slow.name() == Some("outer");
        assert!(slow.iter().any(is_outer), "{slow:?}");
    });
    let Some(warnings) = warnings else { return };
    let is_of_outer = |line: &String| line.contains("\"outer\"");
    assert!(warnings.iter().any(is_of_outer), "{warnings:#?}");
}

const SWITCHED: &str = "slow::switched_by_the_callback_itself";

#[test]
fn switched_by_the_callback_itself() {
    let warnings = warnings_of(SWITCHED, Some(LIMIT), |_| {
        let off = |_: Result<(), Error>| set_slow_callback_limit(None);
        QioTask::builder().callback(off).complete(Ok(()));
        let on = |_: Result<(), Error>| {
            hold();
            set_slow_callback_limit(Some(LIMIT));
        };
        QioTask::builder().callback(on).complete(Ok(()));
        set_slow_callback_limit(None);
        set_slow_callback_limit(Some(LIMIT));
        let held = |_: Result<(), Error>| hold();
        QioTask::builder()
            .name("last")
            .callback(held)
            .complete(Ok(()));
        let slow = slow_callbacks();
        assert!(
            slow.iter().any(|slow| slow.name() == Some("last")),
            "{slow:?}"
        );
    });
    let Some(warnings) = warnings else { return };
    assert!(!warnings.is_empty());
}

const IN_NESTED: &str = "slow::one_in_a_nested_loop_is_told_of_and_not_who_nests";

#[test]
fn one_in_a_nested_loop_is_told_of_and_not_who_nests() {
    let warnings = warnings_of(IN_NESTED, Some(LONG_LIMIT), |context| {
        let its_context = context.clone();
        QioTask::builder()
            .name("outer")
            .callback(move |_: Result<(), Error>| {
                let (ended, has_ended) = flag();
                QioTask::builder()
                    .name("inner")
                    .callback(move |_: Result<(), Error>| {
                        thread::sleep(LONGER);
                        ended.set(true);
                    })
                    .complete_in_idle(Ok(()));
                iterate_until(&its_context, || has_ended.get());
            })
            .complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(only_place().name(), Some("inner"));
    });
    let Some(warnings) = warnings else { return };
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
}

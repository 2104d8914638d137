//! What is told of a task beside its state.

use std::{collections::BTreeSet, panic::Location, sync::mpsc, thread, time::Duration};

use gio::prelude::*;
use glib::{IOCondition, MainContext};
use qio_task::{Builder, Error, QioTask, TaskInfo, TaskState, inspect, spawn_blocking};

use crate::{
    common::{
        Dropped, Gate, PATIENCE, count, gate, iterate, on_context, sockets::connected, wait_until,
    },
    views::{any_end, assert_none_on, on_inspected_context, only_task_on, tasks_on},
};

/// The line that this is on.
#[track_caller]
fn here() -> u32 {
    Location::caller().line()
}

#[track_caller]
fn assert_made_at(task: &TaskInfo, line: u32) {
    assert_eq!(task.location().file(), file!());
    assert_eq!(task.location().line(), line, "{task:?}");
}

#[test]
#[rustfmt::skip] // A task and its line are on one line.
fn where_it_was_made() {
    on_inspected_context(|context| {
        let source = gio::Cancellable::new();
        let other = MainContext::new();
        let only = || only_task_on(context);

        let (task, line) = (QioTask::new(&source, |_, _: Result<u32, Error>| {}), here());
        assert_made_at(&only(), line);
        task.complete(Ok(1));
        let (task, line) = (QioTask::builder().callback(any_end::<u32>()), here());
        assert_made_at(&only(), line);
        task.complete(Ok(1));
        let (task, line) = (QioTask::builder().source(&source).callback(|_, _: Result<u32, Error>| {}), here());
        assert_made_at(&only(), line);
        task.complete(Ok(1));
        let (task, line) = (QioTask::builder().name("a").callback(any_end::<u32>()), here());
        assert_made_at(&only(), line);
        task.complete(Ok(1));
        let (task, line) = (QioTask::builder().callback_on(&other, any_end::<u32>()), here());
        assert_made_at(&only_task_on(&other), line);
        drop(task);
        let ((task, future), line) = (QioTask::builder().future::<u32, glib::Error>(), here());
        assert_made_at(&only(), line);
        task.complete(Ok(1));
        drop(future);
        let ((task, future), line) = (QioTask::builder().source(&source).future::<u32, glib::Error>(), here());
        assert_made_at(&only(), line);
        task.complete(Ok(1));
        drop(future);
        let (gate, wait) = gate();
        let (future, line) = (spawn_blocking(move |_| { wait(); Ok::<_, glib::Error>(1) }), here());
        assert_made_at(&only(), line);
        gate.open();
        assert_eq!(context.block_on(future).unwrap(), 1);
        assert_none_on(context);
    });
}

#[test]
fn where_it_was_made_and_not_where_it_was_started() {
    on_inspected_context(|context| {
        let (near, _far) = connected();
        let (task, line) = (QioTask::builder().callback(any_end::<()>()), here());
        let watch = task.watch_socket(&near, IOCondition::IN, |_| unreachable!());
        assert_made_at(&only_task_on(context), line);
        watch.cancel();
        iterate(context);

        let (task, line) = (QioTask::builder().callback(any_end::<()>()), here());
        let (gate, wait) = gate();
        let running = task.run_in_thread(move |_| {
            wait();
            Ok(())
        });
        assert_made_at(&only_task_on(context), line);
        gate.open();
        running.wait();
        assert_none_on(context);
    });
}

/// A task that somebody else's function makes, as a library would.
#[track_caller]
fn make(builder: Builder) -> QioTask<u32> {
    builder.callback(any_end())
}

#[test]
fn where_the_caller_of_a_tracked_function_is() {
    on_inspected_context(|context| {
        let (task, line) = (make(QioTask::builder()), here());
        assert_made_at(&only_task_on(context), line);
        task.complete(Ok(1));
    });
}

#[test]
fn its_name_source_priority_and_context() {
    on_inspected_context(|context| {
        let other = MainContext::new();
        let source = gio::SimpleAction::new("source", None);
        let task = QioTask::builder()
            .name("lookup")
            .priority(glib::Priority::HIGH)
            .source(&source)
            .callback(|_, _: Result<u32, Error>| {});
        let seen = only_task_on(context);
        assert_eq!(seen.name(), Some("lookup"));
        assert_eq!(seen.source_type(), Some(gio::SimpleAction::static_type()));
        assert_eq!(seen.priority(), glib::Priority::HIGH);
        assert!(seen.is_on(context) && !seen.is_on(&other));
        task.complete(Ok(1));

        let task = QioTask::builder().callback(any_end::<u32>());
        let seen = only_task_on(context);
        assert_eq!(seen.name(), None);
        assert_eq!(seen.source_type(), None);
        assert_eq!(seen.priority(), glib::Priority::DEFAULT_IDLE);
        task.complete(Ok(1));

        let task = QioTask::builder().callback_on(&other, any_end::<u32>());
        let seen = only_task_on(&other);
        assert!(seen.is_on(&other) && !seen.is_on(context));
        drop(task);
    });
}

#[test]
fn a_context_that_has_died_is_no_other_one() {
    qio_task::set_inspecting(true);
    // So many that the allocator gives the place of some of them away again.
    let (gates, late): (Vec<_>, Vec<_>) = (0..8)
        .map(|_| {
            let context = MainContext::new();
            let (gate, wait) = gate();
            let (late, dropped) = Dropped::anywhere();
            let made = context.with_thread_default(|| {
                let task = QioTask::builder().callback(any_end::<Dropped>());
                task.run_in_thread(move |_| {
                    wait();
                    Ok(late)
                });
            });
            made.unwrap();
            gate.wait_for_arrival();
            assert_eq!(tasks_on(&context).len(), 1);
            (gate, dropped)
        })
        .unzip();
    let others: Vec<_> = (0..8).map(|_| MainContext::new()).collect();
    others.iter().for_each(assert_none_on);
    gates.into_iter().for_each(Gate::open);
    // What comes late is dropped by who has made it.
    wait_until(|| late.iter().all(|dropped| count(dropped) == 1));
}

#[test]
fn the_type_of_a_source_is_its_own_and_not_the_one_it_was_given_as() {
    on_inspected_context(|context| {
        let source: glib::Object = gio::SimpleAction::new("source", None).upcast();
        let task = QioTask::new(&source, |_, _: Result<u32, Error>| {});
        let seen = only_task_on(context).source_type();
        assert_eq!(seen, Some(gio::SimpleAction::static_type()));
        task.complete(Ok(1));

        let builder = QioTask::builder().source(&source);
        let (task, _future) = builder.future::<u32, glib::Error>();
        let seen = only_task_on(context).source_type();
        assert_eq!(seen, Some(gio::SimpleAction::static_type()));
        task.complete(Ok(1));
    });
}

#[test]
fn its_age_grows() {
    on_inspected_context(|context| {
        let task = QioTask::builder().callback(any_end::<u32>());
        let first = only_task_on(context).age();
        wait_until(|| only_task_on(context).age() >= first + Duration::from_millis(2));
        task.complete(Ok(1));
    });
}

#[test]
fn the_oldest_comes_first() {
    on_inspected_context(|context| {
        // Each on a thread of its own, one after the other.
        let tasks: Vec<QioTask<u32>> = (0..20)
            .map(|number: i32| {
                let context = context.clone();
                let name = number.to_string();
                let make = move || {
                    QioTask::builder()
                        .name(&name)
                        .callback_on(&context, any_end::<u32>())
                };
                thread::spawn(make).join().unwrap()
            })
            .collect();
        let seen = tasks_on(context);
        let names: Vec<_> = seen.iter().filter_map(TaskInfo::name).collect();
        let expected: Vec<_> = (0..20).map(|number: i32| number.to_string()).collect();
        assert_eq!(names, expected);
        assert!(seen.is_sorted_by(|older, younger| older.age() >= younger.age()));
        drop(tasks);
    });
}

#[test]
fn ids_are_unique() {
    qio_task::set_inspecting(true);
    let makers: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(|| {
                on_context(|context| {
                    let mut ids = Vec::new();
                    for _ in 0..250 {
                        let task = QioTask::builder().callback(any_end::<u32>());
                        ids.push(only_task_on(context).id());
                        task.complete(Ok(1));
                    }
                    ids
                })
            })
        })
        .collect();
    let ids = makers.into_iter().flat_map(|maker| maker.join().unwrap());
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 1_000);
}

#[test]
fn the_same_id_for_as_long_as_it_lives() {
    on_inspected_context(|context| {
        let task = QioTask::builder()
            .name("a")
            .callback(|_: Result<u32, Error>| {});
        let id = only_task_on(context).id();
        let task = thread::spawn(move || task).join().unwrap();
        assert_eq!(only_task_on(context).id(), id);
        task.complete_in_idle(Ok(1));
        assert_eq!(only_task_on(context).id(), id);
        iterate(context);
        assert_none_on(context);
    });
}

#[test]
fn a_line_tells_it_all() {
    on_inspected_context(|context| {
        let source = gio::SimpleAction::new("source", None);
        let task = QioTask::builder()
            .name("lookup")
            .source(&source)
            .callback(|_, _: Result<u32, Error>| {});
        let seen = only_task_on(context);
        let line = seen.to_string();
        for word in ["lookup", file!(), "GSimpleAction"] {
            assert!(line.contains(word), "{word} in {line}");
        }
        assert!(line.contains(&seen.state().to_string()), "{line}");
        assert!(!line.contains('\n'), "{line}");
        task.complete(Ok(1));
    });
}

#[test]
fn each_state_has_a_word_of_its_own() {
    use TaskState::{Delivering, Driven, Held, Late, Queued, Running, Waiting};
    let states = [Held, Driven, Waiting, Running, Queued, Delivering, Late];
    let words: BTreeSet<_> = states.iter().map(ToString::to_string).collect();
    assert_eq!(words.len(), states.len(), "{words:?}");
    assert!(words.iter().all(|word| !word.is_empty()));
}

#[test]
fn from_any_thread() {
    on_inspected_context(|context| {
        let task = QioTask::builder()
            .name("seen from elsewhere")
            .callback(|_: Result<u32, Error>| {});
        let is_seen = || {
            inspect()
                .iter()
                .any(|task| task.name() == Some("seen from elsewhere"))
        };
        assert!(thread::spawn(is_seen).join().unwrap());
        task.complete(Ok(1));
        assert!(!thread::spawn(is_seen).join().unwrap());
        assert_none_on(context);
    });
}

#[test]
fn no_name_can_break_the_line() {
    on_inspected_context(|context| {
        let task = QioTask::builder()
            .name("a\nlist \u{1b}[31m of its own")
            .callback(|_: Result<u32, Error>| {});
        let line = only_task_on(context).to_string();
        assert!(!line.contains(['\n', '\u{1b}']), "{line:?}");
        task.complete(Ok(1));
    });
}

#[test]
fn the_oldest_comes_first_however_young() {
    on_inspected_context(|context| {
        let tasks: Vec<QioTask<u32>> = (0..5_000)
            .map(|number: i32| {
                let builder = QioTask::builder().name(&number.to_string());
                builder.callback(|_: Result<u32, Error>| {})
            })
            .collect();
        for _ in 0..20 {
            let seen = tasks_on(context);
            let numbers = seen.iter().filter_map(TaskInfo::name);
            let numbers: Vec<i32> = numbers.map(|name| name.parse().unwrap()).collect();
            assert_eq!(numbers.len(), 5_000);
            assert!(numbers.is_sorted(), "all are asked at the same moment");
        }
        drop(tasks);
    });
}

#[test]
fn the_thread_of_its_worker() {
    on_inspected_context(|context| {
        for name in [None, Some("lookup"), Some("a name of more than 15 bytes")] {
            let (gate, wait) = gate();
            let (sender, thread) = mpsc::channel();
            let running = crate::common::builder(name)
                .callback(any_end::<u32>())
                .run_in_thread(move |_| {
                    sender.send(kernel_name()).unwrap();
                    wait();
                    Ok(1)
                });
            gate.wait_for_arrival();
            let seen = only_task_on(context);
            let (number, kernel_name) = thread.recv_timeout(PATIENCE).unwrap();
            if cfg!(target_os = "linux") {
                assert_eq!(seen.thread_id(), number);
                assert_eq!(seen.thread_name(), kernel_name.as_deref());
            }
            gate.open();
            running.wait();
        }
    });
}

/// The number and the name that debuggers and profilers show of this thread.
fn kernel_name() -> (Option<u32>, Option<String>) {
    let read = |path| std::fs::read_to_string(path).ok();
    let number = std::fs::read_link("/proc/thread-self").ok();
    let number = number.and_then(|path| path.file_name()?.to_str()?.parse().ok());
    let name = read("/proc/thread-self/comm").map(|name| name.trim_end_matches('\n').to_owned());
    (number, name)
}

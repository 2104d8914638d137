//! Each state is seen in the situation that it names.

use std::{
    cell::RefCell, num::NonZero, ops::ControlFlow, rc::Rc, sync::mpsc, thread, time::Duration,
};

use gio::prelude::*;
use glib::{IOCondition, MainContext};
use qio_task::{Error, QioTask, Running, TaskInfo, TaskState};

use crate::{
    common::{
        PATIENCE, builder, busy_worker, flag, gate, iterate, iterate_until, passes_in_child,
        sockets, wait_until,
    },
    views::{any_end, assert_none_on, on_inspected_context, only_task_on, states_on, tasks_on},
};

/// A task that is settled by its owner alone, and one that others may end.
const NAMES: [Option<&str>; 2] = [None, Some("named")];

/// What a callback sees of its own task.
fn look_into(
    seen: &Rc<RefCell<Vec<TaskState>>>,
    context: &MainContext,
) -> impl FnOnce(Result<u32, Error>) + use<> {
    let (seen, context) = (seen.clone(), context.clone());
    move |_| seen.borrow_mut().extend(states_on(&context))
}

#[test]
fn held_until_it_is_completed() {
    on_inspected_context(|context| {
        for name in NAMES {
            let task = builder(name).callback(any_end::<u32>());
            assert_eq!(only_task_on(context).state(), TaskState::Held);
            assert_eq!(only_task_on(context).thread_name(), None, "nothing runs");
            assert_eq!(only_task_on(context).thread_id(), None);
            task.complete(Ok(1));
            assert_none_on(context);
        }
    });
}

#[test]
fn held_for_whoever_owns_the_context() {
    on_inspected_context(|context| {
        for name in NAMES {
            let task = builder(name).callback_on(context, any_end::<u32>());
            assert_eq!(only_task_on(context).state(), TaskState::Held);
            task.complete(Ok(1));
            assert_none_on(context);
        }
    });
}

#[test]
fn held_by_another_thread() {
    on_inspected_context(|context| {
        for name in NAMES {
            let task = builder(name).callback(any_end::<u32>());
            let (gate, wait) = gate();
            let holder = thread::spawn(move || {
                wait();
                task.complete(Ok(1));
            });
            gate.wait_for_arrival();
            assert_eq!(only_task_on(context).state(), TaskState::Held);
            gate.open();
            holder.join().unwrap();
            assert_eq!(only_task_on(context).state(), TaskState::Queued);
            iterate(context);
            assert_none_on(context);
        }
    });
}

#[test]
fn waiting_for_its_own_thread_while_another_one_iterates_its_context() {
    let this = "states::waiting_for_its_own_thread_while_another_one_iterates_its_context";
    if passes_in_child(this) {
        return;
    }
    qio_task::set_inspecting(true);
    let (made, is_made) = mpsc::channel();
    let (gate, wait) = gate();
    let maker = thread::spawn(move || {
        let end = builder(Some("completed")).callback(any_end::<u32>());
        end.complete_in_idle(Ok(1));
        let driven = builder(Some("driven")).callback(any_end::<u32>());
        driven.poll_every(Duration::from_millis(1), || ControlFlow::Break(Ok(1)));
        made.send(()).unwrap();
        wait();
        let context = MainContext::default();
        iterate_until(&context, || tasks_on(&context).is_empty());
    });
    is_made.recv().unwrap();
    let context = MainContext::default();
    iterate_until(&context, || {
        states_on(&context) == [TaskState::WrongThread, TaskState::WrongThread]
    });
    for task in tasks_on(&context) {
        let line = task.to_string();
        assert!(line.contains("another one iterates its context"), "{line}");
    }
    // It is found there all the same.
    gate.open();
    maker.join().unwrap();
}

#[test]
fn held_for_a_future() {
    on_inspected_context(|context| {
        let (task, future) = QioTask::builder().future::<u32, glib::Error>();
        assert_eq!(only_task_on(context).state(), TaskState::Held);
        task.complete(Ok(1));
        assert_none_on(context);
        assert_eq!(context.block_on(future).unwrap(), 1);
    });
}

#[test]
fn driven_by_a_socket() {
    on_inspected_context(|context| {
        for name in NAMES {
            let (near, far) = sockets::connected();
            let (ended, has_ended) = flag();
            let _watch = builder(name)
                .callback(move |_: Result<(), Error>| ended.set(true))
                .watch_socket(&near, IOCondition::IN, |_| ControlFlow::Break(Ok(())));
            assert_eq!(only_task_on(context).state(), TaskState::Driven);
            drop(far);
            iterate_until(context, || has_ended.get());
            assert_none_on(context);
        }
    });
}

#[test]
fn driven_at_an_interval_and_running_in_its_function() {
    on_inspected_context(|context| {
        for name in NAMES {
            let seen = Rc::new(RefCell::new(Vec::new()));
            let (ended, has_ended) = flag();
            let (log, its_context) = (seen.clone(), context.clone());
            let _watch = builder(name)
                .callback(move |_: Result<(), Error>| ended.set(true))
                .poll_every(Duration::from_millis(1), move || {
                    log.borrow_mut().extend(states_on(&its_context));
                    ControlFlow::Break(Ok(()))
                });
            assert_eq!(only_task_on(context).state(), TaskState::Driven);
            iterate_until(context, || has_ended.get());
            assert_eq!(seen.take(), [TaskState::Running]);
            assert_none_on(context);
        }
    });
}

const WAITING: &str = "states::waiting_for_a_thread";

#[test]
fn waiting_for_a_thread() {
    // In a process of its own: the maximum is the whole process's.
    if passes_in_child(WAITING) {
        return;
    }
    qio_task::set_max_threads(NonZero::<usize>::MIN);
    on_inspected_context(|context| {
        let (gate, busy) = busy_worker();
        let waiting = NAMES.map(|name| {
            builder(name)
                .callback(any_end::<u32>())
                .run_in_thread(|_| Ok(1))
        });
        assert_eq!(
            states_on(context),
            [TaskState::Running, TaskState::Waiting, TaskState::Waiting]
        );
        for task in &tasks_on(context)[1..] {
            assert_eq!((task.thread_name(), task.thread_id()), (None, None));
        }
        gate.open();
        busy.wait();
        waiting.into_iter().for_each(Running::wait);
        assert_none_on(context);
    });
}

#[test]
fn running_in_its_thread() {
    on_inspected_context(|context| {
        for name in NAMES {
            let (gate, wait) = gate();
            let running = builder(name)
                .callback(any_end::<u32>())
                .run_in_thread(move |_| {
                    wait();
                    Ok(1)
                });
            gate.wait_for_arrival();
            let task = only_task_on(context);
            assert_eq!(task.state(), TaskState::Running);
            assert_eq!(task.name(), name);
            gate.open();
            running.wait();
            assert_none_on(context);
        }
    });
}

#[test]
fn running_in_a_thread_of_its_own() {
    on_inspected_context(|context| {
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .dedicated_thread()
            .callback(any_end::<u32>())
            .run_in_thread(move |_| {
                wait();
                Ok(1)
            });
        gate.wait_for_arrival();
        assert_eq!(only_task_on(context).state(), TaskState::Running);
        gate.open();
        running.wait();
        assert_none_on(context);
    });
}

#[test]
fn running_as_its_worker_sees_itself() {
    on_inspected_context(|context| {
        let (sender, seen) = mpsc::channel();
        QioTask::builder()
            .name("introspective")
            .callback(any_end::<u32>())
            .run_in_thread(move |_| {
                let tasks = qio_task::inspect();
                let own = tasks
                    .iter()
                    .find(|task| task.name() == Some("introspective"));
                sender.send(own.map(TaskInfo::state)).unwrap();
                Ok(1)
            })
            .wait();
        assert_eq!(
            seen.recv_timeout(PATIENCE).unwrap(),
            Some(TaskState::Running)
        );
        assert_none_on(context);
    });
}

#[test]
fn queued_until_the_loop_comes_to_it() {
    on_inspected_context(|context| {
        for name in NAMES {
            builder(name)
                .callback(any_end::<u32>())
                .complete_in_idle(Ok(1));
            assert_eq!(only_task_on(context).state(), TaskState::Queued);
            iterate(context);
            assert_none_on(context);
        }
    });
}

#[test]
fn queued_for_whoever_owns_the_context() {
    on_inspected_context(|context| {
        for name in NAMES {
            builder(name)
                .callback_on(context, any_end::<u32>())
                .complete_in_idle(Ok(1));
            assert_eq!(only_task_on(context).state(), TaskState::Queued);
            iterate(context);
            assert_none_on(context);
        }
    });
}

#[test]
fn queued_when_it_is_abandoned() {
    on_inspected_context(|context| {
        for name in NAMES {
            drop(builder(name).callback(any_end::<u32>()));
            assert_eq!(only_task_on(context).state(), TaskState::Queued);
            iterate(context);
            assert_none_on(context);
        }
    });
}

#[test]
fn queued_when_its_worker_has_returned() {
    on_inspected_context(|context| {
        for name in NAMES {
            let (ended, has_ended) = flag();
            builder(name)
                .callback(move |_: Result<u32, Error>| ended.set(true))
                .run_in_thread(|_| Ok(1));
            wait_until(|| only_task_on(context).state() == TaskState::Queued);
            assert_eq!(only_task_on(context).thread_id(), None, "it has left");
            iterate_until(context, || has_ended.get());
            assert_none_on(context);
        }
    });
}

#[test]
fn queued_when_it_is_cancelled_while_it_is_held() {
    on_inspected_context(|context| {
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(any_end::<u32>());
        assert_eq!(only_task_on(context).state(), TaskState::Held);
        cancellable.cancel();
        assert_eq!(only_task_on(context).state(), TaskState::Queued);
        iterate(context);
        assert_none_on(context);
        task.complete(Ok(1));
        assert_none_on(context);
    });
}

#[test]
fn queued_when_it_is_cancelled_while_its_worker_runs() {
    on_inspected_context(|context| {
        let (gate, running) = busy_worker();
        running.cancel();
        assert_eq!(only_task_on(context).state(), TaskState::Queued);
        gate.open();
        running.wait();
        assert_none_on(context);
    });
}

#[test]
fn delivering_while_its_callback_runs() {
    on_inspected_context(|context| {
        let end_inline: fn(QioTask<u32>) = |task| task.complete(Ok(1));
        let end_in_idle = |task: QioTask<u32>| {
            task.complete_in_idle(Ok(1));
        };
        let end_by_wait = |task: QioTask<u32>| task.run_in_thread(|_| Ok(1)).wait();
        for end in [end_inline, end_in_idle, end_by_wait] {
            for name in NAMES {
                let seen = Rc::default();
                end(builder(name).callback(look_into(&seen, context)));
                iterate(context);
                assert_eq!(seen.take(), [TaskState::Delivering], "{name:?}");
                assert_none_on(context);
            }
        }
    });
}

#[test]
fn delivering_to_whoever_owns_the_context() {
    on_inspected_context(|context| {
        for name in NAMES {
            let (sender, seen) = mpsc::channel();
            let its_context = context.clone();
            builder(name)
                .callback_on(context, move |_: Result<u32, Error>| {
                    sender.send(states_on(&its_context)).unwrap();
                })
                .complete(Ok(1));
            assert_eq!(seen.try_recv().unwrap(), [TaskState::Delivering]);
            assert_none_on(context);
        }
    });
}

#[test]
fn delivering_while_other_callbacks_run_in_it() {
    on_inspected_context(|context| {
        let seen = Rc::default();
        let look = look_into(&seen, context);
        QioTask::builder()
            .callback(move |_: Result<u32, Error>| {
                QioTask::builder().callback(look).complete(Ok(2));
            })
            .complete(Ok(1));
        assert_eq!(seen.take(), [TaskState::Delivering; 2]);
        assert_none_on(context);
    });
}

#[test]
fn delivering_in_the_thread_of_the_loop() {
    on_inspected_context(|context| {
        let (sender, seen) = mpsc::channel();
        let its_context = context.clone();
        QioTask::builder()
            .callback(move |_: Result<u32, Error>| sender.send(only_task_on(&its_context)).unwrap())
            .complete(Ok(1));
        let task = seen.try_recv().unwrap();
        let this = thread::current();
        let name = task.thread_name().unwrap();
        // The kernel keeps 15 bytes of it.
        assert!(this.name().unwrap().starts_with(name), "{name}");
        #[cfg(target_os = "linux")]
        assert_eq!(task.thread_id(), Some(this_thread()));
    });
}

/// The kernel's number of this thread.
#[cfg(target_os = "linux")]
pub fn this_thread() -> u32 {
    let link = std::fs::read_link("/proc/thread-self").unwrap();
    let number = link.file_name().unwrap().to_str().unwrap();
    number.parse().unwrap()
}

#[test]
fn late_when_its_worker_takes_no_notice() {
    on_inspected_context(|context| {
        let (ended, has_ended) = flag();
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .callback(move |_: Result<u32, Error>| ended.set(true))
            .run_in_thread(move |_| {
                wait();
                Ok(1)
            });
        gate.wait_for_arrival();
        let worker = only_task_on(context);
        running.cancel();
        iterate_until(context, || has_ended.get());
        let late = only_task_on(context);
        assert_eq!(late.state(), TaskState::Late);
        assert_eq!(late.id(), worker.id());
        assert_eq!(late.thread_id(), worker.thread_id());
        assert_eq!(late.thread_name(), worker.thread_name());
        gate.open();
        wait_until(|| tasks_on(context).is_empty());
        running.wait();
        iterate(context);
        assert_none_on(context);
    });
}

#[test]
fn late_when_it_has_timed_out() {
    on_inspected_context(|context| {
        let (ended, has_ended) = flag();
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .timeout(Duration::from_millis(1))
            .callback(move |_: Result<u32, Error>| ended.set(true))
            .run_in_thread(move |_| {
                wait();
                Ok(1)
            });
        iterate_until(context, || has_ended.get());
        // With its time up before it has a thread, it never starts.
        let states = states_on(context);
        assert!(
            states.is_empty() || states == [TaskState::Late],
            "{states:?}"
        );
        drop(gate);
        wait_until(|| tasks_on(context).is_empty());
        running.wait();
    });
}

#[test]
fn late_when_its_context_has_died() {
    let (gate, wait) = gate();
    let id = on_inspected_context(|context| {
        QioTask::builder()
            .name("bereaved")
            .callback(any_end::<u32>())
            .run_in_thread(move |_| {
                wait();
                Ok(1)
            });
        gate.wait_for_arrival();
        only_task_on(context).id()
    });
    let task = || qio_task::inspect().into_iter().find(|task| task.id() == id);
    let late = task().expect("its worker still runs");
    assert_eq!(late.state(), TaskState::Late);
    gate.open();
    wait_until(|| task().is_none());
}

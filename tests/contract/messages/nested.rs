//! The callback of messages iterates a loop, or ends their task.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    thread,
    time::Duration,
};

use qio_task::{Messages, QioTask, Running};

use super::{END, all_and_end, iterate, sender, task, task_of};
use crate::common::{Log, iterate_until, on_context};

type Slot<T> = Rc<Cell<Option<T>>>;

/// Messages whose callback, at the value 1, calls `nested` before it says that it has returned.
fn nesting(bound: usize, log: &Log<u32>, nested: impl FnOnce() + 'static) -> Messages<u32> {
    let (log, mut nested) = (log.clone(), Some(nested));
    let depth = Cell::new(0);
    Messages::new(bound, move |value| {
        depth.set(depth.get() + 1);
        assert_eq!(depth.get(), 1, "it calls itself");
        if value == 1 {
            nested.take().unwrap()();
        }
        log.push(value);
        depth.set(depth.get() - 1);
    })
}

#[test]
fn what_comes_up_in_a_nested_loop_comes_after_that_in_order() {
    on_context(|context| {
        let log = Log::new();
        let again: Rc<RefCell<Option<Messages<u32>>>> = Rc::default();
        let messages = nesting(10, &log, {
            let (context, again) = (context.clone(), again.clone());
            move || {
                again.borrow().as_ref().unwrap().send(3).unwrap();
                iterate(&context);
                again.borrow().as_ref().unwrap().send(4).unwrap();
                iterate(&context);
            }
        });
        again.replace(Some(messages.clone()));
        for value in 0..3 {
            messages.send(value).unwrap();
        }
        iterate(context);
        assert_eq!(log.take(), [0, 1, 2, 3, 4]);
        again.take();
    });
}

#[test]
fn what_is_left_after_a_long_nested_loop_is_not_forgotten() {
    on_context(|context| {
        let log = Log::new();
        let messages = nesting(10, &log, {
            let (context, log) = (context.clone(), log.clone());
            move || {
                // After this nothing of their priority is due.
                task(QioTask::builder(), &log).complete_in_idle(Ok(()));
                iterate(&context);
                // Longer than a turn.
                thread::sleep(Duration::from_millis(10));
            }
        });
        for value in 0..4 {
            messages.send(value).unwrap();
        }
        iterate(context);
        assert_eq!(log.take(), [0, END, 1, 2, 3]);
    });
}

#[test]
fn other_tasks_and_messages_are_delivered_in_the_nested_loop() {
    on_context(|context| {
        let log = Log::new();
        let other = sender(10, &log);
        let messages = nesting(10, &log, {
            let (context, log, other) = (context.clone(), log.clone(), other.clone());
            move || {
                other.send(7).unwrap();
                let ended = Log::new();
                task(QioTask::builder(), &ended).run_in_thread(|_| Ok(()));
                iterate_until(&context, || ended.contains(&END));
                assert_eq!(log.take(), [0, 7]);
            }
        });
        for value in 0..3 {
            messages.send(value).unwrap();
        }
        iterate(context);
        assert_eq!(log.take(), [1, 2]);
    });
}

#[test]
fn a_task_that_ends_in_the_nested_loop_is_told_when_what_is_left_has_come() {
    for way in ["idle", "inline", "worker", "waited for", "cancelled"] {
        on_context(|context| {
            let log = Log::new();
            let slot: Slot<QioTask<(), glib::Error>> = Slot::default();
            let messages = nesting(10, &log, {
                let (context, slot) = (context.clone(), slot.clone());
                move || {
                    let task = slot.take().unwrap();
                    match way {
                        "idle" => task.complete_in_idle(Ok(())),
                        "inline" => task.complete(Ok(())),
                        "worker" => drop(task.run_in_thread(|_| Ok(()))),
                        "waited for" => task.run_in_thread(|_| Ok(())).wait(),
                        _ => task.run_in_thread(|_| Ok(())).cancel(),
                    }
                    let mut turns = 0;
                    iterate_until(&context, || {
                        turns += 1;
                        turns > 5
                    });
                }
            });
            slot.set(Some(task_of(&messages, &log)));
            for value in 0..4 {
                messages.send(value).unwrap();
            }
            iterate_until(context, || log.contains(&END));
            iterate(context);
            assert_eq!(log.take(), all_and_end(4), "{way}");
        });
    }
}

#[test]
fn a_task_that_ends_in_the_callback_of_the_last_one_is_told_there() {
    for way in ["inline", "waited for"] {
        on_context(|context| {
            let log = Log::new();
            let slot: Slot<QioTask<(), glib::Error>> = Slot::default();
            let messages = nesting(1, &log, {
                let (log, slot) = (log.clone(), slot.clone());
                move || {
                    let task = slot.take().unwrap();
                    match way {
                        "inline" => task.complete(Ok(())),
                        _ => task.run_in_thread(|_| Ok(())).wait(),
                    }
                    assert_eq!(log.take(), [0, END], "{way}");
                }
            });
            slot.set(Some(task_of(&messages, &log)));
            messages.send(0).unwrap();
            iterate(context);
            messages.send(1).unwrap();
            iterate(context);
            assert_eq!(log.take(), [1]);
        });
    }
}

#[test]
fn a_worker_is_waited_for_in_the_callback_though_it_goes_on_sending() {
    on_context(|context| {
        let log = Log::new();
        let slot: Slot<Running> = Slot::default();
        let messages = nesting(10, &log, {
            let slot = slot.clone();
            move || slot.take().unwrap().wait()
        });
        messages.send(0).unwrap();
        messages.send(1).unwrap();
        let own = messages.clone();
        let pending = task_of(&messages, &log);
        slot.set(Some(pending.run_in_thread(move |_| {
            own.send(2)?;
            Ok(own.send(3)?)
        })));
        iterate_until(context, || log.contains(&END));
        assert_eq!(log.take(), all_and_end(4));
    });
}

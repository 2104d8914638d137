//! The tasks of a thread: in no order, while some are made and others end.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use crate::{
    MainContext,
    home::{Counted, counted},
    node::{completer::Completer, node::Level},
    support::{Ended, cancel, complete, level, on_context, task, task_on},
};

/// The level of this thread, and how many references on it there are without a task: each
/// task has one, and the thread keeps that of the last one.
fn used_level() -> (Arc<Level>, usize) {
    let level = level();
    complete(task(|_: Ended<()>| {}), Ok(()));
    let kept = Arc::strong_count(&level);
    (level, kept)
}

type Tasks = Rc<RefCell<Vec<Completer<Vec<u32>, ()>>>>;

/// Completes some of `tasks`, the last ones and the first ones, and makes others.
fn churn(tasks: &Tasks, count: &Rc<Cell<usize>>) {
    for at in [0, usize::MAX, 2, 1] {
        let completer = {
            let mut tasks = tasks.borrow_mut();
            let last = tasks.len().checked_sub(1);
            last.map(|last| tasks.swap_remove(at.min(last)))
        };
        if let Some(completer) = completer {
            complete(completer, Ok(vec![1]));
        }
        let captured = Counted::of(count);
        tasks.borrow_mut().push(task(move |_: Ended<Vec<u32>>| {
            let _captured = captured;
        }));
    }
}

/// Makes and completes tasks of the thread's default context as it is dropped.
struct Churns(Tasks, Rc<Cell<usize>>);

impl Drop for Churns {
    fn drop(&mut self) {
        churn(&self.0, &self.1);
    }
}

/// A callback drops another context, on which tasks wait among those of its own: their
/// destructors make others, and complete them.
#[test]
fn a_context_dies_while_a_callback_makes_and_completes_tasks() {
    on_context(|_| {
        let (level, before) = used_level();
        let tasks = Tasks::default();
        let (ended, captured) = counted();
        let dying = MainContext::new();
        let (dropped, of_dying) = counted();
        for index in 0..12 {
            let captured = Counted::of(&ended);
            tasks.borrow_mut().push(task(move |_: Ended<Vec<u32>>| {
                let _captured = captured;
            }));
            dying
                .with_thread_default(|| {
                    let churns = Churns(tasks.clone(), ended.clone());
                    let counted = Counted::of(&dropped);
                    let completer = task(move |_: Ended<Vec<u32>>| {
                        let _captured = (&churns, &counted);
                        unreachable!("it is dropped")
                    });
                    match index % 3 {
                        0 => completer.complete_in_idle(Ok(vec![index])),
                        1 => cancel(completer.node()),
                        _ => {}
                    }
                })
                .unwrap();
            let anywhere = task_on(&dying, |_: Ended<()>| unreachable!("it is dropped"));
            anywhere.complete_in_idle(Ok(()));
        }
        let (in_callback, its_count) = (tasks.clone(), ended.clone());
        complete(
            task(move |_: Ended<()>| {
                churn(&in_callback, &its_count);
                drop(dying);
                churn(&in_callback, &its_count);
            }),
            Ok(()),
        );
        assert_eq!(dropped.get(), 12);
        while let Some(completer) = { tasks.borrow_mut().pop() } {
            complete(completer, Ok(Vec::new()));
        }
        assert_eq!(ended.get(), 12 + 4 * (12 + 2), "each is called once");
        assert_eq!(Arc::strong_count(&level), before, "nothing is kept");
        drop((captured, of_dying));
    });
}

/// Each is found where it is after others have ended.
#[test]
fn tasks_that_end_in_any_order() {
    on_context(|context| {
        let (level, before) = used_level();
        let (ended, captured) = counted();
        for order in [[0, 0, 0, 0], [3, 2, 1, 0], [1, 2, 0, 0], [2, 0, 1, 0]] {
            let mut tasks: Vec<_> = (0..4)
                .map(|_| {
                    let captured = Counted::of(&ended);
                    task(move |_: Ended<u8>| {
                        let _captured = captured;
                    })
                })
                .collect();
            for at in order {
                let completer = tasks.remove(at);
                if at % 2 == 0 {
                    completer.complete_in_idle(Ok(1));
                    while context.iterate() {}
                } else {
                    complete(completer, Ok(2));
                }
            }
        }
        assert_eq!(ended.get(), 16);
        assert_eq!(Arc::strong_count(&level), before, "nothing is kept");
        drop(captured);
    });
}

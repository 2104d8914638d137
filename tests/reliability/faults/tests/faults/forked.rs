//! The library in a child that was forked after the first task: it says so, and does not hang.

use std::{
    cell::{Cell, RefCell},
    num::NonZero,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    task::{Context, Waker},
    thread,
    time::Duration,
};

use futures_core::Stream;
use glib::{IOCondition, MainContext};
use qio_task::{Error, Messages, Progress, QioTask, Running};

use crate::{
    common::{PATIENCE, on_context, panics::panic_of, passes_in_child},
    ends::Ends,
    processes::{amid_workers, code_of},
    system::{Forked, fork},
};

fn task() -> QioTask<()> {
    QioTask::builder().callback(|_| {})
}

fn running() -> Running {
    task().run_in_thread(|_| Ok(()))
}

/// Calls `deed` in a child, which has to pass.
fn in_forked_child(deed: impl FnOnce()) {
    let deed = RefCell::new(Some(deed));
    let child = fork(&Forked::Call(&|| {
        let deed = deed.take().expect("there is one child");
        i32::from(catch_unwind(AssertUnwindSafe(deed)).is_err())
    }));
    assert_eq!(code_of(child), Some(0));
}

/// The library refuses this in a child, on its own line.
macro_rules! refused {
    ($deed:expr) => {
        in_forked_child(|| {
            let message = panic_of(|| {
                #[allow(clippy::let_underscore_future, reason = "it is refused")]
                let _ = $deed;
            });
            assert!(message.contains("was forked"), "{message}");
            assert!(!message.contains('\n'), "{message}");
        })
    };
}

#[test]
fn every_way_to_make_a_task_is_refused() {
    if passes_in_child("forked::every_way_to_make_a_task_is_refused") {
        return;
    }
    amid_workers(|| {
        let context = MainContext::ref_thread_default();
        let object = gio::Cancellable::new();
        for _ in 0..10 {
            refused!(QioTask::builder().callback(|_: Result<(), Error>| {}));
            refused!(QioTask::new(&object, |_, _: Result<(), Error>| {}));
            refused!(QioTask::builder().callback_on(&context, |_: Result<(), Error>| {}));
            refused!(QioTask::builder().future::<(), Error>());
            refused!(qio_task::spawn_blocking(|_| Ok::<_, Error>(())));
            refused!(qio_task::spawn_infallible(|_| ()));
            refused!(Progress::new(|(): ()| {}));
        }
    });
}

#[test]
fn every_way_to_go_on_is_refused() {
    if passes_in_child("forked::every_way_to_go_on_is_refused") {
        return;
    }
    amid_workers(|| {
        let second = Duration::from_secs(1);
        for _ in 0..10 {
            let [one, two, three, four, five] = [(); 5].map(|()| task());
            refused!(one.complete(Ok(())));
            refused!(two.complete_in_idle(Ok(())));
            refused!(three.run_in_thread(|_| Ok(())));
            refused!(four.poll_every(second, || ControlFlow::Continue(())));
            refused!(five.watch_fd(0, IOCondition::IN, |_| ControlFlow::Continue(())));
            let (waited_for, cancelled) = (running(), running());
            refused!(cancelled.wait_for_worker());
            let mut ended = pin!(cancelled.worker_ended());
            refused!(ended.as_mut().poll(&mut Context::from_waker(Waker::noop())));
            refused!(waited_for.wait());
            refused!(cancelled.cancel());
            let watch = task().poll_every(second, || ControlFlow::Continue(()));
            refused!(watch.cancel());
            watch.cancel();
            let progress = Progress::new(|(): ()| {});
            refused!(progress.report(()));
            let messages = Messages::new(1, |(): ()| {});
            refused!(messages.send(()));
            refused!(messages.try_send(()));
            let (sender, stream) = Messages::<()>::stream(1);
            refused!(sender.send(()));
            let mut stream = pin!(stream);
            refused!(
                stream
                    .as_mut()
                    .poll_next(&mut Context::from_waker(Waker::noop()))
            );
            let (_task, future) = QioTask::builder().future::<(), Error>();
            let mut awaited = pin!(qio_task::spawn_blocking(|_| Ok::<_, Error>(())));
            refused!(
                awaited
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
            );
            refused!(future.detach());
        }
    });
}

#[test]
fn the_settings_are_refused() {
    if passes_in_child("forked::the_settings_are_refused") {
        return;
    }
    amid_workers(|| {
        for _ in 0..10 {
            refused!(qio_task::set_max_threads(NonZero::<usize>::MIN));
            refused!(qio_task::max_threads());
            refused!(qio_task::set_max_idle_time(Duration::ZERO));
            refused!(qio_task::max_idle_time());
            refused!(qio_task::set_stack_size(1 << 20));
            refused!(qio_task::stack_size());
            refused!(qio_task::inspect());
            refused!(qio_task::set_inspecting(true));
            refused!(qio_task::slow_callbacks());
            refused!(qio_task::set_slow_callback_limit(None));
        }
    });
}

/// As it unwinds from what it was refused, or leaves a scope.
#[test]
fn what_the_parent_has_made_is_dropped_without_a_word() {
    if passes_in_child("forked::what_the_parent_has_made_is_dropped_without_a_word") {
        return;
    }
    amid_workers(|| {
        for _ in 0..50 {
            let (promise, future) = QioTask::builder().future::<(), Error>();
            let awaited = qio_task::spawn_blocking(|_| Ok::<_, Error>(()));
            let progress = Progress::new(|(): ()| {});
            let watch = task().poll_every(Duration::MAX, || ControlFlow::Continue(()));
            let all = (task(), running(), progress, promise, future, awaited);
            in_forked_child(move || drop(all));
            watch.cancel();
        }
    });
}

#[test]
fn a_child_may_end_as_any_program() {
    if passes_in_child("forked::a_child_may_end_as_any_program") {
        return;
    }
    amid_workers(|| {
        let (task, _progress) = (task(), Progress::new(|(): ()| {}));
        for _ in 0..50 {
            assert_eq!(code_of(fork(&Forked::Exit(8))), Some(8));
        }
        task.complete(Ok(()));
    });
}

/// It has the parent's descriptors: what wakes the parent is the parent's.
#[test]
fn a_child_that_iterates_a_context_leaves_it_to_the_parent() {
    if passes_in_child("forked::a_child_that_iterates_a_context_leaves_it_to_the_parent") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let foreign = |number: usize| {
            let task = QioTask::builder().callback_on(context, ends.of::<()>(number));
            thread::spawn(move || {
                // Its loop sleeps by then, or it is told without being woken.
                thread::sleep(Duration::from_millis(50));
                task.complete(Ok(()));
            })
        };
        // The context is woken, and has not noticed.
        foreign(0).join().unwrap();
        let child = fork(&Forked::Call(&|| {
            for _ in 0..20 {
                context.iteration(false);
            }
            i32::try_from(ends.len()).unwrap()
        }));
        assert_eq!(
            code_of(child),
            Some(0),
            "the child has told the parent's task"
        );
        let is_late = Rc::new(Cell::new(false));
        let late = glib::timeout_source_new(PATIENCE, None, glib::Priority::DEFAULT, {
            let is_late = glib::thread_guard::ThreadGuard::new(is_late.clone());
            move || {
                is_late.get_ref().set(true);
                glib::ControlFlow::Break
            }
        });
        late.attach(Some(context));
        let thread = foreign(1);
        while ends.len() < 2 && !is_late.get() {
            context.iteration(true);
        }
        late.destroy();
        thread.join().unwrap();
        assert!(!is_late.get(), "the context was not woken");
    });
}

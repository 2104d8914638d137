//! The library in a child that was forked after the first task: it says so, and does not hang.

use std::{
    cell::RefCell,
    num::NonZero,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use glib::{IOCondition, MainContext};
use qio_task::{Error, Progress, QioTask, Running};

use crate::{
    common::{panics::panic_of, passes_in_child},
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
            refused!(waited_for.wait());
            refused!(cancelled.cancel());
            let watch = task().poll_every(second, || ControlFlow::Continue(()));
            refused!(watch.cancel());
            watch.cancel();
            let progress = Progress::new(|(): ()| {});
            refused!(progress.report(()));
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

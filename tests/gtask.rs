//! What a task shows of itself as a `GTask`.
#![cfg(feature = "gtask")]

mod common;

use std::{cell::Cell, rc::Rc, thread, time::Duration};

use common::{iterate, iterate_until, on_context, on_dying_context};
use gio::{ffi, prelude::*};
use glib::{
    Priority,
    translate::{from_glib, from_glib_full, from_glib_none},
};
use qio_task::{Error, QioTask};

unsafe extern "C" {
    fn g_task_get_name(task: *mut ffi::GTask) -> *const std::ffi::c_char;
}

/// A `GTask` through the C functions that ask it.
struct Face(gio::AsyncResult);

impl Face {
    fn of<T, E>(task: &QioTask<T, E>) -> Self {
        Self(task.async_result().expect("at home"))
    }

    fn ptr(&self) -> *mut ffi::GTask {
        let result: *mut ffi::GAsyncResult = self.0.as_ptr();
        result.cast()
    }

    fn had_error(&self) -> bool {
        // SAFETY: it is a valid GTask.
        unsafe { from_glib(ffi::g_task_had_error(self.ptr())) }
    }

    fn completed(&self) -> bool {
        // SAFETY: it is a valid GTask.
        unsafe { from_glib(ffi::g_task_get_completed(self.ptr())) }
    }

    fn priority(&self) -> Priority {
        // SAFETY: it is a valid GTask.
        unsafe { from_glib(ffi::g_task_get_priority(self.ptr())) }
    }

    fn name(&self) -> Option<String> {
        // SAFETY: it is a valid GTask, and keeps its name.
        let name: Option<glib::GString> = unsafe { from_glib_none(g_task_get_name(self.ptr())) };
        name.map(String::from)
    }

    fn cancellable(&self) -> Option<gio::Cancellable> {
        // SAFETY: it is a valid GTask.
        unsafe { from_glib_none(ffi::g_task_get_cancellable(self.ptr())) }
    }

    fn context(&self) -> glib::MainContext {
        // SAFETY: it is a valid GTask.
        unsafe { from_glib_none(ffi::g_task_get_context(self.ptr())) }
    }

    /// What C code that is handed the result finds in it.
    fn propagate(&self) -> Result<bool, glib::Error> {
        let mut error = std::ptr::null_mut();
        // SAFETY: it is a valid GTask, and the error is passed to us.
        unsafe {
            let value = ffi::g_task_propagate_boolean(self.ptr(), &raw mut error);
            if error.is_null() {
                Ok(from_glib(value))
            } else {
                Err(from_glib_full(error))
            }
        }
    }

    /// Counts `notify::completed`.
    fn notified(&self) -> Rc<Cell<u32>> {
        let count = Rc::new(Cell::new(0));
        self.0.connect_notify_local(Some("completed"), {
            let count = count.clone();
            move |_, _| count.set(count.get() + 1)
        });
        count
    }
}

#[test]
fn it_is_a_gtask_with_the_builders_details() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let source = gio::Cancellable::new();
        let task = QioTask::builder()
            .name("lookup")
            .priority(Priority::HIGH_IDLE)
            .cancellable(&cancellable)
            .source(&source)
            .callback(|_, _: Result<(), Error>| {});
        let face = Face::of(&task);
        assert_eq!(face.0.type_().name(), "GTask");
        assert_eq!(face.name().as_deref(), Some("lookup"));
        assert_eq!(face.priority(), Priority::HIGH_IDLE);
        assert_eq!(face.cancellable(), Some(cancellable));
        assert_eq!(face.context(), *context);
        assert_eq!(face.0.source_object(), Some(source.upcast()));
        assert!(!face.completed() && !face.had_error());
        task.complete(Ok(()));
        iterate(context);
        assert!(face.completed() && !face.had_error());
    });
}

#[test]
fn it_had_an_error_where_the_callback_gets_one() {
    on_context(|context| {
        let end_within = |timeout, finish: fn(QioTask<()>)| {
            let task = QioTask::builder()
                .timeout(timeout)
                .callback(|_: Result<(), Error>| {});
            let face = Face::of(&task);
            let notified = face.notified();
            finish(task);
            iterate_until(context, || face.completed());
            iterate(context);
            assert_eq!(notified.get(), 1);
            let had_error = face.had_error();
            let result = face.propagate();
            assert_eq!(result.is_err(), had_error);
            result
        };
        let end = |finish| end_within(common::PATIENCE, finish);
        assert!(end(|task| task.complete(Ok(()))).unwrap());
        assert!(end(|task| task.complete_in_idle(Ok(()))).unwrap());
        assert!(end(|task| thread::spawn(|| task.complete(Ok(()))).join().unwrap()).unwrap());
        assert!(end(|task| drop(task.run_in_thread(|_| Ok(())))).unwrap());
        let error = end(|task| {
            task.complete(Err(glib::Error::new(gio::IOErrorEnum::Busy, "its own")));
        });
        let error = error.unwrap_err();
        assert!(error.matches(gio::IOErrorEnum::Busy) && error.message() == "its own");
        let error = end(|task| task.run_in_thread(|_| Ok(())).cancel());
        if let Err(error) = error {
            assert!(error.matches(gio::IOErrorEnum::Cancelled));
        }
        let error = end_within(Duration::from_millis(20), |task| {
            thread::spawn(move || {
                while !task.is_cancelled() {
                    thread::sleep(Duration::from_millis(1));
                }
            });
        });
        assert!(error.unwrap_err().matches(gio::IOErrorEnum::TimedOut));
    });
}

#[test]
fn had_error_and_completed_in_the_callback() {
    on_context(|context| {
        for inline in [true, false] {
            let face = Rc::new(std::cell::RefCell::new(None::<Face>));
            let seen = Rc::new(Cell::new(None));
            let task = QioTask::builder().callback({
                let (face, seen) = (face.clone(), seen.clone());
                move |_: Result<(), Error>| {
                    let face = face.borrow();
                    let face = face.as_ref().unwrap();
                    seen.set(Some((face.had_error(), face.completed())));
                }
            });
            face.replace(Some(Face::of(&task)));
            let error = Err(glib::Error::new(gio::IOErrorEnum::Busy, ""));
            if inline {
                task.complete(error);
            } else {
                task.complete_in_idle(error);
            }
            iterate(context);
            let (had_error, _) = seen.get().unwrap();
            assert!(had_error);
            assert!(face.borrow().as_ref().unwrap().completed());
        }
    });
}

#[test]
fn it_is_none_away_from_home_and_at_the_end() {
    on_context(|_| {
        let task = QioTask::builder().callback(|_: Result<(), Error>| {});
        thread::scope(|scope| {
            let task = &task;
            scope.spawn(move || assert!(task.async_result().is_none()));
        });
        assert!(task.async_result().is_some());
        task.complete(Ok(()));
    });
    let context = glib::MainContext::new();
    let task = QioTask::builder().callback_on(&context, |_: Result<(), Error>| {});
    assert!(task.async_result().is_none());
    task.complete(Ok(()));
}

#[test]
fn a_context_that_nobody_iterates_keeps_nothing() {
    let source = gio::Cancellable::new();
    let context = on_dying_context(|context| {
        for asks in [true, false].repeat(500) {
            let task = QioTask::<()>::new(&source, |_, _| {});
            assert!(!asks || task.async_result().is_some());
            task.complete(Ok(()));
            let task = QioTask::<()>::new(&source, |_, _| {});
            assert!(!asks || task.async_result().is_some());
            task.run_in_thread(|_| Ok(())).wait();
        }
        let alive = Rc::new(());
        let dies = Rc::downgrade(&alive);
        let never = glib::timeout_source_new(
            std::time::Duration::from_hours(1),
            None,
            glib::Priority::LOW,
            {
                let alive = glib::thread_guard::ThreadGuard::new(alive);
                move || {
                    let _ = alive.get_ref();
                    glib::ControlFlow::Continue
                }
            },
        );
        never.attach(Some(context));
        dies
    });
    assert_eq!(source.ref_count(), 1);
    assert!(context.upgrade().is_none(), "the context has died");
}

#[test]
fn what_nobody_asked_for_is_not_kept() {
    let source = gio::Cancellable::new();
    let context = glib::MainContext::new();
    context
        .with_thread_default(|| QioTask::<()>::new(&source, |_, _| {}).complete(Ok(())))
        .unwrap();
    assert_eq!(source.ref_count(), 1);
}

#[test]
fn a_panic_goes_around_the_frames_of_gtask() {
    on_context(|context| {
        let seen = Rc::new(Cell::new(false));
        let log = seen.clone();
        // In a dispatch of its context a GTask calls back at once.
        QioTask::builder()
            .callback(move |_: Result<(), Error>| {
                let task = QioTask::builder().callback(|_: Result<(), Error>| panic!("on purpose"));
                assert!(task.async_result().is_some());
                let completed = std::panic::AssertUnwindSafe(|| task.complete(Ok(())));
                let panic = std::panic::catch_unwind(completed).unwrap_err();
                log.set(panic.downcast_ref::<&str>() == Some(&"on purpose"));
            })
            .complete_in_idle(Ok(()));
        iterate(context);
        assert!(seen.get());
    });
}

#[test]
fn a_loop_in_its_callback_does_not_finish_it_again() {
    on_context(|context| {
        let (context, count) = (context.clone(), Rc::new(Cell::new(0)));
        let counted = count.clone();
        let task = QioTask::builder().callback(move |_: Result<(), Error>| {
            counted.set(counted.get() + 1);
            iterate(&context);
        });
        let face = Face::of(&task);
        // Whatever lets go of too many references does not free it.
        let kept = face.0.clone();
        task.complete(Ok(()));
        assert_eq!(count.get(), 1);
        assert_eq!(kept.ref_count(), 2);
    });
}

const AWAY: &str = "a_gtask_that_another_thread_finishes_leaks_its_source";

#[test]
fn a_gtask_that_another_thread_finishes_leaks_its_source() {
    if !common::is_child(AWAY) {
        let output = common::in_child(AWAY);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}");
        assert!(printed.contains("its source is leaked"), "{printed}");
        return;
    }
    let source = gio::Cancellable::new();
    let context = glib::MainContext::new();
    let calls = Rc::new(Cell::new(0));
    let log = calls.clone();
    let task = context
        .with_thread_default(|| {
            let task = QioTask::<()>::new(&source, move |_, _| log.set(log.get() + 1));
            assert!(task.async_result().is_some());
            task
        })
        .unwrap();
    // It owns the context as the task ends, so the GTask is left to it.
    let (owned, is_owned) = std::sync::mpsc::channel();
    let (end, is_ended) = std::sync::mpsc::channel::<()>();
    let other = std::thread::spawn({
        let context = context.clone();
        move || {
            let _owner = context.acquire().unwrap();
            owned.send(()).unwrap();
            is_ended.recv().unwrap();
            iterate(&context);
        }
    });
    is_owned.recv().unwrap();
    task.complete(Ok(()));
    assert_eq!(calls.get(), 1);
    end.send(()).unwrap();
    other.join().unwrap();
    drop(context);
    assert_eq!(
        source.ref_count(),
        2,
        "the last reference is not dropped there"
    );
}

//! The cases of QEMU's `test-io-task`, by their names and with their assertions.

mod common;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use common::on_context;
use glib::{MainLoop, prelude::*};
use qio_task::{Error, QioTask};

/// What the callback has seen.
#[derive(Default)]
struct TestData {
    source: RefCell<Option<glib::Object>>,
    error: RefCell<Option<glib::Error>>,
    thread: Cell<Option<ThreadId>>,
}

impl TestData {
    fn callback<T>(self: &Rc<Self>) -> impl FnOnce(&glib::Object, Result<T, Error>) + use<T> {
        let data = self.clone();
        move |source, result| {
            data.source.replace(Some(source.clone()));
            data.thread.set(Some(thread::current().id()));
            if let Err(Error::Failed(error)) = result {
                data.error.replace(Some(error));
            }
        }
    }
}

/// Stands for the opaque data of C: counts how often it is freed.
struct Opaque(Rc<Cell<u32>>);

impl Drop for Opaque {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

fn object() -> glib::Object {
    gio::Cancellable::new().upcast()
}

#[test]
fn complete() {
    on_context(|_| {
        let data = Rc::new(TestData::default());
        let source = object();
        let weak = source.downgrade();
        let task = QioTask::<(), _>::new(&source, data.callback());
        assert_eq!(task.source().as_ref(), Some(&source));

        task.complete(Ok(()));

        assert_eq!(data.source.take().as_ref(), Some(&source));
        assert!(data.error.take().is_none());
        assert_eq!(Rc::strong_count(&data), 1, "the callback has been freed");
        drop(source);
        common::iterate(&glib::MainContext::ref_thread_default());
        assert!(weak.upgrade().is_none(), "no reference is left behind");
    });
}

#[test]
fn datafree() {
    on_context(|_| {
        let freed = Rc::new(Cell::new(0));
        let opaque = Opaque(freed.clone());
        let data = Rc::new(TestData::default());
        let seen = data.callback::<()>();
        let task = QioTask::new(&object(), move |source, result| {
            let opaque = opaque;
            seen(source, result);
            assert_eq!(opaque.0.get(), 0, "not before the callback has run");
        });

        task.complete(Ok(()));

        assert!(data.source.take().is_some());
        assert_eq!(freed.get(), 1, "once");
    });
}

#[test]
fn failure() {
    on_context(|_| {
        let data = Rc::new(TestData::default());
        let source = object();
        let task = QioTask::<(), _>::new(&source, data.callback());
        let error = glib::Error::new(gio::IOErrorEnum::BrokenPipe, "Some error");

        task.complete(Err(error));

        assert_eq!(data.source.take().as_ref(), Some(&source));
        let seen = data.error.take().unwrap();
        assert!(seen.matches(gio::IOErrorEnum::BrokenPipe));
        assert_eq!(seen.message(), "Some error");
    });
}

/// An error that can be told from any other.
#[derive(Debug)]
struct Marked(Arc<()>);

#[test]
fn failure_is_the_very_error() {
    on_context(|_| {
        let mark = Arc::new(());
        let seen = Rc::new(RefCell::new(None));
        let task = QioTask::new(&object(), {
            let seen = seen.clone();
            move |_, result: Result<(), Error<Marked>>| drop(seen.replace(Some(result)))
        });

        task.complete(Err(Marked(mark.clone())));

        let Some(Err(Error::Failed(Marked(error)))) = seen.take() else {
            panic!("the error has not arrived");
        };
        assert!(Arc::ptr_eq(&error, &mark));
    });
}

/// Runs a worker that returns `result`, until the callback quits the loop.
fn run_in_thread(result: Result<u32, glib::Error>) -> (Rc<TestData>, ThreadId) {
    on_context(|context| {
        let data = Rc::new(TestData::default());
        let source = object();
        let main_loop = MainLoop::new(Some(context), false);
        let worker = Arc::new(Mutex::new(None));
        let seen = data.callback::<u32>();
        let expected = result.clone().ok();
        QioTask::new(&source, {
            let main_loop = main_loop.clone();
            move |source: &glib::Object, result| {
                assert_eq!(result.as_ref().ok(), expected.as_ref());
                seen(source, result);
                main_loop.quit();
            }
        })
        .run_in_thread({
            let worker = worker.clone();
            move |_| {
                *worker.lock().unwrap() = Some(thread::current().id());
                result
            }
        });

        main_loop.run();

        assert_eq!(data.source.take(), Some(source));
        assert_eq!(
            data.thread.get(),
            Some(thread::current().id()),
            "the callback ran in the loop's thread"
        );
        let worker = worker.lock().unwrap().unwrap();
        assert_ne!(worker, thread::current().id(), "the worker ran in another");
        (data, worker)
    })
}

#[test]
fn thread_complete() {
    let (data, _) = run_in_thread(Ok(123));
    assert!(data.error.take().is_none());
}

#[test]
fn thread_failure() {
    let error = glib::Error::new(gio::IOErrorEnum::HostNotFound, "Some error");
    let (data, _) = run_in_thread(Err(error));
    let seen = data.error.take().unwrap();
    assert!(seen.matches(gio::IOErrorEnum::HostNotFound));
    assert_eq!(seen.message(), "Some error");
}

//! libdex, used directly as C does: `libdex.c` makes every call of it, and here is what
//! it calls.
#![allow(unsafe_code)]

use std::{ffi::c_void, ops::ControlFlow, ptr};

use gio::{SimpleAction, ffi::GCancellable, prelude::*};
use glib::{
    ffi::{GFALSE, GTRUE, gboolean, gpointer},
    translate::ToGlibPtr,
};

use super::{Cancel, Foreign, Inline, Spawn};

/// libdex.
pub struct Libdex;

/// A `DexFuture` or a `DexPromise`.
type Future = *mut c_void;
/// A `DexThreadFunc` or a `DexFiberFunc`.
type Work = unsafe extern "C" fn(gpointer) -> Future;
/// A `DexFutureCallback`.
type Done = unsafe extern "C" fn(Future, gpointer) -> Future;
type Again = unsafe extern "C" fn(gpointer) -> gboolean;

unsafe extern "C" {
    #[cfg(libdex_pool)]
    fn contest_libdex_set_max_threads(max: std::ffi::c_uint);
    fn contest_libdex_nothing() -> Future;
    fn contest_libdex_run(work: Work, work_data: gpointer, done: Done, done_data: gpointer);
    fn contest_libdex_make(done: Done, done_data: gpointer) -> Future;
    fn contest_libdex_complete(promise: Future);
    fn contest_libdex_run_until(
        cancellable: *mut GCancellable,
        work: Work,
        work_data: gpointer,
        done: Done,
        done_data: gpointer,
    );
    fn contest_libdex_make_until(
        cancellable: *mut GCancellable,
        done: Done,
        done_data: gpointer,
    ) -> Future;
    fn contest_libdex_is_rejected(future: Future) -> gboolean;
    fn contest_libdex_in_turn(again: Again, data: gpointer);
}

fn give_away<T>(data: T) -> gpointer {
    Box::into_raw(Box::new(data)).cast()
}

/// Runs what [`give_away`] made of a function without arguments.
unsafe extern "C" fn work<W: FnOnce()>(data: gpointer) -> Future {
    // SAFETY: the data of a task's worker is such a box, and it is run once.
    let work = unsafe { Box::from_raw(data.cast::<W>()) };
    work();
    // SAFETY: it may be called on any thread.
    unsafe { contest_libdex_nothing() }
}

/// Calls what [`give_away`] made of a callback. To return nothing passes on the result.
unsafe extern "C" fn done<D: FnOnce()>(_: Future, data: gpointer) -> Future {
    // SAFETY: the data of a task's callback is such a box, and it is called once.
    let done = unsafe { Box::from_raw(data.cast::<D>()) };
    done();
    ptr::null_mut()
}

/// As [`done`], and says whether the task was cancelled.
unsafe extern "C" fn ended<D: FnOnce(bool)>(future: Future, data: gpointer) -> Future {
    // SAFETY: it is the future that has ended, and nothing else here rejects one.
    let cancelled = unsafe { contest_libdex_is_rejected(future) } != GFALSE;
    // SAFETY: the data of a task's callback is such a box, and it is called once.
    let done = unsafe { Box::from_raw(data.cast::<D>()) };
    done(cancelled);
    ptr::null_mut()
}

impl Spawn for Libdex {
    #[cfg(libdex_pool)]
    fn set_max_threads(max: usize) -> anyhow::Result<()> {
        // SAFETY: it is called before the first of them starts.
        unsafe { contest_libdex_set_max_threads(max.try_into()?) };
        Ok(())
    }

    fn spawn(work_in_thread: impl FnOnce() + Send + 'static, then: impl FnOnce() + 'static) {
        // Gives the types of the closures a name, for `work` and `done`.
        fn run<W: FnOnce(), D: FnOnce()>(in_thread: W, then: D) {
            // SAFETY: each function gets the data that it is made for, once: the worker's,
            // which is `Send`, on another thread, the callback's on this one.
            unsafe {
                contest_libdex_run(work::<W>, give_away(in_thread), done::<D>, give_away(then));
            }
        }
        run(work_in_thread, then);
    }

    fn in_turn(again: impl FnMut() -> ControlFlow<()> + 'static) {
        unsafe extern "C" fn turn<A: FnMut() -> ControlFlow<()>>(data: gpointer) -> gboolean {
            // SAFETY: the data is what is given away below. It stays for the program's
            // life, and nothing else uses it.
            match unsafe { (*data.cast::<A>())() } {
                ControlFlow::Continue(()) => GTRUE,
                ControlFlow::Break(()) => GFALSE,
            }
        }
        fn start<A: FnMut() -> ControlFlow<()>>(again: A) {
            // SAFETY: the function gets the data that it is made for, on this thread.
            unsafe { contest_libdex_in_turn(turn::<A>, give_away(again)) };
        }
        start(again);
    }
}

/// A promise, to be resolved on any thread.
pub struct Task(Future);

// SAFETY: its references and its state are libdex's to protect, and it calls back on the
// main context wherever it is resolved.
unsafe impl Send for Task {}

impl Task {
    fn new<D: FnOnce()>(then: D) -> Self {
        // SAFETY: the function gets the data that it is made for, on this thread, once.
        Self(unsafe { contest_libdex_make(done::<D>, give_away(then)) })
    }

    fn complete(self) {
        // SAFETY: it is a promise, and this is its one reference.
        unsafe { contest_libdex_complete(self.0) };
    }
}

impl Inline for Libdex {
    type About<D: FnOnce(&SimpleAction) + 'static> = Task;

    /// libdex knows no source object: it is a reference among the callback's data, as one
    /// passes it to `dex_future_then`.
    #[inline]
    fn make_about<D: FnOnce(&SimpleAction) + 'static>(source: &SimpleAction, then: D) -> Task {
        let source = source.clone();
        Task::new(move || then(&source))
    }

    #[inline]
    fn complete_here<D: FnOnce(&SimpleAction) + 'static>(task: Task) {
        task.complete();
    }
}

impl Foreign for Libdex {
    type Task = Task;

    fn make(then: impl FnOnce() + 'static) -> Task {
        Task::new(then)
    }

    fn complete(task: Task) {
        task.complete();
    }
}

impl Cancel for Libdex {
    type Running = gio::Cancellable;
    type Waiting = Task;

    fn run(
        work_in_thread: impl FnOnce(&dyn Fn() -> bool) + Send + 'static,
        then: impl FnOnce(bool) + 'static,
    ) -> gio::Cancellable {
        fn start<W: FnOnce(), D: FnOnce(bool)>(
            cancellable: &gio::Cancellable,
            in_thread: W,
            then: D,
        ) {
            let cancellable = cancellable.to_glib_none().0;
            let (in_thread, then) = (give_away(in_thread), give_away(then));
            // SAFETY: libdex takes its own reference on the cancellable. As for the
            // functions and their data, see `spawn`.
            unsafe {
                contest_libdex_run_until(cancellable, work::<W>, in_thread, ended::<D>, then);
            }
        }
        let cancellable = gio::Cancellable::new();
        let theirs = cancellable.clone();
        let in_thread = move || work_in_thread(&|| theirs.is_cancelled());
        start(&cancellable, in_thread, then);
        cancellable
    }

    fn cancel(task: &gio::Cancellable) {
        task.cancel();
    }

    fn wait_on(
        cancellable: &gio::Cancellable,
        _blocked: impl FnOnce() + Send + 'static,
        then: impl FnOnce(bool) + 'static,
    ) -> Task {
        fn make<D: FnOnce(bool)>(cancellable: *mut GCancellable, then: D) -> Task {
            // SAFETY: libdex takes its own reference on the cancellable; the function gets
            // the data that it is made for, on this thread, once.
            Task(unsafe { contest_libdex_make_until(cancellable, ended::<D>, give_away(then)) })
        }
        make(cancellable.to_glib_none().0, then)
    }
}

//! The method of `QIOTask` in C: a detached thread for each task, which attaches
//! an idle source for its completion.

use std::{
    any::Any,
    hint::black_box,
    process,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use gio::SimpleAction;
use glib::{ControlFlow, MainContext, Priority, thread_guard::ThreadGuard};

use super::{Foreign, Inline, Spawn};

/// `qio_task_new` with `qio_task_complete` or `qio_task_run_in_thread`, in Rust.
pub struct QemuTask;

/// How many threads there may be at once. C has no bound and dies of it; this
/// is below what the kernel lets one process map in stacks.
const MAX_THREADS: usize = 8_000;
/// How long a refused thread is asked for again. Those that are there are about
/// to end.
const PATIENCE: Duration = Duration::from_secs(10);

static THREADS: AtomicUsize = AtomicUsize::new(0);

impl Spawn for QemuTask {
    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
        let task = Self::make(done);
        // The thread takes its job from here, so that it is not lost with a
        // closure that the system refuses.
        let job = std::sync::Arc::new(std::sync::Mutex::new(Some((work, task))));
        while THREADS.load(Ordering::Relaxed) >= MAX_THREADS {
            thread::yield_now();
        }
        THREADS.fetch_add(1, Ordering::Relaxed);
        let asked = Instant::now();
        loop {
            let job = job.clone();
            let started = thread::Builder::new().spawn(move || {
                let taken = job.lock().expect("nobody panics with it").take();
                if let Some((work, task)) = taken {
                    work();
                    Self::complete(task);
                }
                THREADS.fetch_sub(1, Ordering::Relaxed);
            });
            match started {
                Ok(_detached) => return,
                Err(_) if asked.elapsed() < PATIENCE => thread::yield_now(),
                Err(error) => {
                    eprintln!("contest: no thread can be had for a task: {error}");
                    process::exit(1);
                }
            }
        }
    }
}

/// `struct QIOTask`.
pub struct Task<F> {
    source: SimpleAction,
    func: F,
    error: Option<glib::Error>,
    result: Option<Box<dyn Any>>,
}

impl Inline for QemuTask {
    type About<D: FnOnce(&SimpleAction) + 'static> = Box<Task<D>>;

    #[inline]
    fn make_about<D: FnOnce(&SimpleAction) + 'static>(
        source: &SimpleAction,
        done: D,
    ) -> Self::About<D> {
        black_box(Box::new(Task {
            source: source.clone(),
            func: done,
            error: None,
            result: None,
        }))
    }

    #[inline]
    fn complete_here<D: FnOnce(&SimpleAction) + 'static>(task: Self::About<D>) {
        let task = *task;
        (task.func)(&task.source);
        drop((task.error, task.result));
    }
}

impl Foreign for QemuTask {
    /// What only its own thread looks into. Boxed, as `struct QIOTask` is.
    type Task = ThreadGuard<Box<dyn FnOnce()>>;

    fn make(done: impl FnOnce() + 'static) -> Self::Task {
        ThreadGuard::new(Box::new(done))
    }

    fn complete(task: Self::Task) {
        let mut task = Some(task);
        let source = glib::idle_source_new(None, Priority::DEFAULT_IDLE, move || {
            if let Some(task) = task.take() {
                (task.into_inner())();
            }
            ControlFlow::Break
        });
        source.attach(Some(&MainContext::default()));
    }
}

//! What the test programs share.
//!
//! What one system alone has is tested there alone, and the tests of it are compiled there alone:
//!
//! | `cfg` | for tests of |
//! |---|---|
//! | `unix` | signals, descriptors by their number, `ulimit`, words that are no text |
//! | `target_os = "linux"` | threads that the system refuses, by a limit that others have not; what only `/proc` tells |
//! | `not(windows)` | a destructor of a thread's storage that waits for another thread: none starts there until it has returned |
//! | `not(qio_portable)` | the nice value of a thread, which Linux alone has |
#![allow(dead_code, reason = "not every program uses all of it")]

pub mod panics;
pub mod process;
#[cfg(target_os = "linux")]
pub mod refusal;
pub mod sockets;
pub mod start;

use std::{
    cell::{Cell, RefCell},
    process::{Command, ExitStatus},
    rc::Rc,
    sync::mpsc,
    time::{Duration, Instant},
};

use glib::MainContext;
use qio_task::{Builder, Error, QioTask};

/// Longer than anything takes on a busy machine; a test that waits for this
/// long has failed. `QIO_TASK_PATIENCE`, as the tests are built, is another
/// number of seconds: mutants that hang are many, and told by a short one.
pub const PATIENCE: Duration = match option_env!("QIO_TASK_PATIENCE") {
    None => Duration::from_mins(1),
    Some(seconds) => match u64::from_str_radix(seconds, 10) {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => panic!("QIO_TASK_PATIENCE is a number of seconds"),
    },
};

/// Makes every critical and warning of GLib's log fatal, ours included.
pub fn fatal_warnings() {
    glib::log_set_always_fatal(
        glib::LogLevels::LEVEL_ERROR
            | glib::LogLevels::LEVEL_CRITICAL
            | glib::LogLevels::LEVEL_WARNING,
    );
}

/// Runs `test` with a context of its own as the thread's default, and then
/// what the test has left on it.
pub fn on_context<R>(test: impl FnOnce(&MainContext) -> R) -> R {
    on_dying_context(|context| {
        let result = test(context);
        iterate(context);
        result
    })
}

/// Runs `test` with a context of its own, which is not iterated any more after it.
pub fn on_dying_context<R>(test: impl FnOnce(&MainContext) -> R) -> R {
    fatal_warnings();
    let context = MainContext::new();
    context.with_thread_default(|| test(&context)).unwrap()
}

/// Makes a task and ends it: what other threads have sent here is dropped then.
pub fn use_the_library() {
    on_context(|_| {
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .complete(Ok(()));
    });
}

/// Iterates `context` until `condition` holds.
#[track_caller]
pub fn iterate_until(context: &MainContext, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    // So that an iteration never blocks for longer than this.
    let tick = glib::timeout_source_new(
        Duration::from_millis(5),
        None,
        glib::Priority::DEFAULT,
        || glib::ControlFlow::Continue,
    );
    tick.attach(Some(context));
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "nothing happened");
        context.iteration(true);
    }
    tick.destroy();
}

/// Waits for what another thread is about to do. The loop is not iterated.
#[track_caller]
pub fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "nothing happened");
        std::thread::yield_now();
    }
}

/// Iterates `context` until it has nothing to do.
pub fn iterate(context: &MainContext) {
    while context.iteration(false) {}
}

/// A log of what happened, on one thread.
#[derive(Debug)]
pub struct Log<T>(Rc<RefCell<Vec<T>>>);

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<T> Log<T> {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&self, value: T) {
        self.0.borrow_mut().push(value);
    }

    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub fn contains(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        self.0.borrow().contains(value)
    }

    pub fn count(&self, value: &T) -> usize
    where
        T: PartialEq,
    {
        self.0.borrow().iter().filter(|one| *one == value).count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn take(&self) -> Vec<T> {
        self.0.take()
    }
}

/// A value that tells when, and asserts where, it is dropped.
pub struct Dropped {
    /// The only thread where that may be, if there is such a one.
    thread: Option<std::thread::ThreadId>,
    dropped: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Dropped {
    /// The value and the count of its drops; it may only be dropped here.
    pub fn here() -> (Self, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        Self::on(Some(std::thread::current().id()))
    }

    /// The value and the count of its drops; it may be dropped on any thread.
    pub fn anywhere() -> (Self, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        Self::on(None)
    }

    fn on(
        thread: Option<std::thread::ThreadId>,
    ) -> (Self, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        let dropped = std::sync::Arc::default();
        let value = Self {
            thread,
            dropped: std::sync::Arc::clone(&dropped),
        };
        (value, dropped)
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        let here = std::thread::current().id();
        if self.thread.is_some_and(|thread| thread != here) {
            eprintln!("a value was dropped away from home");
            std::process::abort();
        }
        self.dropped
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}

/// Counts how often it is woken.
#[derive(Default)]
pub struct Woken(pub std::sync::atomic::AtomicUsize);

impl std::task::Wake for Woken {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}

pub fn count(counter: &std::sync::atomic::AtomicUsize) -> usize {
    counter.load(std::sync::atomic::Ordering::SeqCst)
}

/// A builder. A task with a name is controlled from the start, one without
/// when somebody else may end it.
pub fn builder(name: Option<&str>) -> qio_task::Builder {
    let builder = QioTask::builder();
    match name {
        None => builder,
        Some(name) => builder.name(name),
    }
}

/// A gate that a worker waits at: the handle that opens it, also by being
/// dropped, and what the worker calls.
pub fn gate() -> (Gate, impl FnOnce() + Send) {
    let (open, wait) = mpsc::channel::<()>();
    let (arrive, arrived) = mpsc::channel();
    let pass = move || {
        let _ = arrive.send(());
        let _ = wait.recv_timeout(PATIENCE);
    };
    (Gate { open, arrived }, pass)
}

/// A task whose worker stands at a gate, and so keeps its thread.
pub fn busy_worker() -> (Gate, qio_task::Running) {
    let (gate, wait) = gate();
    let running = QioTask::builder()
        .callback(|_: Result<(), qio_task::Error>| {})
        .run_in_thread(move |_| {
            wait();
            Ok(())
        });
    gate.wait_for_arrival();
    (gate, running)
}

pub struct Gate {
    open: mpsc::Sender<()>,
    arrived: mpsc::Receiver<()>,
}

impl Gate {
    /// Blocks until the worker stands at the gate.
    pub fn wait_for_arrival(&self) {
        self.arrived.recv_timeout(PATIENCE).unwrap();
    }

    /// Whether it stands there now, for who expects that it does not.
    pub fn has_arrived(&self) -> bool {
        self.arrived.try_recv().is_ok()
    }

    pub fn open(self) {
        self.open.send(()).unwrap();
    }
}

/// A task that is completed through the loop, and the flag that its callback sets.
pub fn flag() -> (Rc<Cell<bool>>, Rc<Cell<bool>>) {
    let flag = Rc::new(Cell::new(false));
    (flag.clone(), flag)
}

/// Runs the test of this name, which is marked by `child()`, in a process of
/// its own, and returns what it printed and how it ended.
pub fn in_child(test: &str) -> std::process::Output {
    in_child_with(test, &[])
}

/// Whether this is not the process of `test`: then that has been run in one of
/// its own, and has passed.
#[track_caller]
pub fn passes_in_child(test: &str) -> bool {
    let is_parent = !is_child(test);
    if is_parent {
        let output = in_child(test);
        assert!(output.status.success(), "{output:?}");
    }
    is_parent
}

/// As [`in_child`], with these variables in its environment.
pub fn in_child_with(test: &str, variables: &[(&str, &str)]) -> std::process::Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env("QIO_TASK_TEST_CHILD", test)
        .env("RUST_BACKTRACE", "0")
        .envs(variables.iter().copied())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = start::start(&mut command);
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("the process of {test} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// Whether a process has ended itself, as by a panic that nobody may catch.
pub fn has_aborted(status: ExitStatus) -> bool {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status) == Some(6);
    // By Rust, and by the C library.
    #[cfg(windows)]
    return matches!(status.code(), Some(FAST_FAIL | 3));
}

/// `STATUS_STACK_BUFFER_OVERRUN`, as the system has it for all that ends a process at once.
#[cfg(windows)]
const FAST_FAIL: i32 = 0xc000_0409_u32.cast_signed();

/// Whether this is the process that `in_child` started for `test`. It does not
/// outlive the one that waits for it.
pub fn is_child(test: &str) -> bool {
    let is_child = std::env::var("QIO_TASK_TEST_CHILD").is_ok_and(|name| name == test);
    #[cfg(target_os = "linux")]
    if is_child {
        use rustix::process::{Signal, set_parent_process_death_signal};
        set_parent_process_death_signal(Some(Signal::KILL)).unwrap();
    }
    is_child
}

/// Runs `worker` in the thread of a task that `builder` makes, waits until that has done with
/// it, and returns what it has returned.
pub fn run_worker<R: Send + 'static>(
    builder: Builder,
    worker: impl FnOnce() -> R + Send + 'static,
) -> R {
    let result = Log::new();
    let log = result.clone();
    builder
        .callback(move |result: Result<R, Error>| log.push(result.unwrap()))
        .run_in_thread(move |_| Ok(worker()))
        .wait();
    result.take().remove(0)
}

//! [`inspect`]: every unfinished task, where it was made and how it stands.

use std::{fmt, panic::Location, time::Duration};

use glib::MainContext;

/// Every unfinished task that was made since [`set_inspecting`], the oldest
/// first. On any thread.
pub fn inspect() -> Vec<TaskInfo> {
    Vec::new()
}

/// Whether tasks that are made from now on are known to [`inspect`].
pub fn set_inspecting(_on: bool) {}

/// Whether tasks that are made are known to [`inspect`].
pub fn is_inspecting() -> bool {
    false
}

/// How an unfinished task stands, as [`inspect`] found it.
#[derive(Debug, Clone)]
pub struct TaskInfo {
    pub(crate) id: u64,
    pub(crate) name: Option<Box<str>>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) age: Duration,
    pub(crate) state: TaskState,
    pub(crate) thread: Option<Thread>,
    pub(crate) context: Address,
    pub(crate) source_type: Option<glib::Type>,
    pub(crate) priority: glib::Priority,
}

/// The thread that is busy with a task.
#[derive(Debug, Clone)]
pub(crate) struct Thread {
    pub(crate) name: Option<Box<str>>,
    pub(crate) id: Option<u32>,
}

/// The address of a context. It may be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) usize);

/// How an unfinished task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// Somebody holds it, to complete it by hand.
    Held,
    /// The loop drives it: `watch_fd` or `poll_every`.
    Driven,
    /// Its worker waits for a thread.
    Waiting,
    /// Its worker runs.
    Running,
    /// It is decided, and its delivery waits for the loop.
    Queued,
    /// Its callback runs.
    Delivering,
    /// Its callback has been called, and its worker still runs.
    Late,
}

impl TaskInfo {
    /// Its number, which no other task of the process has: `task` in traces.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The name that the task was given.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where it was made.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// How long ago it was made.
    pub fn age(&self) -> Duration {
        self.age
    }

    /// How it stands.
    pub fn state(&self) -> TaskState {
        self.state
    }

    /// The name of the thread that its worker, or its callback, runs on.
    pub fn thread_name(&self) -> Option<&str> {
        self.thread.as_ref()?.name.as_deref()
    }

    /// The kernel's number of the thread that its worker, or its callback, runs on.
    pub fn thread_id(&self) -> Option<u32> {
        self.thread.as_ref()?.id
    }

    /// Whether its callback runs on `context`.
    pub fn is_on(&self, context: &MainContext) -> bool {
        self.context == Address(context.as_ptr().addr())
    }

    /// The type of the object that it is about.
    pub fn source_type(&self) -> Option<glib::Type> {
        self.source_type
    }

    /// The priority that it is delivered at.
    pub fn priority(&self) -> glib::Priority {
        self.priority
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("")
    }
}

impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.location)
    }
}

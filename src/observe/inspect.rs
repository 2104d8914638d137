//! [`inspect`]: every unfinished task, where it was made and how it stands.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fmt,
    panic::Location,
    process,
    sync::Arc,
    time::{Duration, Instant},
};

use glib::MainContext;

use super::{
    facts::{Address, Facts, Thread},
    record::{self, Record},
    task_state::TaskState,
    wanted,
};
use crate::base::fork;

/// Every unfinished task that was made since [`set_inspecting`], the oldest
/// first.
///
/// On any thread, also while the main loop hangs. What it tells may be past by
/// the time that it returns.
///
/// ```standalone_crate
/// use qio_task::{Error, QioTask, TaskState};
///
/// qio_task::set_inspecting(true);
/// # glib::MainContext::new().with_thread_default(|| {
/// let task = QioTask::builder().name("lookup").callback(|_: Result<(), Error>| {});
/// let unfinished = qio_task::inspect();
/// assert_eq!(unfinished[0].name(), Some("lookup"));
/// assert_eq!(unfinished[0].state(), TaskState::Held);
/// assert_eq!(unfinished[0].location().file(), file!());
/// task.complete(Ok(()));
/// assert!(qio_task::inspect().is_empty());
/// # }).unwrap();
/// ```
#[track_caller]
pub fn inspect() -> Vec<TaskInfo> {
    fork::refuse_child();
    if !is_inspecting() {
        return Vec::new();
    }
    sorted(record::listed(TaskInfo::new(Instant::now())))
}

/// The same as the process ends, where this thread may be the only one that is left.
pub(super) fn at_exit() -> Vec<TaskInfo> {
    let look = TaskInfo::new(Instant::now());
    sorted(if fork::is_child() {
        record::listed_at_once(look)
    } else {
        record::listed(look)
    })
}

/// The oldest first.
fn sorted(mut tasks: Vec<TaskInfo>) -> Vec<TaskInfo> {
    tasks.sort_by_key(|task| Reverse(task.age));
    tasks
}

/// Whether tasks that are made from now on are known to [`inspect`].
///
/// They are not unless this is called, or `QIO_TASK_DEBUG` has `tasks`: it
/// costs some hundred nanoseconds a task. On any thread.
///
/// Turned off, what was known is forgotten.
#[track_caller]
pub fn set_inspecting(on: bool) {
    fork::refuse_child();
    wanted::want(wanted::INSPECT, on);
    if !on {
        record::forget();
    }
}

/// Whether tasks that are made now are known to [`inspect`].
pub fn is_inspecting() -> bool {
    wanted::wants(wanted::INSPECT)
}

/// An unfinished task, as [`inspect`] has found it.
///
/// It is displayed as a line of the list that `QIO_TASK_DEBUG=tasks` prints.
#[derive(Debug, Clone)]
pub struct TaskInfo {
    id: u64,
    facts: Arc<Facts>,
    age: Duration,
    state: TaskState,
    thread: Option<Thread>,
    context: Option<Address>,
}

impl TaskInfo {
    /// Makes one of what is known.
    fn new(now: Instant) -> impl Fn(u64, &Record) -> Self {
        move |id, record| Self {
            id,
            age: now.saturating_duration_since(record.facts.made),
            facts: record.facts.clone(),
            state: record.state(),
            thread: record.thread().cloned(),
            context: record.context,
        }
    }

    /// Its number, which no other task of the process has; traces call it `task`.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The name that the task was given.
    #[doc(alias = "g_task_get_name")]
    pub fn name(&self) -> Option<&str> {
        self.facts.name.as_deref()
    }

    /// Where it was made. Of a task that was made in C only this library's
    /// function is known.
    pub fn location(&self) -> &'static Location<'static> {
        self.facts.place.location
    }

    /// For how long it had been there as [`inspect`] was called.
    pub fn age(&self) -> Duration {
        self.age
    }

    /// How it stood as [`inspect`] was called.
    pub fn state(&self) -> TaskState {
        self.state
    }

    /// The name of the thread that runs its worker or its callback, as `top -H`
    /// and debuggers show it: in a worker as much of the task's name as the system keeps, which on
    /// Linux is 15 bytes, on FreeBSD 19, on OpenBSD 23, and on NetBSD nothing.
    pub fn thread_name(&self) -> Option<&str> {
        self.thread.as_ref()?.name.as_deref()
    }

    /// The system's number of that thread. `None` on NetBSD and Dragonfly, which name none, and
    /// where it has more than 32 bits, as it may on Apple's systems.
    pub fn thread_id(&self) -> Option<u32> {
        self.thread.as_ref()?.id
    }

    /// Whether its callback runs on `context`.
    #[doc(alias = "g_task_get_context")]
    pub fn is_on(&self, context: &MainContext) -> bool {
        self.context == Some(Address::of(context))
    }

    /// The type of the object that it is about.
    #[doc(alias = "g_task_get_source_object")]
    pub fn source_type(&self) -> Option<glib::Type> {
        self.facts.source_type
    }

    /// The first of its groups: the name of that in quotes, or where it was made.
    pub fn group(&self) -> Option<String> {
        self.facts.group.as_ref().map(ToString::to_string)
    }

    /// The priority that it is delivered at.
    #[doc(alias = "g_task_get_priority")]
    pub fn priority(&self) -> glib::Priority {
        self.facts.priority
    }
}

impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.facts.name {
            Some(name) => write!(f, "{name:?}")?,
            None => f.write_str("unnamed")?,
        }
        write!(f, ": {}", self.state)?;
        match &self.thread {
            Some(thread) if matches!(self.state, TaskState::Queued | TaskState::WrongThread) => {
                write!(f, ", still running in {thread}")?;
            }
            Some(thread) => write!(f, " in {thread}")?,
            None => {}
        }
        // Not as a float, the printing of which is ten kilobytes of a program.
        let tenths = (self.age.as_millis() + 50) / 100;
        let (seconds, tenths) = (tenths / 10, tenths % 10);
        write!(f, ", {seconds}.{tenths} s old, made {}", self.facts.place)?;
        if let Some(source_type) = self.facts.source_type {
            write!(f, ", source {}", source_type.name())?;
        }
        if let Some(group) = &self.facts.group {
            write!(f, ", group {group}")?;
        }
        match self.context {
            Some(context) => write!(f, ", context {context}"),
            None => f.write_str(", context gone"),
        }
    }
}

/// The list, as it is printed.
pub(super) struct List<'a>(pub(super) &'a [TaskInfo]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process = process::id();
        match self.0.len() {
            0 => return writeln!(f, "qio-task: process {process} has no unfinished task"),
            1 => writeln!(f, "qio-task: process {process} has 1 unfinished task:")?,
            count => writeln!(
                f,
                "qio-task: process {process} has {count} unfinished tasks:"
            )?,
        }
        self.0.iter().try_for_each(|task| writeln!(f, "  {task}"))?;
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for task in self.0 {
            if let Some(group) = &task.facts.group {
                groups.entry(group).or_default().push(task);
            }
        }
        groups.iter().try_for_each(|(group, members)| {
            let count = |state| members.iter().filter(|task| task.state == state).count();
            let (all, waiting) = (members.len(), count(TaskState::WaitingForGroup));
            let plural = if all == 1 { "" } else { "s" };
            writeln!(
                f,
                "  group {group}: {all} task{plural}, {waiting} waiting for it"
            )
        })
    }
}

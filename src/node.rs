//! The task in memory, what becomes of it, and where it is kept until it has ended.
//!
//! A task is one allocation: a [`Header`](header), which any thread may touch, a slot for its
//! worker's function and then its result, and its callback with the source, which only the
//! thread of its context touches, its [`home`]. The [`registry`] of that thread keeps it until
//! it has ended; the queue of its context does, when any thread may run the callback.

/// With the feature `gtask`, the `GTask` of each task; without it, nothing.
pub(crate) mod backend;
/// What a callback is, with the source that it gets or without one.
pub(crate) mod callback;
/// The messages that wait on a context, and what a dispatch does with them.
pub(crate) mod channels;
/// The allocation with its types: making it, leaving the result in it, or dropping that where
/// it comes too late, and moving it to the callback.
pub(crate) mod completer;
/// A reference on a context that is given back at home.
pub(crate) mod context_ref;
/// A task is completed: its callback is called here, with the context as the thread's default,
/// or sent through the loop.
mod deliver;
/// What a dispatch, a timer and the death of a context do to tasks.
mod due;
/// What those are told who look at tasks.
pub(crate) mod events;
/// What few tasks have: a name, a deadline, a cancellable, a driver.
pub(crate) mod extra;
/// Tasks that belong together.
pub(crate) mod group;
/// The first error of a group.
pub(crate) mod group_error;
/// What any thread may touch of a task.
mod header;
/// The thread that a task belongs to.
pub(crate) mod home;
/// For how long a worker may show no sign of life.
pub(crate) mod inactivity;
/// What is queued for a context: a task, a report, or messages.
pub(crate) mod item;
/// Which threads have iterated a context.
mod iterated;
/// What a group is called.
pub(crate) mod label;
/// Tasks of which each cancels the one before.
pub(crate) mod latest;
/// The queue and the level of a context are found, or made.
pub(crate) mod levels;
/// What any thread may do with a task: interrupt it, also where its time is up and no loop has
/// seen that, send its delivery, wait for it.
mod life;
/// The places of workers in groups with a limit.
pub(crate) mod limits;
/// What other threads send to a thread: references to drop, and word that a context has died.
mod mailbox;
/// The groups and the like that a task belongs to.
pub(crate) mod member;
/// What becomes of messages as the task ends that they belong to.
pub(crate) mod messages;
/// A reference on the allocation, whatever its types are.
#[expect(clippy::module_inception, reason = "it is the file of the node itself")]
pub(crate) mod node;
/// To whom reports belong, until it has ended.
pub(crate) mod owner;
/// What there is one of for each context.
mod per_context;
/// The tasks of a thread, and what becomes of them as their context dies, or the thread ends.
pub(crate) mod registry;
/// Who has a value to report on a context.
pub(crate) mod reports;
/// Worker threads are started here, with their stack and name, and take jobs from the pool.
pub(crate) mod runner;
/// Messages that belong to a task, of whatever type.
pub(crate) mod task_messages;
/// The tasks of a registry.
mod tasks;
/// What is left of tasks whose callback never will be called, as it is dropped.
pub(crate) mod withdrawn;
/// What waits for the thread that made it while another one iterates its context is told of.
pub(crate) mod wrong_thread;

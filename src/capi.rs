//! The C API: what `capi/qio-task.h` declares, which says what each function does.
//!
//! A program in C has the same `QIOTask *` before and after its task has ended. So that is
//! no address but a [`Handle`](handle::Handle): a number by which the task is looked up in a
//! [`Table`](table::Table). One that has been freed is known as such, and nothing is done
//! with it.
//!
//! A task that is made, completed and nothing else is *plain*: its slot in the table holds
//! the four things that each task has. Whatever else is asked of it makes it a
//! [`FullTask`](task::FullTask). One that a loop, a thread, a cancellable or a timeout may
//! end is *bound* to its context as well: it has a task of the library, which decides how
//! it ends. A task in a group is bound, too: it is that task of the library which is in it.

// A file imports from its own group and from those above it, and no two import each other.

// What a call from C hands over, and how it is refused.
mod c_types;
mod check;
mod handle;
mod host;
mod slot;
mod table;

// What a task is made of: all of it comes together in `task`.
mod completion;
mod gio_task;
mod inner;
mod message_queue;
mod outcome;
mod reported;
mod task;
mod telling;

// What C has of a group.
mod ended_func;
mod group;

// What is done with a task.
mod async_result;
mod bind;
mod cancel;
mod complete;
mod end;
mod join;
mod messages;
mod progress;
mod thread;
mod work;

// The functions of the header.
mod entry;
mod functions;
mod group_functions;

//! The one switch between the backends, and what each must do.
//!
//! A backend is a type `Task` with these methods and nothing else:
//!
//! | method | called | does |
//! |---|---|---|
//! | `HAS_ASYNC_RESULT` | | says whether there is a `GAsyncResult` |
//! | `new(…)` | as a task is made, at home | makes what the backend keeps of a task that waits |
//! | `default()` | as a task is made that any thread may deliver | the same, where there is no home yet |
//! | `async_result(…)` | at home, the context being the thread's default | gives the task's `GAsyncResult`, where there is one |
//! | `at_end(…)` | as a task ends that others know, too | makes what there is none of yet |
//! | `finish(…)` | at home, the context being the thread's default, once | calls the callback with the result before it returns |
//! | `drop_uncalled(…)` | at home, instead of that, once | drops what the backend keeps |
//!
//! Home is one thread for the task's whole life; for a task that any thread may deliver it is
//! the one that does. Once, inline, idle delivery, waiting, cancelling, timeouts, threads and
//! progress are not the backend's business: they come before `finish`, from files that never
//! ask which backend it is. That is why the contract in the crate's documentation holds on
//! both.
//!
//! A panic of the callback unwinds out of `finish`, through no frame of C.

#[cfg(feature = "gtask")]
#[path = "backend/gtask.rs"]
mod chosen;
#[cfg(not(feature = "gtask"))]
#[path = "backend/native.rs"]
mod chosen;

pub(crate) use chosen::Task;

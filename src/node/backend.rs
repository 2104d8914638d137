//! The one switch between the backends, and what each must do.
//!
//! A backend is a type `Task` with these methods and nothing else:
//!
//! | method | called | does |
//! |---|---|---|
//! | `HAS_ASYNC_RESULT` | | says whether there is a `GAsyncResult` |
//! | `default()` | with the task | what the backend keeps of a task that waits |
//! | `async_result(…)` | at home, the context being the thread's default | gives the task's `GAsyncResult`, where there is one |
//! | `at_end(…)` | where a task ends that had no home | makes what there is none of yet |
//! | `finish(…)` | at home, the context being the thread's default, once | calls the callback with the result before it returns |
//!
//! A task whose context has died is dropped instead, at home.
//!
//! Home is one thread for the task's whole life. Once, inline, idle delivery,
//! waiting, cancelling, timeouts, threads and progress are not the backend's
//! business: they come before `finish`, from files that never ask which
//! backend it is. That is why the contract in the crate's documentation holds
//! on both.
//!
//! A panic of the callback unwinds out of `finish`, through no frame of C.

#[cfg(feature = "gtask")]
#[path = "backend/gtask.rs"]
mod chosen;
#[cfg(not(feature = "gtask"))]
#[path = "backend/native.rs"]
mod chosen;

pub(crate) use chosen::Task;

//! The one switch between the backends, and what each must do.
//!
//! A backend is a type `Task` with four methods and nothing else:
//!
//! | method | called | does |
//! |---|---|---|
//! | `new(&Details, Option<&Object>)` | at home, the context being the thread's default | makes the backend's view of a task |
//! | `async_result(&self)` | at home | its `GAsyncResult`, where there is one |
//! | `finish(self, result, callback)` | at home, once | calls `callback` with `result`, before it returns |
//! | `drop` | at home, uncalled | lets go of a task whose context died |
//!
//! Home is one thread for the task's whole life. Once, inline, idle delivery,
//! waiting, cancelling, timeouts, threads and progress are not the backend's
//! business: they come before `finish`, from files that never ask which
//! backend it is. That is why the contract in the crate's documentation holds
//! on both.
//!
//! A panic of the callback unwinds out of `finish`, through no frame of C.

#[cfg_attr(feature = "gtask", path = "backend/gtask.rs")]
#[cfg_attr(not(feature = "gtask"), path = "backend/native.rs")]
mod chosen;

pub(crate) use chosen::Task;

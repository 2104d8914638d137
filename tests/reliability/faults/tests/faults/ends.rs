//! How tasks have ended, each by its number.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glib::MainContext;
use qio_task::Error;

use crate::common::{iterate, iterate_until};

/// How a task has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Ok,
    Failed,
    Cancelled,
    TimedOut,
    Abandoned,
    Panicked,
    Spawn,
}

impl<T, E> From<&Result<T, Error<E>>> for End {
    fn from(result: &Result<T, Error<E>>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(Error::Failed(_)) => Self::Failed,
            Err(Error::Cancelled) => Self::Cancelled,
            Err(Error::TimedOut) => Self::TimedOut,
            Err(Error::Abandoned) => Self::Abandoned,
            Err(Error::Panicked(_)) => Self::Panicked,
            Err(Error::Spawn(_)) => Self::Spawn,
            Err(_) => unreachable!("there is no other"),
        }
    }
}

/// The ends of some tasks, in order, on whichever threads.
#[derive(Clone, Default)]
pub struct Ends(Arc<Mutex<Vec<(usize, End)>>>);

impl Ends {
    fn lock(&self) -> MutexGuard<'_, Vec<(usize, End)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, number: usize, end: End) {
        self.lock().push((number, end));
    }

    /// A callback that notes the end of the task of this number.
    pub fn of<T>(&self, number: usize) -> impl FnOnce(Result<T, Error>) + Send + use<T> {
        let ends = self.clone();
        move |result| ends.push(number, End::from(&result))
    }

    pub fn len(&self) -> usize {
        self.lock().len()
    }

    pub fn count(&self, end: End) -> usize {
        self.lock().iter().filter(|(_, one)| *one == end).count()
    }

    pub fn take(&self) -> Vec<End> {
        let ends = std::mem::take(&mut *self.lock());
        ends.into_iter().map(|(_, end)| end).collect()
    }

    /// Waits for `made` tasks to end, and finds that those of the numbers from
    /// 0 on have done so once each, and not again in what the loop has left.
    #[track_caller]
    pub fn wait_for(&self, context: &MainContext, made: usize) {
        iterate_until(context, || self.len() >= made);
        iterate(context);
        self.assert_once(made);
    }

    #[track_caller]
    pub fn assert_once(&self, made: usize) {
        let mut numbers: Vec<_> = self.lock().iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..made), "each has ended once");
    }
}

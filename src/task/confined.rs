//! [`Confined`]: a value that stays on its thread.

use glib::thread_guard::ThreadGuard;

use crate::base::G_LOG_DOMAIN;

/// A value that stays on one thread inside of something that may leave it.
/// On any other thread it can't be reached and, at the end, is leaked.
pub(super) struct Confined<T>(Option<ThreadGuard<T>>);

impl<T> Confined<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Some(ThreadGuard::new(value)))
    }

    pub(super) fn is_here(&self) -> bool {
        self.0.as_ref().is_some_and(ThreadGuard::is_owner)
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        self.0
            .as_mut()
            .filter(|guard| guard.is_owner())
            .map(ThreadGuard::get_mut)
    }
}

impl<T> Drop for Confined<T> {
    fn drop(&mut self) {
        if let Some(guard) = self.0.take()
            && !guard.is_owner()
        {
            std::mem::forget(guard);
            glib::g_warning!(
                G_LOG_DOMAIN,
                "a main context died on another thread than a task's own; the task is leaked"
            );
        }
    }
}

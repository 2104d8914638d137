//! A table of the callbacks that wait for their tasks to end.

use std::{mem, ops::DerefMut, sync::Arc};

use slab::Slab;

use crate::{
    control::{Control, Details},
    delivery::Delivery,
    entry::Ties,
    state::Verdict,
    trace::trace,
};

/// A waiting callback and what belongs to it, with its types erased.
pub(crate) trait Entry {
    /// Calls the callback. Called once, at home.
    fn deliver(&mut self, verdict: Verdict, details: &Details);
    /// The object that the task is about.
    fn source(&self) -> Option<glib::Object>;
    /// The task as GIO sees it.
    #[allow(dead_code, reason = "only one backend has one")]
    fn async_result(&mut self, details: &Details) -> Option<gio::AsyncResult>;
    /// What is undone as the task ends; `None` when it has ended.
    fn ties(&mut self) -> Option<&mut Ties>;
}

/// The rows of one thread or of one context.
pub(crate) struct Table<E: ?Sized>(Slab<Row<E>>);

struct Row<E: ?Sized> {
    control: Arc<Control>,
    /// Absent while its callback runs. Present, but empty, when the callback
    /// has run and the completer has not ended yet: then what it leaves is
    /// dropped here, at home.
    entry: Option<Box<E>>,
}

impl<E: ?Sized> Table<E> {
    pub(crate) const fn new() -> Self {
        Self(Slab::new())
    }

    pub(crate) fn insert(
        &mut self,
        make: impl FnOnce(usize) -> Arc<Control>,
        entry: Box<E>,
    ) -> Arc<Control> {
        let vacant = self.0.vacant_entry();
        let control = make(vacant.key());
        vacant.insert(Row {
            control: control.clone(),
            entry: Some(entry),
        });
        control
    }

    /// The row of this very task: an index may have passed on to another one.
    fn row(&mut self, control: &Arc<Control>) -> Option<&mut Row<E>> {
        self.0
            .get_mut(control.index)
            .filter(|row| Arc::ptr_eq(&row.control, control))
    }

    pub(crate) fn entry(&mut self, control: &Arc<Control>) -> Option<&mut E> {
        self.row(control)?.entry.as_deref_mut()
    }

    /// Puts the entry back until its completer ends; hands it over to be
    /// dropped, outside of any lock, when that has happened.
    fn give_back(&mut self, control: &Arc<Control>, entry: Box<E>) -> Option<Box<E>> {
        if control.has_ended() {
            if self.row(control).is_some() {
                self.0.remove(control.index);
            }
            return Some(entry);
        }
        match self.row(control) {
            Some(row) => {
                row.entry = Some(entry);
                None
            }
            None => Some(entry),
        }
    }

    /// Takes out every row whose delivery is dead.
    pub(crate) fn purge(&mut self, is_dead: impl Fn(&Delivery) -> bool) -> Vec<Dead<E>>
    where
        E: Entry,
    {
        let dead: Vec<usize> = self
            .0
            .iter()
            .filter(|(_, row)| is_dead(&row.control.lane.delivery))
            .map(|(index, _)| index)
            .collect();
        dead.into_iter()
            .map(|index| {
                let mut row = self.0.remove(index);
                row.control.bury();
                if let Some(ties) = row.entry.as_mut().and_then(|entry| entry.ties()) {
                    ties.bury();
                }
                Dead {
                    control: row.control,
                    _entry: row.entry,
                }
            })
            .collect()
    }

    /// Leaks what waits, and tells those who wait for it that it never comes.
    pub(crate) fn leak(&mut self) {
        for row in self.0.drain() {
            row.control.bury();
            mem::forget(row.entry);
        }
    }

    /// How many callbacks have not been called.
    pub(crate) fn waiting(&self) -> usize {
        let waits = |row: &Row<E>| !row.control.is_finished();
        self.0.iter().filter(|(_, row)| waits(row)).count()
    }
}

/// A row whose context is dead, to be dropped at home and outside of any lock.
pub(crate) struct Dead<E: ?Sized> {
    control: Arc<Control>,
    _entry: Option<Box<E>>,
}

impl<E: ?Sized> Drop for Dead<E> {
    fn drop(&mut self) {
        self.control.stop_worker();
    }
}

/// Delivers later what could not be delivered now, as foreign code unwound.
struct Resend<'a>(&'a Arc<Control>);

impl Drop for Resend<'_> {
    fn drop(&mut self) {
        self.0.send();
    }
}

/// Delivers to one row: runs its callback if that is due, and removes it when
/// nothing more can come. `table` is not borrowed while foreign code runs.
pub(crate) fn deliver<E, T>(control: &Arc<Control>, table: impl Fn() -> T)
where
    E: Entry + ?Sized,
    T: DerefMut<Target = Table<E>>,
{
    /// Finishes also when the callback unwinds, as it may when it runs inline.
    struct Delivering<'a, E: Entry + ?Sized, T: DerefMut<Target = Table<E>>, F: Fn() -> T> {
        control: &'a Arc<Control>,
        table: F,
        entry: Option<Box<E>>,
        called: bool,
    }
    impl<E: Entry + ?Sized, T: DerefMut<Target = Table<E>>, F: Fn() -> T> Drop
        for Delivering<'_, E, T, F>
    {
        fn drop(&mut self) {
            if self.called {
                self.control.finish();
            }
            if let Some(entry) = self.entry.take() {
                let done = (self.table)().give_back(self.control, entry);
                drop(done);
            }
        }
    }

    // What was reported before comes first, and may still cancel the task.
    let unwinding = Resend(control);
    control.lane.delivery.deliver_progress();
    mem::forget(unwinding);

    // Without an entry its callback is running, further up this very stack:
    // what there is to clear away is cleared away there.
    let Some(entry) = table().row(control).and_then(|row| row.entry.take()) else {
        return;
    };
    let mut delivering = Delivering {
        control,
        table,
        entry: Some(entry),
        called: false,
    };
    if let Some(verdict) = control.take() {
        delivering.called = true;
        trace!("qio_task_thread_result", control, ?verdict);
        if let Some(entry) = &mut delivering.entry {
            entry.deliver(verdict, &control.details);
        }
    }
}

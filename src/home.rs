//! What may be touched on one thread only: the callbacks and sources of the
//! tasks that were made on it, kept in that thread's own storage.

use std::{cell::RefCell, io, rc::Rc, sync::Arc, thread};

use glib::thread_guard::thread_id;

use crate::{
    G_LOG_DOMAIN,
    control::Control,
    delivery::{Delivery, Lane},
    held,
    progress::Sinks,
    table::{self, Entry, Table},
};

thread_local! {
    static HOME: Rc<Home> = Rc::new(Home::new());
}

/// See the module's documentation.
pub(crate) struct Home {
    tasks: RefCell<Table<dyn Entry>>,
    pub(crate) sinks: RefCell<Sinks>,
    /// The lane that was used last; most threads use one.
    recent: RefCell<Option<Arc<Lane>>>,
    is_main: bool,
}

impl Home {
    fn new() -> Self {
        held::open();
        Self {
            tasks: RefCell::new(Table::new()),
            sinks: RefCell::default(),
            recent: RefCell::new(None),
            is_main: thread::current().name() == Some("main"),
        }
    }

    /// The number of this thread. No other thread ever has the same.
    pub(crate) fn thread() -> usize {
        thread_id()
    }

    /// This thread's home, unless the thread is about to end.
    pub(crate) fn with<R>(f: impl FnOnce(&Rc<Self>) -> R) -> Option<R> {
        // Cloned, so that the storage outlives what `f` calls.
        HOME.try_with(Rc::clone).ok().map(|home| f(&home))
    }

    /// The lane of `context` for tasks of `priority`.
    pub(crate) fn lane(
        &self,
        context: &glib::MainContext,
        priority: glib::Priority,
    ) -> io::Result<Arc<Lane>> {
        held::collect();
        if let Some(lane) = &*self.recent.borrow()
            && lane.serves(context, priority)
        {
            return Ok(lane.clone());
        }
        // Contexts may have died on other threads, which can't drop what is here.
        self.purge(|delivery| !delivery.is_open());
        let lane = Delivery::lane(context, priority)?;
        self.recent.replace(Some(lane.clone()));
        Ok(lane)
    }

    pub(crate) fn insert(
        &self,
        make: impl FnOnce(usize) -> Arc<Control>,
        entry: Box<dyn Entry>,
    ) -> Arc<Control> {
        self.tasks.borrow_mut().insert(make, entry)
    }

    /// Looks at the waiting callback of a task. `look` runs no foreign code.
    pub(crate) fn entry<R>(
        &self,
        control: &Arc<Control>,
        look: impl FnOnce(&mut (dyn Entry + 'static)) -> R,
    ) -> Option<R> {
        self.tasks.borrow_mut().entry(control).map(look)
    }

    pub(crate) fn deliver(&self, control: &Arc<Control>) {
        table::deliver(control, || self.tasks.borrow_mut());
    }

    /// Drops, uncalled, what can never be delivered.
    pub(crate) fn purge(&self, is_dead: impl Fn(&Delivery) -> bool) {
        let tasks = self.tasks.borrow_mut().purge(&is_dead);
        let sinks = self.sinks.borrow_mut().purge(&is_dead);
        // No longer borrowed: destructors are foreign code.
        drop((tasks, sinks));
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        held::close();
        let left = self.tasks.get_mut().waiting();
        // Destructors may need storage of this thread that is gone already.
        self.tasks.get_mut().leak();
        self.sinks.get_mut().leak();
        // At the end of the process everything is left where it is.
        if left > 0 && !self.is_main {
            glib::g_warning!(
                G_LOG_DOMAIN,
                "a thread ended while {left} callback(s) waited on it; they are leaked"
            );
        }
    }
}

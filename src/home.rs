//! What may be touched on one thread only: the callbacks and sources of the
//! tasks that were made on it, kept in that thread's own storage.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    io, mem,
    num::NonZero,
    sync::Arc,
};

use glib::{MainContext, Priority, thread_guard::thread_id};

use crate::{
    G_LOG_DOMAIN,
    control::{Control, Place},
    delivery::{self, Level, Queue},
    observe,
    port::{AnyPort, Port},
    progress::Sinks,
    runner::{self, Job},
    sent::{self, Mailbox, Sent},
    table::{LocalEntry, Table, Ticket},
};

thread_local! {
    static HOME: Home = Home::new();
}

/// The callbacks and the results of one thread.
type LocalTable = Table<dyn LocalEntry, dyn AnyPort>;

/// See the module's documentation.
pub(crate) struct Home {
    pub(crate) tasks: RefCell<LocalTable>,
    pub(crate) sinks: RefCell<Sinks>,
    mailbox: Arc<Mailbox>,
    /// The level that was used last; most threads use one.
    level: RefCell<Option<Arc<Level>>>,
    /// The port that was used last: a [`Recent`].
    port: RefCell<Option<Box<dyn AnyRecent>>>,
    /// Whether this is the thread that the process began with.
    pub(crate) is_main: bool,
}

/// A [`Recent`] with its types erased.
trait AnyRecent: Any {
    fn level(&self) -> &Level;
}

/// A port, and another reference on it that one task at a time may borrow: to
/// count costs as much as all else that a task does with its port.
struct Recent<T, E> {
    port: Arc<Port<T, E>>,
    spare: Cell<Option<Arc<Port<T, E>>>>,
}

impl<T: 'static, E: 'static> AnyRecent for Recent<T, E> {
    fn level(&self) -> &Level {
        &self.port.level
    }
}

impl<T: 'static, E: 'static> Recent<T, E> {
    fn typed(recent: Option<&dyn AnyRecent>) -> Option<&Self> {
        let recent: &dyn Any = recent?;
        recent.downcast_ref()
    }
}

impl Home {
    fn new() -> Self {
        Self {
            mailbox: Mailbox::open(),
            tasks: RefCell::new(Table::new()),
            sinks: RefCell::default(),
            level: RefCell::new(None),
            port: RefCell::new(None),
            is_main: is_main_thread(),
        }
    }

    /// The number of this thread. No other thread ever has the same.
    #[inline]
    pub(crate) fn thread() -> NonZero<u32> {
        let number = u32::try_from(thread_id()).expect("there are never as many threads");
        NonZero::<u32>::MIN.saturating_add(number)
    }

    /// This thread's home, unless the thread is about to end.
    #[inline]
    pub(crate) fn with<R>(f: impl FnOnce(&Self) -> R) -> Option<R> {
        HOME.try_with(f).ok()
    }

    /// The level of `context` for tasks of `priority`.
    pub(crate) fn level(
        &self,
        context: &MainContext,
        priority: Priority,
    ) -> io::Result<Arc<Level>> {
        self.collect();
        if let Some(level) = &*self.level.borrow()
            && level.serves(context, priority)
        {
            return Ok(level.clone());
        }
        let level = delivery::level(context, priority)?;
        self.level.replace(Some(level.clone()));
        Ok(level)
    }

    /// The port of `context` for results of tasks of `priority`.
    #[inline]
    pub(crate) fn port<T: 'static, E: 'static>(
        &self,
        context: &MainContext,
        priority: Priority,
    ) -> io::Result<Arc<Port<T, E>>> {
        self.collect();
        if let Some(recent) = Recent::<T, E>::typed(self.port.borrow().as_deref())
            && recent.port.level.serves(context, priority)
        {
            let spare = recent.spare.take();
            return Ok(spare.unwrap_or_else(|| recent.port.clone()));
        }
        let level = self.level(context, priority)?;
        let place = Place::Home(Self::thread());
        let port: Arc<Port<T, E>> = self.tasks.borrow_mut().port(&level, place, |port| port);
        let recent = Recent {
            port: port.clone(),
            spare: Cell::new(None),
        };
        let last = self.port.replace(Some(Box::new(recent)));
        drop(last);
        Ok(port)
    }

    /// Takes a port back that a task has no more use for.
    #[inline]
    pub(crate) fn give_back<T: 'static, E: 'static>(&self, port: Arc<Port<T, E>>) {
        if let Some(recent) = Recent::<T, E>::typed(self.port.borrow().as_deref())
            && Arc::ptr_eq(&recent.port, &port)
        {
            recent.spare.set(Some(port));
        }
    }

    /// Looks at the waiting callback of a task. `look` runs no foreign code.
    pub(crate) fn entry<R>(
        &self,
        ticket: Ticket,
        look: impl FnOnce(&mut (dyn LocalEntry + 'static)) -> R,
    ) -> Option<R> {
        self.tasks.borrow_mut().entry(ticket).map(look)
    }

    /// Does what other threads have sent here for.
    #[inline]
    pub(crate) fn collect(&self) {
        if self.mailbox.has_any() {
            self.open_mail();
        }
    }

    #[cold]
    fn open_mail(&self) {
        for sent in self.mailbox.take() {
            // Destructors are foreign code, and this is no line of theirs.
            runner::quietly(|| match sent {
                Sent::Context(context) => drop(context),
                Sent::Control(control) => {
                    // Gone: its callback has been taken, and may be running
                    // now, unless its context has died meanwhile.
                    let waits = self.tasks.borrow_mut().link(&control);
                    if !waits && !control.level.queue.is_open() {
                        drop(control.bury());
                        control.stop_worker();
                    }
                }
                Sent::Left(left) => drop(left),
                Sent::Death => self.purge_dead(),
            });
        }
    }

    pub(crate) fn purge_dead(&self) {
        self.purge(|queue| !queue.is_open());
    }

    /// Drops, uncalled, what can never be delivered.
    pub(crate) fn purge(&self, is_dead: impl Fn(&Queue) -> bool) {
        let is_in_vain = |level: &Level| is_dead(&level.queue);
        let level = self.level.borrow_mut().take_if(|level| is_in_vain(level));
        let port = self
            .port
            .borrow_mut()
            .take_if(|port| is_in_vain(port.level()));
        // Before the table, which keeps a port that others hold.
        drop((level, port));
        let tasks = self.tasks.borrow_mut().purge(&is_dead);
        let sinks = self.sinks.borrow_mut().purge(&is_dead);
        // No longer borrowed: destructors are foreign code.
        drop((tasks, sinks));
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.is_main {
            observe::at_exit();
        }
        sent::close();
        let mut controls = Vec::new();
        for sent in self.mailbox.take() {
            match sent {
                Sent::Context(context) => drop(context),
                // As those in the table.
                Sent::Control(control) => controls.push(control),
                // One that misses its thread's storage is caught.
                Sent::Left(left) => runner::quietly(|| drop(left)),
                Sent::Death => {}
            }
        }
        let left = self.tasks.get_mut().waiting();
        // Destructors may need storage of this thread that is gone already.
        controls.extend(self.tasks.get_mut().leak());
        self.sinks.get_mut().leak();
        for control in &controls {
            mem::forget(control.bury());
        }
        // At the end of the process everything is left where it is.
        if self.is_main {
            return;
        }
        if left > 0 {
            glib::g_warning!(
                G_LOG_DOMAIN,
                "a thread ended while {left} callback(s) waited on it; they are leaked"
            );
        }
        if !controls.is_empty() {
            runner::run_alone(Box::new(StopWorkers(controls)));
        }
    }
}

/// Tells the workers of tasks whose thread has ended. A cancellable calls what
/// others have connected to it, which may need more than is left of that thread.
struct StopWorkers(Vec<Arc<Control>>);

impl Job for StopWorkers {
    fn run(self: Box<Self>) {
        for control in &self.0 {
            control.stop_worker();
        }
    }

    fn name(&self) -> Option<&str> {
        None
    }

    fn refuse(self: Box<Self>, _: io::Error) {}
}

/// Whether this is the thread that the process began with.
fn is_main_thread() -> bool {
    #[cfg(target_os = "linux")]
    {
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        u32::try_from(thread).is_ok_and(|thread| thread == std::process::id())
    }
    #[cfg(not(target_os = "linux"))]
    {
        std::thread::current().name() == Some("main")
    }
}

//! A table of the callbacks that wait for their tasks to end.

use std::{
    any::Any,
    mem,
    ops::DerefMut,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use glib::Priority;
use slab::Slab;

use crate::{
    arrival::{Arrival, Left},
    control::{Control, Details, Place},
    delivery::{Level, Queue},
    entry::Ties,
    observe::{self, trace},
    port::{AnyPort, Port, typed},
    state::Verdict,
    trim,
};

/// A waiting callback and what belongs to it, with its types erased.
pub(crate) trait Entry {
    /// Calls the callback. Called at home.
    fn deliver(self: Box<Self>, arrival: Arrival<'_>, details: Details<'_>);
    /// What is undone as the task ends.
    fn ties(&mut self) -> &mut Ties;
    /// The context is being finalized: what it undoes itself is left to it.
    fn bury(&mut self);
}

/// One that has a thread, where the task's objects are told.
pub(crate) trait LocalEntry: Entry {
    /// The object that the task is about.
    fn source(&self) -> Option<glib::Object>;
    /// Its thread ends, and it is leaked: tells who waits for it elsewhere.
    fn abandon(&self);
    /// The task as GIO sees it.
    #[allow(dead_code, reason = "only one backend has one")]
    fn async_result(&mut self, details: Details<'_>) -> Option<gio::AsyncResult>;
}

/// A task, by the row of its callback. Rows are used again, but in another
/// turn: the next task with the same ticket comes four billion tasks later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    table: u32,
    index: u32,
    turn: u32,
}

impl Ticket {
    /// What those who look call the task.
    pub(crate) fn id(self) -> u64 {
        u64::from(self.table) << 32 | u64::from(self.turn)
    }
}

/// The callbacks of one thread or of one context, and the ports that their
/// results come through.
pub(crate) struct Table<E: ?Sized, P: ?Sized> {
    rows: Slab<Row<E>>,
    ports: Slab<Arc<P>>,
    number: u32,
    next_turn: u32,
}

struct Row<E: ?Sized> {
    turn: u32,
    port: u32,
    control: Option<Arc<Control>>,
    entry: Box<E>,
}

impl<E: Entry + ?Sized, P: AnyPort + ?Sized> Table<E, P> {
    pub(crate) fn new() -> Self {
        static TABLES: AtomicU32 = AtomicU32::new(0);
        Self {
            rows: Slab::new(),
            ports: Slab::new(),
            // ORDERING: a number of its own is all that a table needs.
            number: TABLES.fetch_add(1, Ordering::Relaxed),
            next_turn: 0,
        }
    }

    /// The port of `level` for results of these types.
    pub(crate) fn port<T: 'static, E2: 'static>(
        &mut self,
        level: &Arc<Level>,
        place: Place,
        erase: impl FnOnce(Arc<Port<T, E2>>) -> Arc<P>,
    ) -> Arc<Port<T, E2>> {
        let known = self
            .ports
            .iter()
            .filter(|(_, port)| Arc::ptr_eq(port.level(), level))
            .find_map(|(_, port)| typed(port.as_any()));
        known.unwrap_or_else(|| {
            let vacant = self.ports.vacant_entry();
            let port = Port::new(level.clone(), place, small(vacant.key()));
            vacant.insert(erase(port.clone()));
            port
        })
    }

    /// Takes in a callback whose result comes through the port of this number.
    #[inline]
    pub(crate) fn insert(
        &mut self,
        port: u32,
        entry: Box<E>,
        make: impl FnOnce(Ticket) -> Option<Arc<Control>>,
    ) -> (Ticket, Option<Arc<Control>>) {
        let vacant = self.rows.vacant_entry();
        let ticket = Ticket {
            table: self.number,
            index: small(vacant.key()),
            turn: self.next_turn,
        };
        self.next_turn = self.next_turn.wrapping_add(1);
        let control = make(ticket);
        vacant.insert(Row {
            turn: ticket.turn,
            port,
            control: control.clone(),
            entry,
        });
        (ticket, control)
    }

    #[inline]
    fn row(&mut self, ticket: Ticket) -> Option<&mut Row<E>> {
        self.rows
            .get_mut(ticket.index as usize)
            .filter(|row| row.turn == ticket.turn)
    }

    pub(crate) fn entry(&mut self, ticket: Ticket) -> Option<&mut E> {
        self.row(ticket).map(|row| &mut *row.entry)
    }

    /// Notes who controls a task that was made without. Says whether its
    /// callback still waits.
    pub(crate) fn link(&mut self, control: &Arc<Control>) -> bool {
        let row = self.row(control.ticket);
        row.map(|row| row.control = Some(control.clone())).is_some()
    }

    /// Takes the callback of a task out, unless that has been done.
    #[inline]
    pub(crate) fn remove(&mut self, ticket: Ticket) -> Option<Box<E>> {
        self.row(ticket)?;
        let entry = self.rows.remove(ticket.index as usize).entry;
        trim(&mut self.rows);
        Some(entry)
    }

    /// Takes out every row and port whose queue is dead.
    pub(crate) fn purge(&mut self, is_dead: impl Fn(&Queue) -> bool) -> Dead<E> {
        let numbers: Vec<u32> = self
            .ports
            .iter()
            .filter(|(_, port)| is_dead(&port.level().queue))
            .map(|(number, _)| small(number))
            .collect();
        if numbers.is_empty() {
            return Dead {
                rows: Vec::new(),
                results: Vec::new(),
            };
        }
        let rows: Vec<usize> = self
            .rows
            .iter()
            .filter(|(_, row)| numbers.contains(&row.port))
            .map(|(index, _)| index)
            .collect();
        Dead {
            rows: rows
                .into_iter()
                .map(|index| DeadRow::new(self.number, index, self.rows.remove(index)))
                .collect(),
            results: numbers
                .into_iter()
                .filter_map(|number| {
                    let port = self.ports.get(number as usize)?;
                    let results = port.drain();
                    // Somebody may still leave something there for a thread.
                    // (The table of a context would keep itself, through it.)
                    if Arc::strong_count(port) == 1 || port.place() == Place::Context {
                        self.ports.remove(number as usize);
                    }
                    results
                })
                .collect(),
        }
    }

    /// Where the results of this number come through.
    pub(crate) fn shared_port(&self, number: u32) -> Option<Arc<P>> {
        self.ports.get(number as usize).cloned()
    }

    fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.rows.iter().map(|(index, row)| Ticket {
            table: self.number,
            index: small(index),
            turn: row.turn,
        })
    }

    /// How many callbacks have not been called.
    pub(crate) fn waiting(&self) -> usize {
        self.rows.len()
    }
}

impl Table<dyn LocalEntry, dyn AnyPort> {
    /// Leaks what waits. Those who control it are left to be told.
    pub(crate) fn leak(&mut self) -> Vec<Arc<Control>> {
        let mut controls = Vec::new();
        let tickets: Vec<_> = self.tickets().collect();
        tickets.into_iter().for_each(observe::dropped);
        for row in self.rows.drain() {
            controls.extend(row.control);
            row.entry.abandon();
            mem::forget(row.entry);
        }
        for port in self.ports.drain() {
            mem::forget(port.drain());
        }
        controls
    }
}

/// An index of something that there are never four billion of.
fn small(index: usize) -> u32 {
    u32::try_from(index).expect("memory ends before")
}

/// What a dead context leaves, to be dropped at home and outside of any lock.
pub(crate) struct Dead<E: ?Sized> {
    #[expect(dead_code, reason = "dropped")]
    rows: Vec<DeadRow<E>>,
    #[expect(dead_code, reason = "dropped")]
    results: Vec<Box<dyn Any>>,
}

struct DeadRow<E: ?Sized> {
    ticket: Ticket,
    control: Option<Arc<Control>>,
    _left: Option<Left>,
    _entry: Box<E>,
}

impl<E: Entry + ?Sized> DeadRow<E> {
    fn new(table: u32, index: usize, row: Row<E>) -> Self {
        let Row {
            turn,
            control,
            mut entry,
            ..
        } = row;
        entry.bury();
        Self {
            ticket: Ticket {
                table,
                index: small(index),
                turn,
            },
            _left: control.as_ref().and_then(|control| control.bury()),
            control,
            _entry: entry,
        }
    }
}

impl<E: ?Sized> Drop for DeadRow<E> {
    fn drop(&mut self) {
        observe::dropped(self.ticket);
        if let Some(control) = &self.control {
            control.stop_worker();
        }
    }
}

/// Delivers to a task that is controlled, if that is due. `table` is not
/// borrowed while foreign code runs.
pub(crate) fn deliver<E, P, T>(control: &Arc<Control>, table: impl Fn() -> T)
where
    E: Entry + ?Sized,
    P: AnyPort + ?Sized,
    T: DerefMut<Target = Table<E, P>>,
{
    /// Delivers later what could not be delivered now, as foreign code unwound.
    struct Resend<'a>(&'a Arc<Control>);
    impl Drop for Resend<'_> {
        fn drop(&mut self) {
            self.0.send();
        }
    }

    /// Finishes also when the callback unwinds, as it may when it runs inline.
    struct Finish<'a>(&'a Arc<Control>);
    impl Drop for Finish<'_> {
        fn drop(&mut self) {
            // Else nobody has a handle to be told.
            if Arc::strong_count(self.0) > 1 {
                self.0.finish();
            }
        }
    }

    // What was reported before comes first, and may still cancel the task.
    let unwinding = Resend(control);
    control.level.queue.deliver_progress();
    mem::forget(unwinding);

    let (verdict, left) = control.take();
    let entry = verdict.and_then(|_| table().remove(control.ticket));
    let (Some(verdict), Some(entry)) = (verdict, entry) else {
        // Its callback was called before this came, or dropped.
        if verdict.is_some() {
            control.finish();
        }
        if let Some(left) = left {
            left.discard(table);
        }
        return;
    };
    trace!(
        "qio_task_thread_result",
        control.ticket,
        control.name(),
        ?verdict
    );
    let _finish = Finish(control);
    match (verdict, left) {
        (Verdict::Completed, Some(left)) => left.deliver(entry, control.details(), table),
        (verdict, left) => {
            if let Some(left) = left {
                left.discard(table);
            }
            let why = match verdict {
                Verdict::Interrupted(why) => Arrival::Interrupted(why),
                // A completer leaves a result before it says that it has ended.
                Verdict::Completed => Arrival::Nothing,
            };
            entry.deliver(why, control.details());
        }
    }
}

/// Delivers a result to a task that nobody controls. `table` is not borrowed
/// while foreign code runs.
pub(crate) fn deliver_result<E, P, T>(
    ticket: Ticket,
    left: Left,
    priority: Priority,
    table: impl Fn() -> T,
) where
    E: Entry + ?Sized,
    P: AnyPort + ?Sized,
    T: DerefMut<Target = Table<E, P>>,
{
    let entry = table().remove(ticket);
    match entry {
        Some(entry) => left.deliver(entry, Details::unnamed(ticket, priority), table),
        None => left.discard(table),
    }
}

//! What waits for the thread that made it, while another one iterates its context.
//!
//! A program that starts on one thread and runs its loop on another, as one does that starts
//! in an async runtime, is told where it made what will wait for ever. A thread that has
//! iterated the context itself may do so again, and is not told of; nor is a task of which
//! somebody waits for the worker.

use std::{
    cell::Cell,
    panic::Location,
    sync::{Mutex, MutexGuard},
};

use super::{
    events::{self, Event},
    home::Home,
    item::Item,
    node::{NodeRef, Queue},
};
use crate::{
    base::{G_LOG_DOMAIN, sync::lock},
    context::current::{address, global},
};

/// The places that have been warned of. They are few.
static TOLD: Mutex<Vec<&'static Location<'static>>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this thread writes a warning.
    static IS_WARNING: Cell<bool> = const { Cell::new(false) };
}

/// This thread iterates the context of `queue`, and has found `item`, which is for another
/// one. Hands out what is to be told of it, if it is time to.
pub(super) fn pass_over(item: &mut Item<NodeRef>, queue: &Queue) -> Option<Item<NodeRef>> {
    let (home, place, passed_over) = match item {
        Item::Task(node, passed_over) if !node.state.is_waited_for() => {
            (node.home?, node.place, passed_over)
        }
        Item::Messages(channel, passed_over) => (channel.home()?, channel.place()?, passed_over),
        Item::Report {
            home: Some(home),
            place: Some(place),
            passed_over,
            ..
        } => (*home, *place, passed_over),
        _ => return None,
    };
    let is_to_be_told = passed_over.count() && is_wrong(queue, home);
    let is_new = || !told().contains(&place) || events::observer().is_some();
    (is_to_be_told && is_new()).then(|| item.clone())
}

/// Tells of what was passed over. What the log is written with is foreign code.
pub(super) fn tell(item: &Item<NodeRef>, queue: &Queue) {
    match item {
        Item::Task(node, _) => tell_of_task(node),
        Item::Messages(channel, _) => {
            if let Some(place) = channel.place() {
                warn(queue, place, || "a `Messages`".to_owned());
            }
        }
        Item::Report {
            place: Some(place), ..
        } => warn(queue, place, || "a progress".to_owned()),
        Item::Report { .. } | Item::Release { .. } => {}
    }
}

/// This thread iterates the context of a task, which waits for another one, and not for the
/// first time.
pub(crate) fn tell_of_task(node: &NodeRef) {
    let queue = &node.level.queue;
    if node.home.is_none_or(|home| !is_wrong(queue, home)) {
        return;
    }
    node.tell(Event::PassedOver);
    warn(queue, node.place, || match node.name() {
        Some(name) => format!("the task {name:?},"),
        None => "a task".to_owned(),
    });
}

/// Whether that thread will hardly ever iterate the context of `queue`.
fn is_wrong(queue: &Queue, thread: Home) -> bool {
    !queue.per_context.iterated.has(thread)
}

/// Warns once for each place.
fn warn(queue: &Queue, place: &'static Location<'static>, what: impl FnOnce() -> String) {
    // Other contexts are iterated by whoever was told of them.
    if queue.context_address() != address(global()) || IS_WARNING.get() {
        return;
    }
    {
        let mut told = told();
        if told.contains(&place) {
            return;
        }
        told.push(place);
    }
    // Unlocked. GLib ends a process that warns as it warns.
    IS_WARNING.set(true);
    glib::g_warning!(
        G_LOG_DOMAIN,
        "{} made at {place} waits for the thread that made it, but another one runs the loop of \
         the global default main context: make it on that thread, or with `Builder::callback_on`",
        what()
    );
    IS_WARNING.set(false);
}

fn told() -> MutexGuard<'static, Vec<&'static Location<'static>>> {
    lock(&TOLD)
}

//! What other threads send home: what belongs to one thread is touched and
//! dropped there, as this library is next used on it.

use std::{
    collections::BTreeMap,
    mem,
    num::NonZero,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use glib::MainContext;

use crate::{arrival::Left, control::Control, home::Home, lock};

/// Something for a thread.
pub(crate) enum Sent {
    /// A reference on a context, to be given back.
    Context(MainContext),
    /// What others end a task through that was made without.
    Control(Arc<Control>),
    /// What a worker has left for a callback that was dropped with its context.
    Left(Left),
    /// A context has died, or something was left in a port of one that has.
    Death,
}

/// What has been sent to one thread.
#[derive(Default)]
pub(crate) struct Mailbox {
    sent: Mutex<Vec<Sent>>,
    /// Whether there is anything; the lock is taken only then.
    any: AtomicBool,
}

/// The mailboxes of the threads that live and have a home.
static MAILBOXES: Mutex<BTreeMap<NonZero<u32>, Arc<Mailbox>>> = Mutex::new(BTreeMap::new());

impl Mailbox {
    /// This thread has a home from now on.
    pub(crate) fn open() -> Arc<Self> {
        let mailbox = Arc::<Self>::default();
        lock(&MAILBOXES).insert(Home::thread(), mailbox.clone());
        mailbox
    }

    fn put(&self, sent: Sent) {
        let mut all = lock(&self.sent);
        // One for all: who never looks should not gather them.
        if !matches!((&sent, all.last()), (Sent::Death, Some(Sent::Death))) {
            all.push(sent);
        }
        // ORDERING: with the lock; a reader that sees it takes the lock.
        self.any.store(true, Ordering::Release);
    }

    #[inline]
    pub(crate) fn has_any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    pub(crate) fn take(&self) -> Vec<Sent> {
        let mut all = lock(&self.sent);
        self.any.store(false, Ordering::Release);
        mem::take(&mut all)
    }
}

/// Sends something home; hands it back when that thread is gone.
pub(crate) fn send(home: NonZero<u32>, sent: Sent) -> Result<(), Sent> {
    match lock(&MAILBOXES).get(&home) {
        Some(mailbox) => {
            mailbox.put(sent);
            Ok(())
        }
        None => Err(sent),
    }
}

/// Tells all other threads that a context has died.
pub(crate) fn announce_death() {
    let here = Home::thread();
    for (home, mailbox) in &*lock(&MAILBOXES) {
        if *home != here {
            mailbox.put(Sent::Death);
        }
    }
}

/// Whether that thread lives.
pub(crate) fn is_alive(home: NonZero<u32>) -> bool {
    lock(&MAILBOXES).contains_key(&home)
}

/// This thread is about to end: nobody sends it anything from now on.
pub(crate) fn close() {
    lock(&MAILBOXES).remove(&Home::thread());
}

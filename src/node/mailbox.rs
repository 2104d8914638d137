//! What other threads send home: what belongs to one thread is touched and
//! dropped there, as this library is next used on it.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use glib::MainContext;

use super::home::{self, Home};
use crate::base::sync::lock;

/// Something for a thread.
pub(super) enum Mail {
    /// A reference on a context, to be given back.
    Context(MainContext),
    /// A context has died.
    Death,
}

/// What has been sent to one thread.
#[derive(Default)]
pub(super) struct Mailbox {
    sent: Mutex<Vec<Mail>>,
    /// Whether there is anything; the lock is taken only then.
    any: AtomicBool,
}

/// The mailboxes of the threads that live and have a registry.
static MAILBOXES: Mutex<BTreeMap<Home, Arc<Mailbox>>> = Mutex::new(BTreeMap::new());

impl Mailbox {
    /// This thread has a registry from now on.
    pub(super) fn open() -> Arc<Self> {
        let mailbox = Arc::<Self>::default();
        lock(&MAILBOXES).insert(home::here(), mailbox.clone());
        mailbox
    }

    fn put(&self, mail: Mail) {
        let mut all = lock(&self.sent);
        // One for all: who never looks should not gather them.
        if !matches!((&mail, all.last()), (Mail::Death, Some(Mail::Death))) {
            all.push(mail);
        }
        // ORDERING: with the lock; a reader that sees it takes the lock.
        self.any.store(true, Ordering::Release);
    }

    #[inline]
    pub(super) fn has_any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    pub(super) fn take(&self) -> Vec<Mail> {
        let mut all = lock(&self.sent);
        self.any.store(false, Ordering::Release);
        mem::take(&mut all)
    }
}

/// Sends a reference on a context home; hands it back when that thread is gone.
pub(super) fn send(home: Home, context: MainContext) -> Result<(), MainContext> {
    match lock(&MAILBOXES).get(&home) {
        Some(mailbox) => {
            mailbox.put(Mail::Context(context));
            Ok(())
        }
        None => Err(context),
    }
}

/// Tells all other threads that a context has died.
pub(super) fn announce_death() {
    let here = home::here();
    for (home, mailbox) in &*lock(&MAILBOXES) {
        if *home != here {
            mailbox.put(Mail::Death);
        }
    }
}

/// Whether that thread lives.
pub(super) fn is_alive(home: Home) -> bool {
    lock(&MAILBOXES).contains_key(&home)
}

/// This thread is about to end: nobody sends it anything from now on.
pub(super) fn close() {
    lock(&MAILBOXES).remove(&home::here());
}

//! What other threads send home: what belongs to one thread is touched and
//! dropped there, as this library is next used on it.

use std::{
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

/// The mailboxes of the threads that live and have a registry, by the threads' numbers.
static MAILBOXES: Mutex<Vec<(Home, Arc<Mailbox>)>> = Mutex::new(Vec::new());

/// Where the mailbox of a thread is, or would be.
fn find(mailboxes: &[(Home, Arc<Mailbox>)], home: Home) -> Result<usize, usize> {
    mailboxes.binary_search_by_key(&home, |(home, _)| *home)
}

impl Mailbox {
    /// This thread has a registry from now on.
    pub(super) fn open() -> Arc<Self> {
        let mailbox = Arc::<Self>::default();
        let mut mailboxes = lock(&MAILBOXES);
        if let Err(place) = find(&mailboxes, home::here()) {
            mailboxes.insert(place, (home::here(), mailbox.clone()));
        }
        drop(mailboxes);
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
    let mailboxes = lock(&MAILBOXES);
    match find(&mailboxes, home) {
        Ok(place) => {
            mailboxes[place].1.put(Mail::Context(context));
            Ok(())
        }
        Err(_) => Err(context),
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
    find(&lock(&MAILBOXES), home).is_ok()
}

/// This thread is about to end: nobody sends it anything from now on.
pub(super) fn close() {
    let mut mailboxes = lock(&MAILBOXES);
    if let Ok(place) = find(&mailboxes, home::here()) {
        mailboxes.remove(place);
    }
}

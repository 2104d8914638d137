//! The contexts and threads of the soak, and what is under way on each.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering::SeqCst},
};

use glib::MainContext;

use crate::order::Orders;

/// What has to be over before something goes.
#[derive(Default)]
pub struct Tally {
    /// Tasks that have not ended.
    pub tasks: AtomicI64,
    /// Results that have been made and not dropped.
    pub results: AtomicI64,
    /// Others who have something of it in hand: see [`Hand`].
    hands: AtomicI64,
}

impl Tally {
    /// Whether nothing is under way. Hands are looked at first: what they
    /// leave behind is counted before they let go.
    pub fn is_empty(&self) -> bool {
        self.hands.load(SeqCst) == 0
            && self.results.load(SeqCst) == 0
            && self.tasks.load(SeqCst) == 0
    }
}

/// One life of a home thread.
pub struct Host {
    /// Its number, which no other thread has.
    pub thread: u32,
    pub tally: Tally,
}

impl Host {
    /// This thread, from now on a home.
    pub fn here() -> Arc<Self> {
        Arc::new(Self {
            thread: thread_number(),
            tally: Tally::default(),
        })
    }
}

/// One context, from its making to its death.
pub struct Life {
    /// The address of the context: only ever compared.
    pub address: usize,
    pub tally: Tally,
    pub orders: Mutex<Orders>,
}

impl Life {
    pub fn of(context: &MainContext) -> Arc<Self> {
        Arc::new(Self {
            address: context.as_ptr().addr(),
            tally: Tally::default(),
            orders: Mutex::default(),
        })
    }
}

/// Keeps a thread or a context from going, while another thread still holds
/// something of a task that belongs there.
pub struct Hand(Arc<dyn AsRef<Tally> + Send + Sync>);

impl AsRef<Tally> for Host {
    fn as_ref(&self) -> &Tally {
        &self.tally
    }
}

impl AsRef<Tally> for Life {
    fn as_ref(&self) -> &Tally {
        &self.tally
    }
}

impl Hand {
    pub fn on(whom: &Arc<impl AsRef<Tally> + Send + Sync + 'static>) -> Self {
        let whom: Arc<dyn AsRef<Tally> + Send + Sync> = whom.clone();
        (*whom).as_ref().hands.fetch_add(1, SeqCst);
        Self(whom)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        (*self.0).as_ref().hands.fetch_sub(1, SeqCst);
    }
}

/// A place among the `--contexts`: one context after the other.
pub struct Place {
    pub number: usize,
    /// Whether two threads iterate it in turn.
    pub is_shared: bool,
    now: Mutex<Now>,
    is_closing: AtomicBool,
}

/// The context that a place has now.
struct Now {
    context: MainContext,
    life: Arc<Life>,
}

impl Place {
    pub fn new(number: usize, is_shared: bool) -> Self {
        Self {
            number,
            is_shared,
            now: Mutex::new(Self::next(number)),
            is_closing: AtomicBool::new(false),
        }
    }

    /// The first place has the global default context, which never dies.
    pub fn is_global(&self) -> bool {
        self.number == 0
    }

    fn next(number: usize) -> Now {
        let context = match number {
            0 => MainContext::default(),
            _ => MainContext::new(),
        };
        let life = Life::of(&context);
        Now { context, life }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The context, unless it is about to die, for a thread that does not
    /// iterate it. It does not die before the hand on it is dropped.
    pub fn enter(&self) -> Option<(MainContext, Arc<Life>, Hand)> {
        let now = self.now();
        (!self.is_closing()).then(|| (now.context.clone(), now.life.clone(), Hand::on(&now.life)))
    }

    /// The context, for a thread that iterates it, with a hand if another one
    /// does so, too.
    pub fn enter_as_home(&self) -> (MainContext, Arc<Life>, Option<Hand>) {
        let now = self.now();
        let hand = self.is_shared.then(|| Hand::on(&now.life));
        (now.context.clone(), now.life.clone(), hand)
    }

    /// Nobody makes tasks for the context from now on, which is this one.
    pub fn close(&self) -> Arc<Life> {
        let now = self.now();
        self.is_closing.store(true, SeqCst);
        now.life.clone()
    }

    pub fn is_closing(&self) -> bool {
        self.is_closing.load(SeqCst)
    }

    /// Lets go of the context, and has a new one, which is open.
    pub fn replace(&self) {
        let mut now = self.now();
        let last = std::mem::replace(&mut *now, Self::next(self.number));
        self.is_closing.store(false, SeqCst);
        drop(now);
        drop(last.context);
    }
}

/// The number of this thread.
pub fn thread_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    thread_local! {
        // Without a destructor: asked for also as the thread ends.
        static NUMBER: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }
    if NUMBER.get() == 0 {
        NUMBER.set(NEXT.fetch_add(1, SeqCst));
    }
    NUMBER.get()
}

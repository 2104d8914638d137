//! [`Here`]: what a home thread has of its own, for the callbacks that run on it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{Arc, PoisonError},
};

use glib::MainContext;

use crate::{
    place::{Hand, Host, Life, Place},
    token::{Flag, Whereabouts},
    world::{Phase, world},
};

/// See the module's documentation.
pub struct Here {
    pub host: Arc<Host>,
    pub place: Arc<Place>,
    life: RefCell<Arc<Life>>,
    context: RefCell<MainContext>,
    /// How many callbacks are on the stack.
    depth: Cell<u32>,
    stash: RefCell<Vec<Stashed>>,
}

/// Something to do once a task has ended.
struct Stashed {
    when: Flag,
    act: Box<dyn FnOnce()>,
}

/// Callbacks nest no deeper.
const DEPTH: u32 = 4;

thread_local! {
    static HERE: RefCell<Option<Rc<Here>>> = const { RefCell::new(None) };
}

/// What this thread has, if it is a home.
pub fn here() -> Option<Rc<Here>> {
    HERE.with_borrow(Clone::clone)
}

impl Here {
    /// Makes this thread a home.
    pub fn begin(place: &Arc<Place>) -> Rc<Self> {
        let (context, life, hand) = place.enter_as_home();
        drop(hand);
        let here = Rc::new(Self {
            host: Host::here(),
            place: place.clone(),
            life: RefCell::new(life),
            context: RefCell::new(context),
            depth: Cell::new(0),
            stash: RefCell::default(),
        });
        HERE.set(Some(here.clone()));
        here
    }

    /// It is none any more.
    pub fn end(&self) {
        let life = self.life();
        let mut orders = life.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.forget(self.host.thread);
        HERE.set(None);
    }

    pub fn context(&self) -> MainContext {
        self.context.borrow().clone()
    }

    pub fn life(&self) -> Arc<Life> {
        self.life.borrow().clone()
    }

    pub fn whereabouts(&self) -> Whereabouts {
        Whereabouts {
            host: Some(self.host.clone()),
            life: self.life(),
        }
    }

    /// A hand on this thread, for who has one of its tasks.
    pub fn hand(&self) -> Hand {
        Hand::on(&self.host)
    }

    /// Runs `round` with the place's context as the default, unless another
    /// thread has it at the moment. Says whether it ran.
    pub fn within(&self, round: impl FnOnce(&MainContext)) -> bool {
        let (context, life, hand) = self.place.enter_as_home();
        self.life.replace(life);
        drop(self.context.replace(context.clone()));
        let ran = context.with_thread_default(|| round(&context)).is_ok();
        if self.place.is_shared {
            // Before the hand: the other one may be waiting to be the last.
            self.context.replace(MainContext::default());
        }
        drop(context);
        drop(hand);
        ran
    }

    /// Lets go of a context that is to die.
    pub fn forget_context(&self) {
        drop(self.context.replace(MainContext::default()));
    }

    /// Calls `f` one callback deeper, unless that is too deep, or the time is
    /// not for making more.
    pub fn deeper(&self, f: impl FnOnce(&Self)) {
        if self.depth.get() < DEPTH && world().phase() == Phase::Run && !self.place.is_closing() {
            self.depth.set(self.depth.get() + 1);
            f(self);
            self.depth.set(self.depth.get() - 1);
        }
    }

    /// Does `act` once the task of `when` has ended.
    pub fn when_ended(&self, when: Flag, act: impl FnOnce() + 'static) {
        self.stash.borrow_mut().push(Stashed {
            when,
            act: Box::new(act),
        });
    }

    /// Does what is due of that.
    pub fn sweep(&self) {
        if self.stash.borrow().is_empty() {
            return;
        }
        let (due, left): (Vec<_>, Vec<_>) =
            (self.stash.take().into_iter()).partition(|stashed| stashed.when.is_set());
        self.stash.borrow_mut().extend(left);
        for stashed in due {
            (stashed.act)();
        }
    }

    /// Whether something waits for the end of a task.
    pub fn has_stash(&self) -> bool {
        !self.stash.borrow().is_empty()
    }
}

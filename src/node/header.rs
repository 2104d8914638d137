//! [`Header`]: the side of a task that any thread may touch, whatever its types are.
//!
//! It is generic only so that this file need not know the node, which has a header.

#[cfg(feature = "capi")]
use std::{num::NonZero, sync::Arc, time::Duration};
use std::{
    panic::Location,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Instant,
};

#[cfg(feature = "capi")]
use super::inactivity::Inactivity;
use super::{
    events::{self, Event},
    extra::{Attached, Extra},
    home::{self, Home},
    member::{Key, Membership},
};
use crate::base::state::{State, Traits};

/// See the module's documentation. `L` is a reference on the level of its context, `G` one on a
/// group.
pub(crate) struct Header<L, G> {
    pub(crate) state: State,
    /// The thread of the callback. `None` for whichever iterates the context.
    pub(crate) home: Option<Home>,
    /// Where the registry has it; written as it is put there, and read as it is taken out.
    pub(super) index: AtomicU32,
    /// How many tasks were made at its home before; written likewise.
    pub(super) serial: AtomicU32,
    pub(crate) level: L,
    /// The first of its groups.
    pub(crate) group: Option<G>,
    /// Where that has it.
    pub(crate) key: Key,
    /// Whether its worker has a place in each of its groups.
    has_places: AtomicBool,
    /// Where it was made.
    pub(crate) place: &'static Location<'static>,
    extra: OnceLock<Box<Extra>>,
}

impl<L, G> Header<L, G> {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "each field goes straight to its place"
    )]
    pub(super) fn new(
        level: L,
        home: Option<Home>,
        place: &'static Location<'static>,
        group: Option<G>,
        extra: Option<Box<Extra>>,
        traits: Traits,
    ) -> Self {
        Self {
            state: State::new(traits),
            home,
            index: AtomicU32::new(0),
            serial: AtomicU32::new(0),
            level,
            group,
            key: Key::new(),
            has_places: AtomicBool::new(false),
            place,
            extra: extra.map_or_else(OnceLock::new, OnceLock::from),
        }
    }

    /// The number of the task, which no other one of the process has, unless that has made
    /// four billion tasks on one thread.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        let home = self.home.map_or(0, Home::get);
        // ORDERING: written before anybody else knows the task.
        u64::from(home) << 32 | u64::from(self.serial.load(Ordering::Relaxed))
    }

    #[inline]
    pub(crate) fn extra(&self) -> Option<&Extra> {
        self.extra.get().map(|extra| &**extra)
    }

    /// What few tasks have; made here, if need be.
    pub(super) fn or_extra(&self) -> &Extra {
        self.extra.get_or_init(Box::default)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.extra()?.name.as_deref()
    }

    /// What it belongs to besides the first of its groups, if there is anything.
    #[inline]
    pub(crate) fn membership(&self) -> Option<&Membership> {
        Some(self.extra()?.membership.get()?)
    }

    /// Whether it belongs to anything.
    #[inline]
    pub(super) fn has_sets(&self) -> bool {
        self.group.is_some() || self.membership().is_some()
    }

    /// Says that its worker has its places, or has none. Says whether it had them.
    pub(super) fn set_has_places(&self, has_places: bool) -> bool {
        // ORDERING: the places are counted under a lock; this says who is to give them back.
        self.has_places.swap(has_places, Ordering::AcqRel)
    }

    pub(crate) fn has_dedicated_thread(&self) -> bool {
        // ORDERING: whoever hands the task to a worker has set it, or was given the task after.
        self.extra()
            .is_some_and(|extra| extra.dedicated_thread.load(Ordering::Relaxed))
    }

    /// Says that its worker is to have a thread of its own.
    #[cfg(feature = "capi")]
    pub(crate) fn set_dedicated_thread(&self) {
        let extra = self.or_extra();
        extra.dedicated_thread.store(true, Ordering::Relaxed);
    }

    /// Says for how long its worker may show no sign of life, before that is submitted.
    #[cfg(feature = "capi")]
    pub(crate) fn set_inactivity(&self, limit: Duration) {
        // Once, as the task is handed to its worker.
        let life = &self.or_extra().inactivity;
        life.get_or_init(|| Arc::new(Inactivity::new(limit)));
    }

    /// Says how large the stack of that thread is.
    #[cfg(feature = "capi")]
    pub(crate) fn set_stack_size(&self, bytes: NonZero<usize>) {
        let extra = self.or_extra();
        extra.stack_size.store(bytes.get(), Ordering::Relaxed);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.extra()?.deadline
    }

    /// The cancellable that the task was given, until it has ended.
    pub(crate) fn cancellable(&self) -> Option<gio::Cancellable> {
        self.extra()?.cancellable()
    }

    /// Changes what is undone as the task ends, unless it has ended. `change`
    /// runs no foreign code. Called where the callback runs, unless the task has an
    /// [`Extra`] already.
    pub(crate) fn with_attached(&self, change: impl FnOnce(&mut Attached)) {
        // One that has ended without an `Extra` is not given a new one: nobody would undo it.
        if !self.state.is_taken() {
            self.or_extra().with_attached(change);
        }
    }

    /// Whether the callback waits on this thread.
    #[inline]
    pub(crate) fn is_home(&self) -> bool {
        self.home == Some(home::here())
    }

    /// Whether the callback waits on this thread, and nobody has taken it.
    pub(crate) fn is_callback_here(&self) -> bool {
        self.is_home() && !self.state.is_taken()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.state.is_finished()
    }

    /// Tells those who look what happens to the task.
    #[inline]
    pub(crate) fn tell(&self, event: Event) {
        if let Some(observer) = events::observer() {
            observer.tell(self.id(), self.name(), event);
        }
    }
}

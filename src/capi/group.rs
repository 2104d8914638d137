//! [`GroupHandle`]: what C has instead of the address of a group, and what is found by it.

use std::{
    mem,
    sync::{Mutex, MutexGuard, OnceLock},
};

use super::{
    check::{Checked, assert_that},
    ended_func::EndedFunc,
    handle::{Handle, QIOGroup},
    slot,
    table::{AtHand, Table},
};
use crate::{Group, base::sync::lock};

/// The assertion of a call that comes too late.
const FREED: &str = "group has not been freed";

/// See the module's documentation. It is known as such when the group has been freed, as a
/// task's is.
#[derive(Clone, Copy)]
pub(super) struct GroupHandle(Handle);

/// A group that C has references on.
struct Held {
    group: Group,
    /// How many C has, and what was set for its end.
    references: usize,
    /// Whether it is that of the process, which is never freed.
    is_process: bool,
    /// What was set last for its end.
    ended_func: Option<EndedFunc>,
}

/// A group is beside its slot, whose own value is nothing.
type Beside = Mutex<Option<Held>>;
type Slot = slot::Slot<(), Beside>;

/// The groups that C has references on.
static GROUPS: Table<(), Beside> = Table::new();

thread_local! {
    static AT_HAND: AtHand<(), Beside> = const { AtHand::new(&GROUPS) };
}

impl GroupHandle {
    /// Has `group` found by what this returns.
    ///
    /// # Panics
    ///
    /// Panics when there are more groups than numbers.
    pub(super) fn new(group: Group) -> Self {
        Self::insert(group, false)
    }

    /// That of the process.
    pub(super) fn computing() -> Self {
        static COMPUTING: OnceLock<GroupHandle> = OnceLock::new();
        *COMPUTING.get_or_init(|| Self::insert(Group::computing(), true))
    }

    fn insert(group: Group, is_process: bool) -> Self {
        let vacant = GROUPS.vacant_slot(&AT_HAND);
        let slot = vacant.slot();
        *lock(&slot.beside) = Some(Held {
            group,
            references: 1,
            is_process,
            ended_func: None,
        });
        Self(Handle::new(slot.number, vacant.fill(())))
    }

    pub(super) fn from_c(group: *mut QIOGroup) -> Checked<Self> {
        Handle::from_c(group).map(Self).ok_or("group != NULL")
    }

    pub(super) fn to_c(self) -> *mut QIOGroup {
        self.0.to_c()
    }

    fn slot(self) -> Checked<&'static Slot> {
        let slot = self.0.number().and_then(|number| GROUPS.slot(number));
        slot.ok_or(FREED)
    }

    /// What C has, which is none if the handle was freed.
    fn lock(self, slot: &Slot) -> Checked<MutexGuard<'_, Option<Held>>> {
        let held = lock(&slot.beside);
        let is_there = held.is_some() && slot.is_of(self.0.generation());
        is_there.then_some(held).ok_or(FREED)
    }

    /// Looks at what C has. `look` runs no foreign code.
    fn check<R>(self, look: impl FnOnce(&mut Held) -> Checked<R>) -> Checked<R> {
        let mut held = self.lock(self.slot()?)?;
        look(held.as_mut().ok_or(FREED)?)
    }

    pub(super) fn group(self) -> Checked<Group> {
        self.check(|held| Ok(held.group.clone()))
    }

    /// The same, for what the members are told of, who are the caller's then.
    pub(super) fn own_group(self) -> Checked<Group> {
        self.check(|held| {
            assert_that(!held.is_process, "group is not that of the process")?;
            Ok(held.group.clone())
        })
    }

    pub(super) fn reference(self) -> Checked<GroupRef> {
        self.check(|held| {
            held.references += 1;
            Ok(GroupRef(self))
        })
    }

    /// Gives a reference back. With the last one C has no group any more, whose members go on.
    pub(super) fn unreference(self) -> Checked<()> {
        let slot = self.slot()?;
        let mut beside = self.lock(slot)?;
        let held = beside.as_mut().ok_or(FREED)?;
        if held.references > 1 {
            held.references -= 1;
            return Ok(());
        }
        assert_that(!held.is_process, "group is referenced by the caller")?;
        let last = beside.take();
        let taken = slot.take(self.0.generation());
        drop(beside);
        drop(last);
        if let Some(((), taken)) = taken {
            GROUPS.recycle(taken.vacate(), &AT_HAND);
        }
        Ok(())
    }

    /// Has `call` called with the first error once the group has no member, and not what was set
    /// before.
    pub(super) fn set_ended_func(
        self,
        call: impl FnOnce(GroupRef) -> Box<dyn FnOnce(Option<&glib::Error>) + Send>,
    ) -> Checked<()> {
        let (group, call) = (self.group()?, call(self.reference()?));
        // Unlocked: what is freed is foreign.
        let func = EndedFunc::new(group, call);
        let last = self.check(|held| Ok(held.ended_func.replace(func)));
        // Not refused where C has given back more references than it had: it is under way.
        if let Ok(Some(last)) = last {
            last.forget();
        }
        Ok(())
    }
}

/// A counted reference on a group.
pub(super) struct GroupRef(GroupHandle);

impl GroupRef {
    pub(super) fn get(&self) -> GroupHandle {
        self.0
    }

    /// Hands it to C.
    pub(super) fn into_c(self) -> *mut QIOGroup {
        let group = self.0.to_c();
        mem::forget(self);
        group
    }
}

impl Drop for GroupRef {
    fn drop(&mut self) {
        // One that was given back by a mistake of C's is not there to be given back.
        let _ = self.0.unreference();
    }
}

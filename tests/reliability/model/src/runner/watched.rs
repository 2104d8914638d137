//! What tells where it is dropped: captures of callbacks, sources, values.

use std::sync::Arc;

use glib::subclass::prelude::*;
use qio_task::Error;

use super::{WHO, World};
use crate::event::{Id, Outcome, Part, What, Who};

/// Tells as it is dropped.
pub(super) struct Watched {
    world: Arc<World>,
    part: Part,
    /// The task whose worker has made it.
    maker: Option<Id>,
}

impl Watched {
    pub(super) fn new(world: &Arc<World>, part: Part) -> Self {
        Self::made_by(world, part, None)
    }

    fn made_by(world: &Arc<World>, part: Part, maker: Option<Id>) -> Self {
        Self {
            world: world.clone(),
            part,
            maker,
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let who = WHO.try_with(std::cell::Cell::get).unwrap_or(Who::Stranger);
        // What nobody wants any more is dropped by whichever thread of the library, that may
        // have called another worker before.
        let who = match (who, self.maker) {
            (Who::Worker(worker), Some(maker)) if worker != maker => Who::Stranger,
            _ => who,
        };
        self.world.log(who, What::Dropped(self.part));
    }
}

/// What a task is completed with, either way.
pub(super) struct Value {
    id: Id,
    _watched: Watched,
}

impl Value {
    pub(super) fn new(world: &Arc<World>, id: Id) -> Self {
        Self {
            id,
            _watched: Watched::new(world, Part::Value(id)),
        }
    }

    /// What the worker of this task returns.
    pub(super) fn of_worker(world: &Arc<World>, id: Id) -> Self {
        Self {
            id,
            _watched: Watched::made_by(world, Part::Value(id), Some(id)),
        }
    }
}

/// What a callback of this task was called with.
pub(super) fn outcome(id: Id, result: &Result<Value, Error<Value>>) -> Outcome {
    match result {
        Ok(value) if value.id == id => Outcome::Ok,
        Err(Error::Failed(value)) if value.id == id => Outcome::Failed,
        Err(Error::Cancelled) => Outcome::Cancelled,
        Err(Error::TimedOut) => Outcome::TimedOut,
        Err(Error::Abandoned) => Outcome::Abandoned,
        Err(Error::Panicked(message)) if message == super::ON_PURPOSE => Outcome::Panicked,
        _ => Outcome::Wrong,
    }
}

mod imp {
    use std::cell::RefCell;

    use glib::subclass::prelude::*;

    use super::Watched;

    #[derive(Default)]
    pub struct Source(pub(super) RefCell<Option<Watched>>);

    #[glib::object_subclass]
    impl ObjectSubclass for Source {
        const NAME: &'static str = "QioTaskModelSource";
        type Type = super::Source;
    }

    impl ObjectImpl for Source {}
}

glib::wrapper! {
    /// An object that tasks are about.
    pub struct Source(ObjectSubclass<imp::Source>);
}

impl Source {
    pub(super) fn new(world: &Arc<World>, id: Id) -> Self {
        let source: Self = glib::Object::new();
        let watched = Watched::new(world, Part::Source(id));
        source.imp().0.replace(Some(watched));
        source
    }
}

//! What tasks are in: groups, and the newest that wins.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use qio_task::{Error, Group, GroupError, Latest};

use super::{ON_PURPOSE, WHO, World, watched::Watched};
use crate::{
    event::{Ended, Id, Outcome, Part, What},
    program::{Team, Thread},
};

impl World {
    pub(super) fn group(&self, team: Team) -> Option<(Id, Group)> {
        self.state().groups[team as usize].clone()
    }

    pub(super) fn latest(&self) -> Option<Latest> {
        self.state().latest.clone()
    }

    pub(super) fn new_group(&self, team: Team, within: Option<Team>, cancels_on_error: bool) {
        let outer = within.and_then(|team| self.group(team));
        let group = outer.map_or_else(Group::new, |(_, outer)| Group::within(&outer));
        group.cancel_on_error(cancels_on_error);
        let mut state = self.state();
        let id = state.next_group;
        state.next_group += 1;
        let last = state.groups[team as usize].replace((id, group));
        drop(state);
        drop(last);
    }

    pub(super) fn ensure_group(&self, team: Team) -> Group {
        if self.group(team).is_none() {
            self.new_group(team, None, false);
        }
        let (_, group) = self.group(team).expect("it was made");
        group
    }

    pub(super) fn ensure_latest(&self) -> Latest {
        self.state().latest.get_or_insert_with(Latest::new).clone()
    }

    pub(super) fn ask_group(&self, team: Team) -> Option<()> {
        let (id, group) = self.group(team)?;
        let mut context = Context::from_waker(Waker::noop());
        let ended = match pin!(group.ended()).poll(&mut context) {
            Poll::Pending => None,
            Poll::Ready(ended) => Some(ended.map_err(|error| described(&error))),
        };
        let what = What::Group {
            id,
            len: group.len(),
            is_closed: group.is_closed(),
            ended,
        };
        self.log(WHO.get(), what);
        Some(())
    }

    pub(super) fn ended_with(self: &Arc<Self>, team: Team, by: Thread) -> Option<()> {
        let (_, group) = self.group(team)?;
        let default = self.default_context()?;
        default.thread.filter(|thread| *thread == by)?;
        let id = self.state().next_task;
        self.state().next_task += 1;
        let (world, watched) = (self.clone(), Watched::new(self, Part::Callback(id)));
        group.ended_with(move |ended| {
            let ended: Ended = ended.map_err(|error| described(&error));
            let outcome = ended.map_or_else(|(outcome, _)| outcome, |()| Outcome::Ok);
            let default = world.default_context().map(|context| context.id);
            world.log(WHO.get(), What::Called(id, outcome, default));
            drop(watched);
        });
        Some(())
    }
}

/// What kind of error it is, and whose, if that was named.
fn described(error: &GroupError) -> (Outcome, Option<Id>) {
    let outcome = match error.error() {
        Error::Failed(_) => Outcome::Failed,
        Error::TimedOut => Outcome::TimedOut,
        Error::Abandoned => Outcome::Abandoned,
        Error::Panicked(message) if message == ON_PURPOSE => Outcome::Panicked,
        _ => Outcome::Wrong,
    };
    let name = error.task_name().and_then(|name| name.strip_prefix("task "));
    (outcome, name.and_then(|id| id.parse().ok()))
}

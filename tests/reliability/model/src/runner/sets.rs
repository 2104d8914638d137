//! What tasks are in: groups, and the newest that wins.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use qio_task::{Builder, Error, Group, GroupError, Latest};

use super::{ON_PURPOSE, WHO, World, watched::Watched};
use crate::{
    event::{Ended, Id, Outcome, Part, What, Who},
    program::{GroupOp, LatestOp, Plan, Team, Thread},
};

impl World {
    pub(super) fn group(&self, team: Team) -> Option<(Id, Group)> {
        self.state().groups[team as usize].clone()
    }

    pub(super) fn group_op(self: &Arc<Self>, team: Team, op: GroupOp, by: Thread) -> Option<()> {
        if let GroupOp::New {
            within,
            cancels_on_error,
        } = op
        {
            self.new_group(team, within, cancels_on_error);
            return Some(());
        }
        let (id, group) = self.group(team)?;
        match op {
            GroupOp::New { .. } | GroupOp::Drop => {
                let kept = self.state().groups[team as usize].take();
                drop(kept);
            }
            GroupOp::SetMaxThreads(max) => group.set_max_threads(max.get()),
            GroupOp::Cancel => group.cancel(),
            GroupOp::Close => group.close(),
            GroupOp::Finish => group.finish(),
            GroupOp::Ask => self.ask_group(id, &group),
            GroupOp::EndedWith => self.ended_with(&group, by)?,
        }
        Some(())
    }

    pub(super) fn latest_op(&self, op: LatestOp, by: Thread) -> Option<()> {
        let latest = self.state().latest.clone()?;
        match op {
            LatestOp::Cancel => latest.cancel(),
            LatestOp::Ask => {
                self.log(Who::Home(by), What::IsPending(latest.is_pending()));
            }
            LatestOp::Drop => {
                let kept = self.state().latest.take();
                drop(kept);
            }
        }
        Some(())
    }

    /// Puts a task of this plan where it is to be.
    pub(super) fn put_in_sets(&self, mut builder: Builder, plan: &Plan) -> Builder {
        for team in plan.group.into_iter().chain(plan.second) {
            builder = builder.group(&self.ensure_group(team));
        }
        if plan.latest {
            let latest = self.state().latest.get_or_insert_with(Latest::new).clone();
            builder = builder.latest(&latest);
        }
        builder
    }

    fn new_group(&self, team: Team, within: Option<Team>, cancels_on_error: bool) {
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

    fn ensure_group(&self, team: Team) -> Group {
        if self.group(team).is_none() {
            self.new_group(team, None, false);
        }
        let (_, group) = self.group(team).expect("it was made");
        group
    }

    fn ask_group(&self, id: Id, group: &Group) {
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
    }

    fn ended_with(self: &Arc<Self>, group: &Group, by: Thread) -> Option<()> {
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
    let name = error
        .task_name()
        .and_then(|name| name.strip_prefix("task "));
    (outcome, name.and_then(|id| id.parse().ok()))
}

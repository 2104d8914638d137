//! Groups in the model.

use super::{Model, new_id, task::Task};
use crate::{
    event::{Ended, Id, Outcome, What, Who},
    program::{GroupOp, Plan, Team, Thread},
};

pub(super) struct Group {
    outer: Option<Id>,
    lets_in: bool,
    cancels_on_error: bool,
    ended: Ended,
    /// All that ever came, each with how many have come to any group before it.
    members: Vec<(u32, Id)>,
    /// How many are in it, and in those in it.
    len: usize,
    /// How many of those may be at work, and are.
    pub(super) max_threads: usize,
    pub(super) at_work: usize,
    /// The tasks that are to tell of its end.
    waiters: Vec<Id>,
}

impl Model {
    pub(super) fn group_op(&mut self, team: Team, op: GroupOp, by: Thread) -> Option<()> {
        let who = Who::Home(by);
        if let GroupOp::New {
            within,
            cancels_on_error,
        } = op
        {
            let group = self.new_group(within, cancels_on_error);
            self.teams[team as usize] = Some(group);
            return Some(());
        }
        let group = self.teams[team as usize]?;
        match op {
            GroupOp::New { .. } | GroupOp::Drop => self.teams[team as usize] = None,
            GroupOp::SetMaxThreads(max) => self.set_max_threads(group, max),
            GroupOp::Cancel => self.cancel_group(group, None, who),
            GroupOp::Close => {
                self.finish_group(group);
                self.cancel_group(group, None, who);
            }
            GroupOp::Finish => self.finish_group(group),
            GroupOp::Ask => self.ask_group(group, who),
            GroupOp::EndedWith => self.ended_with(group, by)?,
        }
        Some(())
    }

    fn new_group(&mut self, within: Option<Team>, cancels_on_error: bool) -> Id {
        let outer = within.and_then(|team| self.teams[team as usize]);
        let lets_in = outer.is_none_or(|outer| self.group(outer).lets_in);
        let id = new_id(&self.groups);
        self.groups.push(Group {
            outer,
            lets_in,
            cancels_on_error,
            ended: Ok(()),
            members: Vec::new(),
            len: 0,
            max_threads: usize::MAX,
            at_work: 0,
            waiters: Vec::new(),
        });
        id
    }

    /// The groups that a task of this plan is to be in: not those besides that another one is in.
    pub(super) fn ensure_groups(&mut self, plan: &Plan) -> Vec<Id> {
        let mut ensure = |team: Team| {
            let made = self.teams[team as usize].unwrap_or_else(|| self.new_group(None, false));
            self.teams[team as usize] = Some(made);
            made
        };
        let teams = plan.group.into_iter().chain(plan.second);
        let groups: Vec<_> = teams.map(&mut ensure).collect();
        match groups[..] {
            [first, second] if self.with_outers(first).contains(&second) => vec![first],
            [first, second] if self.with_outers(second).contains(&first) => vec![second],
            _ => groups,
        }
    }

    /// A task that was just made comes to a group, and is cancelled if that lets no more in.
    pub(super) fn join_group(&mut self, group: Id, task: Id, who: Who) {
        let all = self.with_outers(group);
        if !all.iter().all(|group| self.group(*group).lets_in) {
            return self.cancel(task, who);
        }
        let seq = self.joins;
        self.joins += 1;
        self.group(group).members.push((seq, task));
        self.task(task).groups.push(group);
        for group in all {
            self.group(group).len += 1;
            if !self.task(task).limits.contains(&group) {
                self.task(task).limits.push(group);
            }
        }
    }

    /// A group, the one that it is in, and so on.
    fn with_outers(&self, group: Id) -> Vec<Id> {
        let outer = |id: &Id| self.groups[*id as usize].outer;
        std::iter::successors(Some(group), outer).collect()
    }

    /// The task leaves its groups, if its callback and its worker have ended.
    pub(super) fn leave_if_over(&mut self, id: Id, who: Who) {
        if !self.task(id).is_over() {
            return;
        }
        for group in std::mem::take(&mut self.task(id).groups) {
            for group in self.with_outers(group) {
                self.group(group).len -= 1;
                if self.group(group).len == 0 {
                    for waiter in std::mem::take(&mut self.group(group).waiters) {
                        self.tell_end(group, waiter, who);
                    }
                }
            }
        }
    }

    fn tell_end(&mut self, group: Id, waiter: Id, who: Who) {
        let ended = self.group(group).ended;
        let outcome = ended.map_or_else(|(outcome, _)| outcome, |()| Outcome::Ok);
        if self.leave_result(waiter, outcome, who) {
            self.send(waiter, who);
        }
    }

    /// Ends all that are in it, and in those in it, in the order in which they came.
    pub(super) fn cancel_group(&mut self, group: Id, except: Option<Id>, who: Who) {
        let mut members = Vec::new();
        for other in 0..new_id(&self.groups) {
            if self.with_outers(other).contains(&group) {
                members.extend(&self.group(other).members);
            }
        }
        members.sort_unstable();
        for (_, member) in members {
            if except != Some(member) {
                self.cancel(member, who);
            }
        }
    }

    fn finish_group(&mut self, group: Id) {
        for other in 0..new_id(&self.groups) {
            if self.with_outers(other).contains(&group) {
                self.group(other).lets_in = false;
            }
        }
    }

    /// A task ends so, which its groups hear of if it is an error.
    pub(super) fn note_error(&mut self, id: Id, outcome: Outcome, who: Who) {
        if matches!(outcome, Outcome::Ok | Outcome::Cancelled) {
            return;
        }
        let name = self.task(id).plan.named.then_some(id);
        for group in self.task(id).groups.clone() {
            for group in self.with_outers(group) {
                if self.group(group).ended.is_ok() {
                    self.group(group).ended = Err((outcome, name));
                }
                if self.group(group).cancels_on_error {
                    self.finish_group(group);
                    self.cancel_group(group, Some(id), who);
                }
            }
        }
    }

    fn ask_group(&mut self, id: Id, who: Who) {
        let group = self.group(id);
        let what = What::Group {
            id,
            len: group.len,
            is_closed: !group.lets_in,
            ended: (group.len == 0).then_some(group.ended),
        };
        self.log(who, what);
    }

    /// `Group::ended_with`: a task of its own, which the group completes.
    fn ended_with(&mut self, group: Id, by: Thread) -> Option<()> {
        let context = self.local_default(by)?;
        self.open_mail(by);
        let plan = Plan::default();
        self.open_lane(context, plan.priority);
        let id = new_id(&self.tasks);
        let mut task = Task::new(&plan, context, Some(by), None);
        task.is_held = false;
        task.tells_end = true;
        self.tasks.push(task);
        if self.group(group).len == 0 {
            self.tell_end(group, id, Who::Home(by));
        } else {
            self.group(group).waiters.push(id);
        }
        Some(())
    }
}

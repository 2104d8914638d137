//! Making tasks and `Progress`es, and what their callbacks do.

use std::{sync::Arc, time::Duration};

use glib::Priority;
use qio_task::{Builder, Error, Messages, Progress, QioTask};

use super::{
    INLINE, Kept, ON_PURPOSE, WHO, World,
    watched::{Source, Value, Watched, outcome},
};
use crate::{
    event::{Id, Part, What, Who},
    program::{Bar, Kind, Level, Pace, Place, Plan, Script, Slot, Thread, Timeout, Token},
};

impl From<Level> for Priority {
    fn from(level: Level) -> Self {
        match level {
            Level::High => Self::HIGH,
            Level::Default => Self::DEFAULT,
            Level::Idle => Self::DEFAULT_IDLE,
            Level::Low => Self::LOW,
        }
    }
}

/// What a callback knows.
struct Called {
    world: Arc<World>,
    id: Id,
    context: Id,
    then: Script,
    panics: bool,
    watched: Watched,
}

impl Called {
    fn call(self, result: Result<Value, Error<Value>>) {
        let Self { world, id, .. } = self;
        let who = WHO.get();
        let default = world.default_context().map(|context| context.id);
        world.log(who, What::Called(id, outcome(id, &result), default));
        let inline = INLINE.take();
        let is_inline = inline == Some(id);
        if let Who::Home(thread) = who {
            world.state().owners.push((thread, self.context));
            let is_last = world.state().is_last;
            for step in self.then.0.iter().filter(|_| !is_last) {
                world.step(thread, step);
            }
            world.state().owners.pop();
        }
        if !is_inline {
            // Another one is about to be called, and this came before it.
            INLINE.set(inline);
        }
        drop((result, self.watched));
        assert!(!(is_inline && self.panics), "{ON_PURPOSE}");
    }
}

impl World {
    pub(super) fn make(self: &Arc<Self>, slot: Slot, plan: &Plan, by: Thread) -> Option<()> {
        if self.state().is_in_use(slot) {
            return None;
        }
        let (context, home) = if let Kind::For(place) = plan.kind {
            (Some(self.state().ensure(place)), None)
        } else {
            (None, Some(by))
        };
        let context_id = if let Some((_, id)) = &context {
            *id
        } else {
            let default = self.default_context()?;
            default.thread.filter(|thread| *thread == by)?;
            default.id
        };
        let id = self.state().next_task;
        self.state().next_task += 1;
        let (builder, messages) = self.builder(plan, id);
        let called = || Called {
            world: self.clone(),
            id,
            context: context_id,
            then: plan.then.clone(),
            panics: plan.panics,
            watched: Watched::new(self, Part::Callback(id)),
        };
        let mut future = None;
        let task = if let Some((context, _)) = context {
            let called = called();
            builder.callback_on(&context, move |result| called.call(result))
        } else if plan.kind == Kind::Future {
            let (task, awaited) = if plan.source {
                builder.source(&Source::new(self, id)).future()
            } else {
                builder.future()
            };
            future = Some(awaited);
            task
        } else if plan.source {
            let called = called();
            let builder = builder.source(&Source::new(self, id));
            builder.callback(move |_, result| called.call(result))
        } else {
            let called = called();
            builder.callback(move |result| called.call(result))
        };
        let kept = Kept {
            id,
            context: context_id,
            home,
            task: Some(task),
            future,
            running: None,
            worker: None,
            waits: None,
            watch: None,
            messages,
            is_committed: false,
            ready: None,
            is_free: plan.kind == Kind::For(Place::Free),
            is_dedicated: plan.dedicated,
            is_grouped: plan.is_grouped(),
            is_delicate: plan.timeout == Timeout::Zero
                || home.is_none()
                || !plan.then.0.is_empty()
                // What is reported before the result may cancel it.
                || plan.cancellable.is_some()
                || plan.group.is_some()
                || plan.second.is_some()
                || plan.latest
                || plan.messages,
        };
        let last = self.state().slots[slot as usize].replace(kept);
        drop(last);
        Some(())
    }

    /// For a task of this plan, with the messages that belong to it.
    fn builder(self: &Arc<Self>, plan: &Plan, id: Id) -> (Builder, Option<Messages<u32>>) {
        let mut builder = QioTask::builder()
            .priority(plan.priority.into())
            .check_cancellable(!plan.unchecked)
            .return_on_cancel(!plan.returns_first);
        if plan.named {
            builder = builder.name(&format!("task {id}"));
        }
        if let Some(token) = plan.cancellable {
            let token = self.state().tokens[token as usize].clone();
            builder = builder.cancellable(&token);
        }
        builder = match plan.timeout {
            Timeout::None => builder,
            Timeout::Zero => builder.timeout(Duration::ZERO),
            Timeout::Hour => builder.timeout(Duration::from_hours(1)),
        };
        if plan.dedicated {
            builder = builder.dedicated_thread();
        }
        if let Some(bar) = plan.progress {
            // Its last reference may be the builder's, and is dropped unlocked.
            let bar = self.state().bars[bar as usize].clone();
            if let Some(bar) = &bar {
                builder = builder.progress(bar);
            }
        }
        builder = self.put_in_sets(builder, plan);
        let messages = self.make_messages(plan, id);
        if let Some(messages) = &messages {
            builder = builder.messages(messages);
            self.state().all_messages.push(messages.clone());
        }
        (builder, messages)
    }

    pub(super) fn make_bar(
        self: &Arc<Self>,
        slot: Bar,
        pace: Pace,
        cancels: Option<Token>,
        by: Thread,
    ) -> Option<()> {
        let default = self.default_context()?;
        default.thread.filter(|thread| *thread == by)?;
        let id = self.state().next_bar;
        self.state().next_bar += 1;
        let (world, watched) = (self.clone(), Watched::new(self, Part::Bar(id)));
        let interval = match pace {
            Pace::AtOnce => Duration::ZERO,
            Pace::OnceAnHour => Duration::from_hours(1),
        };
        let bar = Progress::with_interval(interval, move |value| {
            let _ = &watched;
            let default = world.default_context().map(|context| context.id);
            world.log(WHO.get(), What::Progress(id, value, default));
            if let Some(token) = cancels {
                world.cancel_token(token);
            }
        });
        let last = self.state().bars[slot as usize].replace(bar);
        drop(last);
        Some(())
    }
}

//! Messages of tasks.

use std::{sync::Arc, time::Duration};

use qio_task::{Messages, TrySendError};

use super::{PATIENCE, RUNNING, WHO, World};
use crate::{
    event::{Id, Sent, What},
    program::{BOUND, Plan, Slot, Thread},
};

impl World {
    /// The messages of a task of this plan.
    pub(super) fn make_messages(self: &Arc<Self>, plan: &Plan, id: Id) -> Option<Messages<u32>> {
        let world = self.clone();
        plan.has_messages().then(|| {
            Messages::new(BOUND, move |message| {
                let default = world.default_context().map(|context| context.id);
                world.log(WHO.get(), What::Message(id, message, default));
            })
        })
    }

    /// Those of the task, and the number of the next one.
    fn messages(&self, slot: Slot) -> Option<(Messages<u32>, u32)> {
        let mut state = self.state();
        let messages = state.slots[slot as usize].as_ref()?.messages.clone()?;
        state.messages += 1;
        Some((messages, state.messages))
    }

    pub(super) fn try_send(&self, slot: Slot) -> Option<()> {
        let (messages, message) = self.messages(slot)?;
        let sent = match messages.try_send(message) {
            Ok(()) => Sent::LetIn,
            Err(TrySendError::Full(_)) => Sent::Full,
            Err(TrySendError::Cancelled(_)) => Sent::Cancelled,
        };
        self.log(WHO.get(), What::Sent(message, sent));
        Some(())
    }

    /// A worker sends to those of its task. `blocks` is called before it waits for room.
    pub(super) fn send_blocking(&self, slot: Slot, blocks: impl FnOnce()) {
        let Some((messages, message)) = self.messages(slot) else {
            return;
        };
        let result = match messages.try_send(message) {
            Err(TrySendError::Full(_)) => {
                blocks();
                messages.send(message).ok()
            }
            other => other.ok(),
        };
        let sent = result.map_or(Sent::Cancelled, |()| Sent::LetIn);
        self.log(WHO.get(), What::Sent(message, sent));
    }

    /// Has a worker send, and cancels its task.
    pub(super) fn cancel_sending(&self, slot: Slot, by: Thread) -> Option<()> {
        let (id, link) = {
            let mut state = self.state();
            let kept = state.slots[slot as usize].as_mut()?;
            kept.messages.as_ref()?;
            if kept.running != Some(by) || kept.is_committed {
                return None;
            }
            (kept.id, kept.worker.take()?)
        };
        let blocks = link.send(slot);
        if blocks {
            // For most of them to be asleep: what comes of it is the same in either case.
            std::thread::sleep(Duration::from_micros(50));
        }
        RUNNING.with_borrow(|all| all[&id].cancel());
        if blocks {
            assert!(link.is_done_within(PATIENCE), "a sender hangs");
        }
        if let Some(kept) = &mut self.state().slots[slot as usize] {
            kept.worker = Some(link);
        }
        Some(())
    }
}

//! How the messages of a task are sent and told.

use std::{
    mem,
    panic::Location,
    sync::Arc,
    task::Waker,
    time::{Duration, Instant},
};

use glib::{MainContext, Priority};

use super::{
    c_types::OwnedData,
    check::{Checked, assert_that},
    gio_task::iterates_its_default,
    handle::Handle,
    message_queue::{MessageQueue, Messages, TellFunc},
    task::{FullTask, TaskRef},
};
use crate::{
    base::{bounded::Refused, until::Until},
    context::current::{address, is_thread_default},
    node::{
        channels::Channel,
        events::{self, WaitsFor},
        home::Home,
        inactivity::Inactivity,
        node::NodeRef,
        owner::Owned,
        task_messages::{Delivered, TaskMessages},
    },
    observe::{Hold, Place, Watched},
};

/// For how long messages are told outside of a dispatch before something else is looked for.
const SLICE: Duration = Duration::from_millis(2);

impl Handle {
    /// Has `func` told of each message, of which no more than `bound` wait.
    pub(super) fn set_message_func(
        self,
        bound: usize,
        func: impl FnOnce() -> TellFunc,
    ) -> Checked<()> {
        self.check(|task| {
            task.completion.check_held()?;
            assert_that(task.messages.is_none(), "task has no message function")?;
            let node = task.bound(self)?.clone();
            let queue = Arc::new(MessageQueue::new(bound));
            node.add_messages(MessagesOfNode::new(self, &queue));
            queue.set_level(node.level.clone());
            let func = func();
            task.messages = Some(Messages { queue, func });
            Ok(())
        })
    }

    /// Sends a message, as soon as there is room. Says whether that is so; else it is freed here.
    pub(super) fn send_message(self, message: impl FnOnce() -> OwnedData) -> Checked<bool> {
        let queue = self.message_queue()?;
        let sent = match queue.try_send(message()) {
            Ok(()) => Ok(()),
            Err(Refused::Closed(refused)) => Err(refused),
            Err(Refused::Full(message)) => self.send_later(&queue, message),
        };
        Ok(sent.is_ok())
    }

    /// Sends a message, if there is room. Says whether that is so; else it stays the caller's.
    pub(super) fn try_send_message(self, message: impl FnOnce() -> OwnedData) -> Checked<bool> {
        match self.message_queue()?.try_send(message()) {
            Ok(()) => Ok(true),
            Err(Refused::Closed(refused) | Refused::Full(refused)) => {
                mem::forget(refused);
                Ok(false)
            }
        }
    }

    /// Where something is sent to, which is a sign of life.
    fn message_queue(self) -> Checked<Arc<MessageQueue>> {
        let queue = self.ask(None, |task| {
            task.touch();
            task.messages
                .as_ref()
                .map(|messages| messages.queue.clone())
        });
        queue?.ok_or("task has a message function")
    }

    #[cold]
    fn send_later(self, queue: &MessageQueue, mut message: OwnedData) -> Result<(), OwnedData> {
        let asked = self.ask(None, |task| {
            Some((task.context().clone(), task.node.clone()))
        });
        let (context, node) = asked.ok().flatten().unzip();
        // Where they are told nobody else would make room.
        let owner = context.as_ref().filter(|context| is_told_on(context));
        let Some(_owner) = owner.and_then(|context| context.acquire().ok()) else {
            return wait_and_send(queue, message, node.flatten().as_ref());
        };
        loop {
            self.tell_some_messages(queue);
            match queue.try_send(message) {
                Ok(()) => return Ok(()),
                Err(Refused::Closed(refused)) => return Err(refused),
                Err(Refused::Full(full)) => message = full,
            }
        }
    }

    /// Tells messages until `end`. Where another thread tells one, that is waited for, or goes on
    /// by itself.
    fn tell_messages(self, queue: &MessageQueue, end: Option<Instant>, waits: bool) -> Delivered {
        let func = self.ask(None, FullTask::begin_messages).ok().flatten();
        let Some(func) = func else {
            return Delivered::All;
        };
        let reference = TaskRef::from_counted(self);
        let mut end = end.map(Until::new);
        let mut delivered = Delivered::All;
        while let Some(message) = queue.next(waits) {
            let hold = Hold::begin(|| self.watched_messages());
            func(self, &message);
            drop((hold, message));
            queue.end_telling();
            if end.as_mut().is_some_and(Until::has_come) && queue.pause() {
                delivered = Delivered::Some;
                break;
            }
        }
        drop(func);
        // Not the last one, if another thread waits to end the task.
        drop(reference);
        delivered
    }

    /// Tells some, and leaves it to the context to tell the rest.
    fn tell_some_messages(self, queue: &MessageQueue) {
        let end = Instant::now() + SLICE;
        self.tell_messages(queue, Some(end), true);
    }

    /// What its message function is known by, if that is slow.
    fn watched_messages(self) -> Watched {
        let name = self.ask(None, |task| task.name.clone()).ok().flatten();
        Watched::Messages {
            name: name.map(|name| name.to_string_lossy().into()),
            place: Place::in_c(),
        }
    }
}

impl FullTask {
    /// What is called with messages. Who calls it has a reference meanwhile.
    fn begin_messages(&mut self) -> Option<TellFunc> {
        let func = self.messages.as_ref()?.func.clone();
        self.references += 1;
        Some(func)
    }
}

/// Whether this thread iterates `context`, as far as can be known.
fn is_told_on(context: &MainContext) -> bool {
    is_thread_default(address(context)) && iterates_its_default()
}

/// Blocks until there is room. The time that this takes is not the worker's.
fn wait_and_send(
    queue: &MessageQueue,
    message: OwnedData,
    node: Option<&NodeRef>,
) -> Result<(), OwnedData> {
    let life = node.and_then(NodeRef::inactivity);
    life.inspect(|life| life.hold_up());
    let sent = events::waiting_for(WaitsFor::Room, || queue.send(message));
    life.inspect(|life| life.go_on());
    sent
}

/// The messages of a task, as one of its nodes has them: it has another one when it has moved.
pub(super) struct MessagesOfNode {
    task: Handle,
    queue: Arc<MessageQueue>,
}

impl MessagesOfNode {
    /// Those in `queue`, which are to belong to a node of `task`.
    pub(super) fn new(task: Handle, queue: &Arc<MessageQueue>) -> Arc<Self> {
        let queue = queue.clone();
        let messages = Arc::new(Self { task, queue });
        let channel = Arc::downgrade(&messages);
        messages.queue.move_to(channel);
        messages
    }
}

impl TaskMessages for MessagesOfNode {
    fn set_priority(&self, _: Priority) {
        // They have the task's since they belong to it.
    }

    fn shut(&self) {
        self.queue.shut(self);
    }

    fn deliver(&self, end: Option<Instant>) -> Delivered {
        self.task.tell_messages(&self.queue, end, true)
    }

    fn after_callback(&self, then: Box<dyn FnOnce()>) {
        // Not asked for: the message function is called again while it runs.
        then();
    }

    fn is_home(&self) -> bool {
        // They are told on the thread that waits, as the task's own function is called there.
        true
    }

    fn receive(&self) -> Delivered {
        self.task.tell_some_messages(&self.queue);
        Delivered::All
    }

    fn set_waker(&self, waker: Option<&Waker>) {
        self.queue.set_waker(waker);
    }

    fn is_due(&self) -> bool {
        self.queue.is_due()
    }
}

/// As the queue of its context knows them.
impl Channel for MessagesOfNode {
    fn home(&self) -> Option<Home> {
        None
    }

    fn place(&self) -> Option<&'static Location<'static>> {
        None
    }

    fn deliver_batch(self: Arc<Self>, end: Instant) -> bool {
        // The task may have moved to another context.
        if self.queue.dequeue(&*self) {
            self.task.tell_messages(&self.queue, Some(end), false);
        }
        // What is left is queued anew.
        false
    }

    fn close(&self) {
        self.queue.shut(self);
    }

    fn discard(&self) {
        drop(self.queue.take_all());
    }
}

impl Owned for MessagesOfNode {
    fn begin(&self, _: Option<&Arc<Inactivity>>) {}

    fn end(&self, _: Option<&Arc<Inactivity>>) {
        self.queue.shut(self);
        // What has not been told by now never will be: the task was freed.
        if self.queue.is_told_by(self) {
            drop(self.queue.take_all());
        }
    }
}

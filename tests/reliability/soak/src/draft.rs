//! [`Draft`]: a task of a home thread before it is made, dressed at random.

use glib::Priority;
use qio_task::{Builder, Error, QioTask, TaskFuture};

use crate::{
    ending::Endings,
    here::Here,
    kind::Kind,
    kinds,
    result::{Fault, Mark, Value},
    source::Homebound,
    token::{Flag, Token},
};

/// The priorities in use; most tasks have the usual one.
pub const PRIORITIES: [Priority; 4] = [
    Priority::HIGH,
    Priority::DEFAULT,
    Priority::DEFAULT_IDLE,
    Priority::LOW,
];

pub fn any_priority() -> Priority {
    match fastrand::usize(..12) {
        other @ ..4 => PRIORITIES[other],
        _ => Priority::DEFAULT_IDLE,
    }
}

/// See the module's documentation.
pub struct Draft {
    token: Token,
    builder: Builder,
    source: Option<Homebound>,
}

impl Draft {
    /// Must be called with the context of `here` as the thread's default.
    pub fn new(here: &Here, kind: Kind, allowed: Endings) -> Self {
        Self::of(here, kind, allowed, any_priority())
    }

    pub fn of(here: &Here, kind: Kind, allowed: Endings, priority: Priority) -> Self {
        let mut builder = QioTask::builder().priority(priority);
        if fastrand::u8(..) < 16 {
            builder = builder.name("soak");
        }
        Self {
            token: Token::new(kind, allowed, priority, &here.whereabouts()),
            builder,
            source: (fastrand::u8(..) < 32).then(Homebound::new),
        }
    }

    pub fn mark(&self) -> Mark {
        self.token.mark()
    }

    pub fn flag(&mut self) -> Flag {
        self.token.flag()
    }

    /// Changes what the task is given.
    pub fn with(mut self, change: impl FnOnce(Builder) -> Builder) -> Self {
        self.builder = change(self.builder);
        self
    }

    /// Makes the task. Its callback ends the token, and may make more.
    pub fn task(self) -> QioTask<Value, Fault> {
        self.task_then(|_| kinds::in_callback())
    }

    /// Makes the task; `then` is called in its callback, with the value of a success.
    pub fn task_then(self, then: impl FnOnce(Option<Value>) + 'static) -> QioTask<Value, Fault> {
        let token = self.token;
        let ended = move |result: Result<Value, Error<Fault>>| {
            token.end(&result);
            then(result.ok());
        };
        let task = match self.source {
            None => self.builder.callback(ended),
            Some(source) => self
                .builder
                .source(&source)
                .callback(move |_, result| ended(result)),
        };
        show_as_gtask(&task);
        task
    }

    /// Makes the task and a future of its result; the token is for who awaits it.
    pub fn future(self) -> (QioTask<Value, Fault>, TaskFuture<Value, Fault>, Token) {
        let (task, future) = self.builder.future();
        (task, future, self.token)
    }

    /// Makes the task and a future that will be dropped: the token ends with
    /// the task's source.
    pub fn future_to_drop(self) -> (QioTask<Value, Fault>, TaskFuture<Value, Fault>) {
        let source = Homebound::with(self.token);
        self.builder.source(&source).future()
    }
}

/// Asks for the face of some tasks that GIO knows, which makes a `GTask` of
/// the context. (One that is finished by the other thread of a shared context
/// leaks its source, with a warning, as is documented.)
#[cfg(feature = "gtask")]
fn show_as_gtask(task: &QioTask<Value, Fault>) {
    let is_safe =
        crate::here::here().is_some_and(|here| !here.place.is_shared && !here.place.is_closing());
    if is_safe && fastrand::u8(..) < 4 {
        drop(task.async_result());
    }
}

#[cfg(not(feature = "gtask"))]
fn show_as_gtask(_: &QioTask<Value, Fault>) {}

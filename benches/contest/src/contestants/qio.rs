//! The library itself, on the backend that this program was built with.

use std::{convert::Infallible, num::NonZero, time::Duration};

use gio::SimpleAction;
use qio_task::{Builder, Error, Group, QioTask, Running};

use super::{Cancel, Deadline, Foreign, Grouped, Inline, Messages, Spawn};

/// `qio-task`.
pub struct Qio;

impl Spawn for Qio {
    fn set_max_threads(max: usize) -> anyhow::Result<()> {
        qio_task::set_max_threads(NonZero::new(max).unwrap_or(NonZero::<usize>::MIN));
        Ok(())
    }

    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
        run(QioTask::builder(), work, done);
    }
}

fn run(builder: Builder, work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
    builder
        .callback(move |_: Result<(), Error<Infallible>>| done())
        .run_in_thread(move |_| {
            work();
            Ok(())
        });
}

impl Deadline for Qio {
    fn spawn_within(
        timeout: Option<Duration>,
        work: impl FnOnce() + Send + 'static,
        done: impl FnOnce() + 'static,
    ) {
        // The longest never comes.
        let timeout = timeout.unwrap_or(Duration::MAX);
        run(QioTask::builder().timeout(timeout), work, done);
    }
}

fn builder_in(group: Option<&Group>) -> Builder {
    let builder = QioTask::builder();
    match group {
        Some(group) => builder.group(group),
        None => builder,
    }
}

impl Grouped for Qio {
    type Group = Group;
    type Task = QioTask<(), Infallible>;

    fn group() -> Group {
        Group::new()
    }

    fn limit(group: &Group, max: usize) {
        group.set_max_threads(max);
    }

    fn cancel(group: &Group) {
        group.cancel();
    }

    #[inline]
    fn complete_in(group: Option<&Group>, done: impl FnOnce() + 'static) {
        let callback = move |_: Result<(), Error<Infallible>>| done();
        builder_in(group).callback(callback).complete(Ok(()));
    }

    fn spawn_in(group: Option<&Group>, done: impl FnOnce() + 'static) {
        run(builder_in(group), || (), done);
    }

    fn hold_in(group: &Group) -> Self::Task {
        builder_in(Some(group)).callback(|_| ())
    }
}

impl Inline for Qio {
    type About<D: FnOnce(&SimpleAction) + 'static> = QioTask<(), Infallible>;

    #[inline]
    fn make_about<D: FnOnce(&SimpleAction) + 'static>(
        source: &SimpleAction,
        done: D,
    ) -> Self::About<D> {
        QioTask::new(source, move |source, _| done(source))
    }

    #[inline]
    fn complete_here<D: FnOnce(&SimpleAction) + 'static>(task: Self::About<D>) {
        task.complete(Ok(()));
    }
}

impl Foreign for Qio {
    type Task = QioTask<(), Infallible>;

    fn make(done: impl FnOnce() + 'static) -> Self::Task {
        QioTask::builder().callback(move |_| done())
    }

    fn complete(task: Self::Task) {
        task.complete(Ok(()));
    }
}

impl Messages for Qio {
    type Sender = qio_task::Messages<u64>;

    fn open(bound: usize, receive: impl FnMut(u64) + 'static) -> Self::Sender {
        qio_task::Messages::new(bound, receive)
    }

    fn send(sender: &Self::Sender, number: u64) {
        sender.send(number).expect("it is received");
    }
}

impl Cancel for Qio {
    type Running = Running;
    type Waiting = QioTask<(), Infallible>;

    fn run(
        work: impl FnOnce(&dyn Fn() -> bool) + Send + 'static,
        done: impl FnOnce(bool) + 'static,
    ) -> Running {
        QioTask::builder()
            .callback(move |result: Result<(), Error<Infallible>>| done(is_cancelled(&result)))
            .run_in_thread(move |worker| {
                work(&|| worker.is_cancelled());
                Ok(())
            })
    }

    fn cancel(task: &Running) {
        task.cancel();
    }

    fn wait_on(
        cancellable: &gio::Cancellable,
        _blocked: impl FnOnce() + Send + 'static,
        done: impl FnOnce(bool) + 'static,
    ) -> Self::Waiting {
        QioTask::builder()
            .cancellable(cancellable)
            .callback(move |result| done(is_cancelled(&result)))
    }
}

fn is_cancelled(result: &Result<(), Error<Infallible>>) -> bool {
    matches!(result, Err(Error::Cancelled))
}

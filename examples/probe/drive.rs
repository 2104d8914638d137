//! Operations that go on whenever their socket lets them.

use std::{
    cell::Cell,
    io,
    ops::ControlFlow,
    rc::Rc,
    time::{Duration, Instant},
};

use glib::IOCondition;
use qio_task::Error;

use crate::{connection::Connection, socket::Socket};

/// Something that reads and writes until it is done.
pub trait Operation: Sized + 'static {
    type Output: 'static;

    /// Goes as far as it can without blocking.
    fn advance(self) -> io::Result<Turn<Self>>;

    /// What it has come to, when what it [lingers](Turn::Lingers) for does not come.
    fn settle(self) -> io::Result<Self::Output> {
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Where an operation has got to.
pub enum Turn<O: Operation> {
    Done(O::Output),
    /// It goes on once this condition holds.
    Waits(O, IOCondition),
    /// Likewise, but no longer than until then: it has done its work, and would like to
    /// know more. The time of the step ends here.
    Lingers(O, IOCondition, Instant),
}

/// Drives an operation on the main loop to its end, within the timeout of the
/// connection's step.
pub fn drive<O: Operation>(
    connection: &Connection,
    socket: &Socket,
    operation: O,
    condition: IOCondition,
    done: impl FnOnce(&Connection, Result<O::Output, Error<io::Error>>) + 'static,
) {
    watch(connection, socket, operation, condition, None, done);
}

/// A task watches for one condition. When the operation comes to need another one, a new
/// task takes over: a task that watched for both would spin, since an idle socket can
/// always be written to.
fn watch<O: Operation>(
    connection: &Connection,
    socket: &Socket,
    operation: O,
    condition: IOCondition,
    until: Option<Instant>,
    done: impl FnOnce(&Connection, Result<O::Output, Error<io::Error>>) + 'static,
) {
    // Not a result of the task: what comes too late for one is dropped, and for an operation
    // that lingers it is never too late.
    let turn = Rc::new(Cell::new(Some(Ok(Turn::Waits(operation, condition)))));
    let left = until.map_or(Duration::MAX, |until| {
        until.saturating_duration_since(Instant::now())
    });
    // It stays open until the task has ended.
    let held = socket.clone();
    let task = connection.task_within(left).source(connection).callback({
        let turn = turn.clone();
        move |connection, ended: Result<(), Error<io::Error>>| {
            let turn = match (ended, turn.take()) {
                (Ok(()), Some(turn)) => turn.map_err(Error::Failed),
                (Err(Error::TimedOut), Some(turn)) if until.is_some() => {
                    turn.and_then(last).map_err(Error::Failed)
                }
                (Err(error), _) => Err(error),
                (Ok(()), None) => Err(Error::Abandoned),
            };
            match turn {
                Ok(Turn::Done(output)) => done(connection, Ok(output)),
                Ok(Turn::Waits(operation, condition)) => {
                    watch(connection, &held, operation, condition, None, done);
                }
                Ok(Turn::Lingers(operation, condition, until)) => {
                    connection.stop_clock();
                    watch(connection, &held, operation, condition, Some(until), done);
                }
                Err(error) => done(connection, Err(error)),
            }
        }
    });
    task.watch_socket(socket.watched(), condition, move |_| {
        let Some(Ok(Turn::Waits(current, _) | Turn::Lingers(current, ..))) = turn.take() else {
            return ControlFlow::Break(Ok(()));
        };
        let next = current.advance();
        let goes_on = match &next {
            Ok(Turn::Waits(_, same)) => *same == condition && until.is_none(),
            Ok(Turn::Lingers(_, same, then)) => *same == condition && until == Some(*then),
            _ => false,
        };
        turn.set(Some(next));
        if goes_on {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(Ok(()))
        }
    });
}

/// The end of an operation that has lingered for long enough. What has come by then counts,
/// even when the loop was told of the time first.
fn last<O: Operation>(turn: Turn<O>) -> io::Result<Turn<O>> {
    let operation = match turn {
        Turn::Done(_) => return Ok(turn),
        Turn::Waits(operation, _) | Turn::Lingers(operation, ..) => operation,
    };
    match operation.advance()? {
        Turn::Waits(operation, _) | Turn::Lingers(operation, ..) => {
            Ok(Turn::Done(operation.settle()?))
        }
        done @ Turn::Done(_) => Ok(done),
    }
}

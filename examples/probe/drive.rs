//! Operations that go on whenever their socket lets them.

use std::{io, ops::ControlFlow, os::fd::AsRawFd};

use glib::IOCondition;
use qio_task::Error;

use crate::{connection::Connection, stream::Socket};

/// Something that reads and writes until it is done.
pub trait Operation: Sized + 'static {
    type Output: 'static;

    /// Goes as far as it can without blocking.
    fn advance(self) -> io::Result<Turn<Self>>;
}

/// Where an operation has got to.
pub enum Turn<O: Operation> {
    Done(O::Output),
    /// It goes on once this condition holds.
    Waits(O, IOCondition),
}

/// Drives an operation on the main loop to its end, within the timeout of the
/// connection's step.
///
/// A task watches for one condition. When the operation comes to need another
/// one, a new task takes over: a task that watched for both would spin, since
/// an idle socket can always be written to.
pub fn drive<O: Operation>(
    connection: &Connection,
    socket: &Socket,
    operation: O,
    condition: IOCondition,
    done: impl FnOnce(&Connection, Result<O::Output, Error<io::Error>>) + 'static,
) {
    // The descriptor stays open until the task has ended.
    let held = socket.clone();
    let task = connection
        .task()
        .source(connection)
        .callback(move |connection, turn| match turn {
            Ok(Turn::Done(output)) => done(connection, Ok(output)),
            Ok(Turn::Waits(operation, condition)) => {
                drive(connection, &held, operation, condition, done);
            }
            Err(error) => done(connection, Err(error)),
        });
    let mut operation = Some(operation);
    task.watch_fd(socket.as_raw_fd(), condition, move |_| {
        let Some(current) = operation.take() else {
            return ControlFlow::Continue(());
        };
        match current.advance() {
            Ok(Turn::Waits(current, same)) if same == condition => {
                operation = Some(current);
                ControlFlow::Continue(())
            }
            turn => ControlFlow::Break(turn),
        }
    });
}

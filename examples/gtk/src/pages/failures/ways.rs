//! A task for each way to fail.

use std::{io, thread, time::Duration};

use gtk::{gio, glib, prelude::*};
use qio_task::{Error, QioTask, Running, Worker};

use super::FailureRow;
use crate::pages::tasks_of_window;

/// A way to fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    #[default]
    Failed,
    Panicked,
    Cancelled,
    TimedOut,
    Abandoned,
    Spawn,
}

const TIME_LIMIT: Duration = Duration::from_secs(1);
/// How often a worker asks whether it is still wanted.
const STEP: Duration = Duration::from_millis(20);

impl Way {
    pub const ALL: [Self; 6] = [
        Self::Failed,
        Self::Panicked,
        Self::Cancelled,
        Self::TimedOut,
        Self::Abandoned,
        Self::Spawn,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Failed => "A File that Is Not There",
            Self::Panicked => "A Mistake in the Program",
            Self::Cancelled => "A Change of Mind",
            Self::TimedOut => "A Server that Sleeps",
            Self::Abandoned => "A Helper that Forgets",
            Self::Spawn => "A Computer at Its Limits",
        }
    }

    /// What the developer sees.
    pub fn subtitle(self) -> &'static str {
        match self {
            Self::Failed => "The worker returns an error: Error::Failed",
            Self::Panicked => "The worker panics: Error::Panicked",
            Self::Cancelled => "Running::cancel is called: Error::Cancelled",
            Self::TimedOut => "One second passes: Error::TimedOut",
            Self::Abandoned => "The task is dropped uncompleted: Error::Abandoned",
            Self::Spawn => {
                "No thread is to be had: Error::Spawn. Merely shown, as it can't \
                 be had without harm to the rest of this program"
            }
        }
    }

    /// What the row's button says.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Failed => "Open List",
            Self::Panicked => "Sort List",
            Self::Cancelled => "Copy List",
            Self::TimedOut => "Fetch List",
            Self::Abandoned => "Print List",
            Self::Spawn => "Send List",
        }
    }

    /// Runs a task about `row` that ends like this. One that goes on until it is
    /// cancelled is returned.
    pub fn run(self, row: &FailureRow) -> Option<Running> {
        let builder = QioTask::builder()
            .name("failure")
            // What only the user could end is ended as the window is closed.
            .group(&tasks_of_window(row))
            .source(row);
        match self {
            Self::Failed => {
                builder.callback(FailureRow::ended).run_in_thread(|worker| {
                    let list = gio::File::for_path("/nowhere/list.txt");
                    list.load_contents(Some(worker.cancellable()))?;
                    Ok(())
                });
            }
            Self::Panicked => {
                builder
                    .callback(FailureRow::ended)
                    .run_in_thread(|_| panic!("a list has no item of the number -1"));
            }
            Self::Cancelled => {
                let running = builder
                    .callback(FailureRow::ended)
                    .run_in_thread(work_for_ever);
                return Some(running);
            }
            Self::TimedOut => {
                builder
                    .timeout(TIME_LIMIT)
                    .callback(FailureRow::ended)
                    .run_in_thread(work_for_ever);
            }
            Self::Abandoned => {
                let task = builder.callback(FailureRow::ended);
                thread::spawn(move || drop(task));
            }
            // There is a thread as long as any lives, and where none does, GTK
            // would end the program for want of its own.
            Self::Spawn => {
                let refused = io::Error::from(io::ErrorKind::WouldBlock);
                row.ended(Err(Error::Spawn(refused)));
            }
        }
        None
    }
}

/// A worker that only ever ends because nobody waits for it any more.
fn work_for_ever(worker: &Worker) -> Result<(), glib::Error> {
    loop {
        worker.check_cancelled()?;
        thread::sleep(STEP);
    }
}

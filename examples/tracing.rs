//! Logs what tasks do with `tracing-subscriber`: `tracing [LEVEL]`, `trace` if not told.

use std::{cell::Cell, env, error::Error as StdError, io, rc::Rc};

use glib::MainLoop;
use qio_task::{Error, QioTask, Running};
use tracing::{Level, info, warn};
use tracing_subscriber::fmt::format::FmtSpan;

fn main() -> Result<(), Box<dyn StdError>> {
    let level = match env::args().nth(1) {
        Some(level) => level.parse()?,
        None => Level::TRACE,
    };
    log(level);
    Ok(())
}

/// Loads some files, and logs what is of this level or above.
pub(crate) fn log(level: Level) {
    tracing_subscriber::fmt()
        .with_max_level(level)
        // A line as a task is over, too: how it ended, and for how long its worker
        // and its callback were busy.
        .with_span_events(FmtSpan::CLOSE)
        .with_thread_names(true)
        .init();

    let rest = Rest::of(3);
    // What is told is inside of the span that a task is made in.
    let request = tracing::info_span!("request", number = 7);
    request.in_scope(|| {
        load("settings", &rest, || Ok("dark".to_owned()));
        load("bookmarks", &rest, || {
            Err(io::Error::other("there are none"))
        });
        load("history", &rest, || Ok("all of it".to_owned())).cancel();
    });
    rest.main_loop.run();
}

/// The loads that have not ended. With the last one the loop does.
#[derive(Clone)]
struct Rest {
    main_loop: MainLoop,
    count: Rc<Cell<u32>>,
}

impl Rest {
    fn of(count: u32) -> Self {
        Self {
            main_loop: MainLoop::new(None, false),
            count: Rc::new(Cell::new(count)),
        }
    }

    fn ended(&self) {
        self.count.set(self.count.get() - 1);
        if self.count.get() == 0 {
            self.main_loop.quit();
        }
    }
}

/// Loads a file in a thread.
fn load(
    name: &'static str,
    rest: &Rest,
    read: impl FnOnce() -> io::Result<String> + Send + 'static,
) -> Running {
    let rest = rest.clone();
    QioTask::builder()
        .name(name)
        .callback(move |content: Result<String, Error<io::Error>>| {
            match content {
                Ok(content) => info!(content, "loaded"),
                Err(error) => warn!(%error, "not loaded"),
            }
            rest.ended();
        })
        .run_in_thread(move |_| {
            // Inside of the task's span, in the worker's thread.
            info!("reading");
            read()
        })
}

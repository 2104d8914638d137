//! [`Live`]: a line on the terminal for each probe that is under way.

use std::{cell::RefCell, ops::ControlFlow, rc::Rc, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use qio_task::{Error, QioTask, Watch};

use crate::connection::Connection;

/// Shows nothing where the standard error is no terminal.
pub struct Live {
    lines: MultiProgress,
    spinning: Rc<RefCell<Vec<ProgressBar>>>,
    spinner: Option<Watch>,
}

impl Live {
    pub fn new() -> Self {
        let lines = MultiProgress::new();
        let spinning = Rc::new(RefCell::new(Vec::<ProgressBar>::new()));
        let spinner = (!lines.is_hidden()).then(|| spin(spinning.clone()));
        Self {
            lines,
            spinning,
            spinner,
        }
    }

    /// Shows the connection's status until the line is ended.
    pub fn show(&self, connection: &Connection) -> Line {
        if self.spinner.is_none() {
            return Line(None);
        }
        let style = ProgressStyle::with_template("{spinner:.cyan} {prefix}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::new_spinner()
            .with_style(style)
            .with_prefix(connection.record().url);
        let bar = self.lines.add(bar);
        connection.connect_status_notify({
            let bar = bar.clone();
            move |connection| bar.set_message(connection.status())
        });
        self.spinning.borrow_mut().push(bar.clone());
        Line(Some(bar))
    }

    /// Leaves the terminal to the table.
    pub fn clear(&self) {
        self.spinner.iter().for_each(Watch::cancel);
        let _ = self.lines.clear();
    }
}

/// Turns all spinners, from the main loop.
fn spin(spinning: Rc<RefCell<Vec<ProgressBar>>>) -> Watch {
    QioTask::builder()
        .name("spinner")
        .callback(|_: Result<(), Error>| {})
        .poll_every(Duration::from_millis(100), move || {
            let mut bars = spinning.borrow_mut();
            bars.retain(|bar| !bar.is_finished());
            bars.iter().for_each(ProgressBar::tick);
            ControlFlow::Continue(())
        })
}

/// The line of one probe.
pub struct Line(Option<ProgressBar>);

impl Line {
    pub fn end(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}

//! Tasks that are awaited instead of having a callback, with `spawn_future_local`.

mod shown;
mod steps;

use std::{cell::RefCell, rc::Rc, time::Duration};

use adw::prelude::*;
use gtk::glib::{self, clone};

use self::steps::Outcome;
use super::Page;
use crate::status_row::{Status, StatusRow};

pub const PAGE: Page = Page {
    name: "awaited",
    title: "Await Tasks",
    icon: "media-playlist-consecutive-symbolic",
    build,
};

const QUICK: Duration = Duration::from_millis(400);
const SLOW: Duration = Duration::from_secs(4);

fn build() -> gtk::Widget {
    let page = adw::PreferencesPage::new();
    for example in [in_sequence(), at_once(), race(), until_stopped()] {
        example.group.add(&example.outcome);
        page.add(&example.group);
        // The window is closed. What is awaited would hold its rows until it ends.
        page.connect_unrealize(move |_| example.stop());
    }
    page.upcast()
}

fn in_sequence() -> Rc<Example> {
    let example = Example::new(
        "In Sequence",
        "Each begins when the one before has ended. An error ends them all, by “?”.",
    );
    let rows = ["Find the File", "Count Its Lines"].map(|title| example.add(title));
    for (verb, path) in [
        ("Read a File", "/etc/hosts"),
        ("Read None", "/nowhere/hosts"),
    ] {
        let rows = rows.clone();
        example.button(verb, move || {
            let [find, read] = rows.clone();
            async move { steps::in_sequence(path, &find, &read).await }
        });
    }
    example
}

fn at_once() -> Rc<Example> {
    let example = Example::new(
        "All at Once",
        "“join!” awaits three tasks in the time of the slowest.",
    );
    let rows = ["The Quick One", "The Other One", "The Slow One"].map(|title| example.add(title));
    example.button("Join Three", move || {
        let rows = rows.clone();
        async move { steps::at_once(&rows).await }
    });
    example
}

fn race() -> Rc<Example> {
    let example = Example::new(
        "Against the Clock",
        "“select!” awaits a task or a second, whichever comes first. \
         The loser is dropped, which cancels it.",
    );
    let task = example.add("The Task");
    for (verb, takes) in [("A Quick Race", QUICK), ("A Slow Race", SLOW)] {
        let task = task.clone();
        example.button(verb, move || {
            let task = task.clone();
            async move { steps::race(takes, &task).await }
        });
    }
    example
}

fn until_stopped() -> Rc<Example> {
    let example = Example::new(
        "Until You Stop It",
        "Stop drops the future, which cancels the task. Its worker learns of it.",
    );
    let task = example.add("The Task");
    let heard = example.add("The Worker");
    example.button("Start", move || {
        let (task, heard) = (task.clone(), heard.clone());
        async move { steps::until_stopped(&task, &heard).await }
    });
    example.stop_button();
    example
}

/// A group of rows, and a future that shows in them how it stands.
struct Example {
    group: adw::PreferencesGroup,
    buttons: gtk::Box,
    steps: RefCell<Vec<StatusRow>>,
    outcome: StatusRow,
    run: RefCell<Option<glib::JoinHandle<()>>>,
    /// Stops it, where the user can.
    stop: gtk::Button,
}

impl Example {
    fn new(title: &str, description: &str) -> Rc<Self> {
        let buttons = gtk::Box::builder()
            .spacing(12)
            .halign(gtk::Align::Center)
            .margin_top(12)
            .build();
        let group = adw::PreferencesGroup::builder()
            .title(title)
            .description(description)
            .build();
        group.add(&buttons);
        Rc::new(Self {
            group,
            buttons,
            steps: RefCell::default(),
            outcome: StatusRow::new("Not run yet"),
            run: RefCell::default(),
            stop: gtk::Button::with_label("Stop"),
        })
    }

    fn add(&self, title: &str) -> StatusRow {
        let row = StatusRow::new(title);
        self.group.add(&row);
        self.steps.borrow_mut().push(row.clone());
        row
    }

    /// A button that starts what `make` makes.
    fn button<F>(self: &Rc<Self>, verb: &str, make: impl Fn() -> F + 'static)
    where
        F: Future<Output = Outcome> + 'static,
    {
        let button = gtk::Button::with_label(verb);
        button.connect_clicked(clone!(
            #[weak(rename_to = example)]
            self,
            move |_| example.start(make())
        ));
        self.buttons.append(&button);
    }

    fn stop_button(self: &Rc<Self>) {
        self.stop.set_sensitive(false);
        self.stop.connect_clicked(clone!(
            #[weak(rename_to = example)]
            self,
            move |_| example.stop()
        ));
        self.buttons.append(&self.stop);
    }

    fn start(self: &Rc<Self>, future: impl Future<Output = Outcome> + 'static) {
        self.stop();
        for step in &*self.steps.borrow() {
            step.set_status(Status::Waiting);
            step.set_subtitle("");
        }
        self.outcome.show(Status::Working, "Running…", "");
        self.stop.set_sensitive(true);
        let run = glib::spawn_future_local(clone!(
            #[weak(rename_to = example)]
            self,
            async move { example.ended(future.await) }
        ));
        self.run.replace(Some(run));
    }

    fn ended(&self, outcome: Outcome) {
        self.run.take();
        self.stop.set_sensitive(false);
        match outcome {
            Ok(words) => self.outcome.show(Status::Done, &words, ""),
            Err(error) => {
                let status = Status::of(&error);
                self.outcome
                    .show(status, "Ended by an Error", &error.to_string());
            }
        }
    }

    /// Drops the future, and with it those of the tasks that it awaits. So the handle is
    /// taken out: glib keeps an aborted future for as long as its handle is kept.
    fn stop(&self) {
        if let Some(run) = self.run.take() {
            run.abort();
            self.stop.set_sensitive(false);
            self.outcome.show(Status::Stopped, "Stopped", "");
        }
    }
}

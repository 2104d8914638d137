//! [`SlowRows`]: a row for each place whose callbacks have held the main loop.

use std::cell::RefCell;

use adw::prelude::*;
use qio_task::SlowCallback;

#[derive(Default)]
pub struct SlowRows {
    rows: RefCell<Vec<adw::ActionRow>>,
    /// What the rows say.
    shown: RefCell<Vec<Words>>,
}

/// Title, subtitle, and the figures at the end.
type Words = [String; 3];

impl SlowRows {
    /// Shows `callbacks` in `group`, if they are not there yet.
    pub fn update(&self, group: &adw::PreferencesGroup, callbacks: &[SlowCallback]) {
        let words: Vec<Words> = callbacks.iter().map(words).collect();
        if !self.rows.borrow().is_empty() && words == *self.shown.borrow() {
            return;
        }
        for row in self.rows.take() {
            group.remove(&row);
        }
        let mut rows: Vec<_> = words.iter().map(row).collect();
        if rows.is_empty() {
            rows.push(
                adw::ActionRow::builder()
                    .title("None has been seen")
                    .build(),
            );
        }
        for row in &rows {
            group.add(row);
        }
        self.rows.replace(rows);
        self.shown.replace(words);
    }
}

fn words(callback: &SlowCallback) -> Words {
    let times = match callback.count() {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    [
        callback
            .name()
            .unwrap_or("A task without a name")
            .to_owned(),
        callback.location().to_string(),
        format!("{} ms, {times}", callback.longest().as_millis()),
    ]
}

fn row([title, subtitle, figures]: &Words) -> adw::ActionRow {
    let row = adw::ActionRow::builder()
        .use_markup(false)
        .title(title)
        .subtitle(subtitle)
        .build();
    let figures = gtk::Label::builder()
        .label(figures)
        .css_classes(["numeric", "warning"])
        .build();
    row.add_suffix(&figures);
    row
}

//! What the floods came to: a row for each figure, a column for each library.

use adw::prelude::*;

use super::{
    floods::{Flooded, Library},
    frames::Tally,
    milliseconds,
};
use crate::pages::{accessible::value, thousands};

const FIGURES: [&str; 4] = [
    "Completions",
    "Total time",
    "Worst frame",
    "Frames over 34 ms",
];
/// What has not been measured.
const NOTHING: &str = "–";
const UNDER_WAY: &str = "…";

pub struct Results {
    /// No `GtkBox`: that of GTK 4.24 asks for more height around a grid of labels that wrap
    /// than they need, and warns of itself.
    card: adw::Bin,
    /// The values of each library, in the order of [`Library::BOTH`].
    values: [[gtk::Label; FIGURES.len()]; 2],
}

impl Default for Results {
    fn default() -> Self {
        Self::new()
    }
}

impl Results {
    pub fn new() -> Self {
        let grid = gtk::Grid::builder()
            .row_spacing(12)
            .column_spacing(18)
            .hexpand(true)
            .margin_top(12)
            .margin_bottom(12)
            .margin_start(12)
            .margin_end(12)
            .build();
        let card = adw::Bin::builder()
            .css_classes(["card"])
            .child(&grid)
            .build();
        for (row, figure) in (1..).zip(FIGURES) {
            grid.attach(&text(figure, 0.0, "body"), 0, row, 1, 1);
        }
        let values = [(1, Library::QioTask), (2, Library::Gio)].map(|(column, library)| {
            grid.attach(&text(library.name(), 1.0, "heading"), column, 0, 1, 1);
            let mut row = 0;
            FIGURES.map(|figure| {
                row += 1;
                let name = format!("{figure} with {}", library.name());
                let (group, value) = value(&name, NOTHING);
                value.add_css_class("numeric");
                value.set_selectable(true);
                group.set_halign(gtk::Align::End);
                grid.attach(&group, column, row, 1, 1);
                value
            })
        });
        Self { card, values }
    }

    pub fn widget(&self) -> &adw::Bin {
        &self.card
    }

    fn values(&self, library: Library) -> &[gtk::Label; FIGURES.len()] {
        &self.values[usize::from(library == Library::Gio)]
    }

    pub fn begin(&self, library: Library) {
        for value in self.values(library) {
            value.set_text(UNDER_WAY);
        }
    }

    pub fn show(&self, library: Library, flooded: &Flooded, frames: Tally) {
        let texts = [
            thousands(flooded.completions),
            format!("{:.2} s", flooded.total.as_secs_f64()),
            milliseconds(frames.worst),
            frames.late.to_string(),
        ];
        for (value, text) in self.values(library).iter().zip(texts) {
            value.set_text(&text);
        }
    }

    /// What is under way is not measured any more.
    pub fn end(&self) {
        let values = self.values.iter().flatten();
        for value in values.filter(|value| value.text() == UNDER_WAY) {
            value.set_text(NOTHING);
        }
    }
}

fn text(words: &str, align: f32, class: &str) -> gtk::Label {
    gtk::Label::builder()
        .label(words)
        .xalign(align)
        .hexpand(true)
        .wrap(true)
        .css_classes([class])
        .build()
}

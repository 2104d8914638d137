//! Tables, for a terminal and for Markdown.

use comfy_table::presets::{ASCII_MARKDOWN, UTF8_FULL_CONDENSED};
use comfy_table::{Cell, CellAlignment, TableStyle};

/// A table under a title, with lines of text below.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub title: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub notes: Vec<String>,
}

impl Table {
    pub fn terminal(&self) -> String {
        let table = self.drawn(UTF8_FULL_CONDENSED);
        let mut text = format!("{}\n{table}\n", self.title);
        for note in &self.notes {
            text.push_str(note);
            text.push('\n');
        }
        text
    }

    pub fn markdown(&self) -> String {
        let table = self.drawn(ASCII_MARKDOWN);
        let mut text = format!("## {}\n\n{table}\n", self.title);
        for (place, note) in self.notes.iter().enumerate() {
            if place == 0 {
                text.push('\n');
            }
            text.push_str("- ");
            text.push_str(note);
            text.push('\n');
        }
        text
    }

    fn drawn(&self, style: TableStyle) -> comfy_table::Table {
        // A bar would end a Markdown cell.
        let plain = |text: &String| text.replace('|', "/").replace('\n', " ");
        let mut table = comfy_table::Table::new();
        table.load_style(style);
        table.set_header(self.header.iter().map(plain));
        for row in &self.rows {
            table.add_row(row.iter().map(|text| Cell::new(plain(text))));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let words = |row: &[&str]| row.iter().map(|word| (*word).to_owned()).collect();
        Table {
            title: "A title".to_owned(),
            header: words(&["who", "a task"]),
            rows: vec![words(&["this|that", "1.00 µs"]), words(&["other", "–"])],
            notes: vec!["a note".to_owned()],
        }
    }

    #[test]
    fn markdown_is_a_table_with_a_heading_and_a_list() {
        let text = table().markdown();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "## A title",
                "",
                "| who       |  a task |",
                "|-----------|---------|",
                "| this/that | 1.00 µs |",
                "| other     |       – |",
                "",
                "- a note",
            ]
        );
    }

    #[test]
    fn a_terminal_sees_every_cell() {
        let text = table().terminal();
        for word in ["A title", "this/that", "1.00 µs", "a note"] {
            assert!(text.contains(word), "{word}");
        }
    }
}

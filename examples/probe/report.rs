//! What is printed at the end: a table for people, JSON for programs.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use crate::record::{Kind, Record, Step};

pub fn write(records: &[Record], json: bool) -> io::Result<()> {
    let text = if json {
        objects(records)?
    } else {
        table(records)
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn objects(records: &[Record]) -> io::Result<String> {
    let mut text = String::new();
    for record in records {
        text.push_str(&serde_json::to_string(record)?);
        text.push('\n');
    }
    Ok(text)
}

/// A row a URL, a column a step that any of them has.
fn table(records: &[Record]) -> String {
    let steps: Vec<Step> = [
        Step::Lookup,
        Step::Connect,
        Step::Tls,
        Step::Http,
        Step::WebSocket,
    ]
    .into_iter()
    .filter(|step| records.iter().any(|record| !cell(record, *step).is_empty()))
    .collect();
    let mut header = vec!["URL".to_owned()];
    header.extend(steps.iter().map(|step| step.name().to_uppercase()));
    header.extend(["PEER".to_owned(), "LAST WORD".to_owned()]);
    let mut rows = vec![header];
    rows.extend(records.iter().map(|record| {
        let mut row = vec![record.url.clone()];
        row.extend(steps.iter().map(|step| cell(record, *step)));
        row.push(
            record
                .peer
                .map_or_else(String::new, |peer| peer.to_string()),
        );
        row.push(last_word(record));
        row
    }));
    layout(&rows)
}

/// The time of a step, or why it has none.
fn cell(record: &Record, step: Step) -> String {
    if let Some(reached) = record.steps.iter().find(|reached| reached.step == step) {
        return format!("{:.1} ms", reached.time.as_secs_f64() * 1e3);
    }
    match &record.error {
        Some(failure) if failure.step == step => match failure.kind {
            Kind::Failed => "failed",
            Kind::TimedOut => "timed out",
            Kind::Cancelled => "cancelled",
        },
        _ => "",
    }
    .to_owned()
}

/// What the last step found; the reasons of failures have lines of their own.
fn last_word(record: &Record) -> String {
    match (&record.error, record.steps.last()) {
        (Some(failure), _) if failure.step == Step::Url => "malformed".to_owned(),
        (None, Some(last)) if last.step != Step::Connect => last.detail.clone(),
        _ => String::new(),
    }
}

fn layout(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

//! The tables of the figures.

use crate::case::{Case, Placement};
use crate::contestant::Contestant;
use crate::measure::{Measure, Value};
use crate::results::Results;
use crate::size::Sizes;
use crate::table::Table;
use crate::unit::{Unit, grouped};

/// What a column shows.
#[derive(Clone, Copy)]
struct Column {
    placement: Placement,
    size: Option<u64>,
    value: Value,
}

/// The tables of every measure that was taken.
pub fn tables(results: &Results, sizes: Option<Sizes>) -> Vec<Table> {
    let mut tables = Vec::new();
    for measure in <Measure as clap::ValueEnum>::value_variants()
        .iter()
        .copied()
    {
        if !results.has(measure) {
            continue;
        }
        if measure.option().is_some() {
            for placement in results.placements(measure) {
                tables.push(by_size(results, measure, placement));
            }
        } else {
            tables.push(by_value(results, measure));
        }
    }
    tables.extend(sizes.map(of_sizes));
    tables
}

fn by_size(results: &Results, measure: Measure, placement: Placement) -> Table {
    let columns: Vec<Column> = results
        .sizes(measure)
        .into_iter()
        .filter_map(|size| {
            Some(Column {
                placement,
                size,
                value: *measure.values().first()?,
            })
        })
        .collect();
    let header = columns
        .iter()
        .map(|column| column.size.map_or(String::new(), grouped))
        .collect();
    let title = match results.placements(measure).as_slice() {
        [_] => measure.title().to_owned(),
        _ => format!("{}, {}", measure.title(), placement.name()),
    };
    filled(results, measure, title, header, &columns)
}

fn by_value(results: &Results, measure: Measure) -> Table {
    let placements = results.placements(measure);
    let columns: Vec<Column> = placements
        .iter()
        .flat_map(|placement| {
            measure.values().iter().map(|value| Column {
                placement: *placement,
                size: None,
                value: *value,
            })
        })
        .collect();
    let header = columns
        .iter()
        .map(|column| match placements.as_slice() {
            [_] => column.value.title.to_owned(),
            _ => format!("{}, {}", column.value.title, column.placement.name()),
        })
        .collect();
    filled(
        results,
        measure,
        measure.title().to_owned(),
        header,
        &columns,
    )
}

/// A row for each contestant.
fn filled(
    results: &Results,
    measure: Measure,
    title: String,
    header: Vec<String>,
    columns: &[Column],
) -> Table {
    let mut table = Table {
        title,
        header,
        ..Table::default()
    };
    table.header.insert(0, String::new());
    for contestant in results.contestants(measure) {
        let mut row = vec![contestant.name().to_owned()];
        for column in columns {
            let case = Case {
                measure,
                contestant,
                placement: column.placement,
                size: column.size,
            };
            row.push(cell(results, case, column.value));
        }
        table.rows.push(row);
    }
    if results.contestants(measure).contains(&Contestant::Limit)
        && let Some(limit) = measure.limit()
    {
        table.notes.push(format!("limit: {limit}"));
    }
    if results.contestants(measure).contains(&Contestant::Libdex)
        && let Some(what) = measure.libdex()
    {
        table.notes.push(format!("libdex: {what}"));
    }
    if measure == Measure::Cancel {
        table.notes.push(FAN_OUT.to_owned());
    }
    let shown = |case: &Case| {
        columns
            .iter()
            .any(|column| column.placement == case.placement)
    };
    for (case, why) in results.excuses(measure) {
        if shown(&case) {
            table.notes.push(format!("{case}: {why}"));
        }
    }
    table
}

/// What a reader should know of the second column of the measure *cancel*.
const FAN_OUT: &str = "of 100,000: tasks of qio-task, GTask and libdex are completed by hand; \
                       those that have no such thing wait for a thread, and take their leave of \
                       its queue";

fn cell(results: &Results, case: Case, value: Value) -> String {
    let figure = results
        .summary(case, value.key)
        .map(|summary| value.unit.show_summary(&summary));
    match (figure, results.note(case)) {
        (Some(figure), Some(note)) => format!("{figure}, {note}"),
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => "–".to_owned(),
    }
}

fn of_sizes(sizes: Sizes) -> Table {
    let row = |name: &str, size: u64| {
        let added = size.checked_sub(sizes.without).map_or_else(
            || format!("-{}", bytes(sizes.without - size)),
            |added| {
                if added == 0 {
                    "–".to_owned()
                } else {
                    bytes(added)
                }
            },
        );
        vec![name.to_owned(), bytes(size), added]
    };
    Table {
        title: Measure::Size.title().to_owned(),
        header: vec![String::new(), "binary".to_owned(), "added".to_owned()],
        rows: vec![
            row("glib and a thread", sizes.without),
            row("qio-task", sizes.native),
            row("qio-task (gtask)", sizes.gtask),
        ],
        notes: vec![
            "One task that runs in a thread; the same program without the library.".to_owned(),
        ],
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "binaries are far below 2^53 bytes"
)]
fn bytes(size: u64) -> String {
    Unit::Bytes.show(size as f64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::results::{Outcome, Record, made_up};

    fn burst(contestant: Contestant, placement: Placement, size: u64) -> Case {
        Case {
            measure: Measure::Burst,
            contestant,
            placement,
            size: Some(size),
        }
    }

    #[test]
    fn each_placement_has_a_table_with_a_column_for_each_size() {
        let mut results = made_up(&[
            (
                burst(Contestant::Native, Placement::Machine, 100),
                "per_task_ns",
                300.0,
            ),
            (
                burst(Contestant::Native, Placement::Machine, 2_000),
                "per_task_ns",
                200.0,
            ),
            (
                burst(Contestant::Native, Placement::OneCore, 100),
                "per_task_ns",
                100.0,
            ),
            (
                burst(Contestant::Gio, Placement::Machine, 100),
                "per_task_ns",
                9_000.0,
            ),
        ]);
        results.push(Record {
            case: burst(Contestant::Gio, Placement::Machine, 2_000),
            repetition: 0,
            elapsed: Duration::ZERO,
            outcome: Outcome::Skipped("30 s predicted".to_owned()),
        });
        let tables = tables(&results, None);
        assert_eq!(tables.len(), 2);
        assert_eq!(tables[0].header, ["", "100", "2,000"]);
        assert_eq!(
            tables[0].rows,
            [
                ["qio-task", "300 ns", "200 ns"],
                ["gio::spawn_blocking", "9.00 µs", "skipped"],
            ]
        );
        assert_eq!(tables[0].notes.len(), 1);
        assert!(tables[0].notes[0].ends_with("skipped: 30 s predicted"));
        assert!(tables[1].title.ends_with("one core"));
        assert_eq!(tables[1].rows[1], ["gio::spawn_blocking", "–", "–"]);
    }

    #[test]
    fn a_measure_without_sizes_has_a_column_for_each_value() {
        let case = Case {
            measure: Measure::Memory,
            contestant: Contestant::Native,
            placement: Placement::Machine,
            size: None,
        };
        let tables = tables(&made_up(&[(case, "pending_bytes", 200.0)]), None);
        assert_eq!(tables[0].header, ["", "a pending task", "a running worker"]);
        assert_eq!(tables[0].rows, [["qio-task", "200 B", "–"]]);
    }

    #[test]
    fn what_libdex_does_is_said_where_it_takes_part() {
        let notes = |contestant| {
            let case = burst(contestant, Placement::Machine, 100);
            let tables = tables(&made_up(&[(case, "per_task_ns", 300.0)]), None);
            tables[0].notes.join(" ")
        };
        assert!(notes(Contestant::Libdex).starts_with("libdex: `dex_thread_pool_submit`"));
        assert_eq!(notes(Contestant::Gio), "");
    }

    #[test]
    fn what_the_library_adds_is_a_difference() {
        let sizes = Sizes {
            without: 409_600,
            native: 512_000,
            gtask: 409_500,
        };
        let table = of_sizes(sizes);
        assert_eq!(table.rows[1], ["qio-task", "500 KiB", "100 KiB"]);
        assert_eq!(table.rows[2][2], "-100 B");
    }
}

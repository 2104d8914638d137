//! A row for each contestant: how late its ticks are.

use anyhow::Result;
use plotters::chart::ChartBuilder;
use plotters::prelude::IntoLogRange;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Frame, Type, drawable, picture, range, tick, ticks};
use super::theme::Part;
use crate::case::{Case, Placement};
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::results::Results;
use crate::unit::Unit;

const TITLE: &str = "Frame: how late a 60 Hz tick is under a flood";
const SUBTITLE: &str =
    "delay while 100,000 completions of 5 µs arrive: filled the worst, hollow the 99th percentile";
const WIDTH: u32 = 880;
const PITCH: i32 = 34;
const LEFT: i32 = 190;
const RIGHT: i32 = 680;
const TOP: i32 = 96;
/// What is to be reached, in nanoseconds.
const TARGET: f64 = 3e6;
/// Less is not worth a decade of the axis.
const LEAST: f64 = 1e5;

/// A contestant, the worst delay and the 99th percentile.
type Row = (Contestant, f64, f64);

/// None where there is nothing to draw.
pub fn draw(results: &Results, footer: &str) -> Result<Option<String>> {
    let rows = rows(results);
    let figures = rows
        .iter()
        .flat_map(|(_, worst, p99)| [*worst, *p99, TARGET]);
    let Some(xs) = range(figures.map(|figure| figure.max(LEAST)), 1.6) else {
        return Ok(None);
    };
    let bottom = TOP + PITCH * i32::try_from(rows.len())?;
    let frame = Frame {
        left: LEFT,
        right: RIGHT,
        top: TOP,
        bottom,
    };
    let size = (WIDTH, u32::try_from(bottom + 88)?);
    let drawn = picture(size, [TITLE, SUBTITLE, footer], |canvas| {
        let inside = canvas
            .area
            .clone()
            .shrink((frame.left, frame.top), (RIGHT - LEFT, bottom - TOP));
        let chart = drawable(
            ChartBuilder::on(&inside).build_cartesian_2d(xs.clone().log_scale(), 0.0..1.0),
        )?;
        let across = |figure: f64| chart.backend_coord(&(figure.max(LEAST), 0.0)).0;
        grid(canvas, frame, &ticks(&xs, 1.0), across)?;
        for (place, row) in (0..).zip(&rows) {
            write(canvas, row, frame.top + PITCH * place + PITCH / 2, across)?;
        }
        Ok(())
    })?;
    Ok(Some(drawn))
}

fn rows(results: &Results) -> Vec<Row> {
    let contestants = results.contestants(Measure::Frame).into_iter();
    contestants
        .filter_map(|contestant| {
            let case = Case {
                measure: Measure::Frame,
                contestant,
                placement: Placement::Machine,
                size: None,
            };
            let median = |key| results.summary(case, key).map(|summary| summary.median);
            Some((contestant, median("worst_ns")?, median("p99_ns")?))
        })
        .collect()
}

fn grid(
    canvas: &Canvas<'_>,
    frame: Frame,
    ticks: &[f64],
    across: impl Fn(f64) -> i32,
) -> Result<()> {
    for figure in ticks {
        let x = across(*figure);
        canvas.line(vec![(x, frame.top), (x, frame.bottom)], Part::Grid, 1)?;
        let label = tick(Unit::Time, *figure);
        canvas.text(&label, (x, frame.bottom + 16), Type::label(HPos::Center))?;
    }
    let middle = i32::midpoint(frame.left, frame.right);
    let below = (middle, frame.bottom + 38);
    canvas.text(
        "delay of the tick (lower is better)",
        below,
        Type::label(HPos::Center),
    )?;
    let x = across(TARGET);
    canvas.line(vec![(x, frame.top - 6), (x, frame.bottom)], Part::Muted, 1)?;
    let above = (x, frame.top - 15);
    canvas.text("target: 3 ms", above, Type::label(HPos::Center))
}

fn write(
    canvas: &Canvas<'_>,
    (contestant, worst, p99): &Row,
    y: i32,
    across: impl Fn(f64) -> i32,
) -> Result<()> {
    let name = match contestant {
        Contestant::Limit => "all in one dispatch",
        other => other.name(),
    };
    canvas.text(name, (LEFT - 16, y), Type::name(*contestant, HPos::Right))?;
    canvas.line(vec![(LEFT, y), (RIGHT, y)], Part::Grid, 1)?;
    let part = Part::Contestant(*contestant);
    let (from, to) = (across(*p99), across(*worst));
    canvas.bar((from, y - 1), (to, y + 2), part)?;
    canvas.ring((from, y), 7, part)?;
    canvas.disc((to, y), 5, part)?;
    let shown = format!("{}, p99 {}", Unit::Time.show(*worst), Unit::Time.show(*p99));
    canvas.text(&shown, (RIGHT + 16, y), Type::name(*contestant, HPos::Left))
}

//! A line for each contestant, over the number of tasks.

use anyhow::Result;
use plotters::chart::ChartBuilder;
use plotters::prelude::IntoLogRange;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Frame, Point, Type, drawable, picture, range, tick, ticks};
use super::theme::Part;
use crate::case::{Case, Placement};
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::results::Results;
use crate::unit::{SLEEP, Unit, grouped};

/// A picture of one measure.
pub struct Lines {
    measure: Measure,
    title: &'static str,
    subtitle: &'static str,
    across: &'static str,
    /// The figure at which the powers of ten of the upright axis begin.
    one: f64,
}

pub static BURST: Lines = Lines {
    measure: Measure::Burst,
    title: "Burst: cost of a task",
    subtitle: "time a task, n empty workers at once until the last callback (lower is better)",
    across: "n, tasks at once",
    one: 1.0,
};

pub static BLOCKERS: Lines = Lines {
    measure: Measure::Blockers,
    title: "Blockers: n workers that sleep 100 ms",
    subtitle: "time until the last callback, in multiples of 100 ms (lower is better)",
    across: "n, workers that sleep",
    one: SLEEP,
};

const SIZE: (u32, u32) = (880, 500);
const FRAME: Frame = Frame {
    left: 84,
    right: 650,
    top: 78,
    bottom: 412,
};
/// Between the names beside the lines.
const PITCH: i32 = 21;

/// A contestant and its points: the number of tasks, and the median.
type Series = (Contestant, Vec<(f64, f64)>);

impl Lines {
    /// None where there is nothing to draw.
    pub fn draw(&self, results: &Results, footer: &str) -> Result<Option<String>> {
        let series = self.series(results);
        let points = || series.iter().flat_map(|(_, points)| points.iter());
        let (Some(xs), Some(ys)) = (
            range(points().map(|point| point.0), 1.25),
            range(points().map(|point| point.1), 1.5),
        ) else {
            return Ok(None);
        };
        let drawn = picture(SIZE, [self.title, self.subtitle, footer], |canvas| {
            let inside = canvas.area.clone().shrink(
                (FRAME.left, FRAME.top),
                (FRAME.right - FRAME.left, FRAME.bottom - FRAME.top),
            );
            let chart = drawable(
                ChartBuilder::on(&inside)
                    .build_cartesian_2d(xs.clone().log_scale(), ys.clone().log_scale()),
            )?;
            let place = |point: &(f64, f64)| chart.backend_coord(point);
            let unit = self
                .measure
                .values()
                .first()
                .map_or(Unit::Count, |value| value.unit);
            for figure in ticks(&ys, self.one) {
                let (_, y) = place(&(xs.start, figure));
                canvas.line(vec![(FRAME.left, y), (FRAME.right, y)], Part::Grid, 1)?;
                let label = tick(unit, figure);
                canvas.text(&label, (FRAME.left - 10, y), Type::label(HPos::Right))?;
            }
            for size in results.sizes(self.measure).into_iter().flatten() {
                let (x, _) = place(&(figure(size), ys.start));
                canvas.line(vec![(x, FRAME.top), (x, FRAME.bottom)], Part::Grid, 1)?;
                let below = (x, FRAME.bottom + 16);
                canvas.text(&grouped(size), below, Type::label(HPos::Center))?;
            }
            let middle = i32::midpoint(FRAME.left, FRAME.right);
            canvas.text(
                self.across,
                (middle, FRAME.bottom + 40),
                Type::label(HPos::Center),
            )?;
            let placed: Vec<(Contestant, Vec<Point>)> = series
                .iter()
                .map(|(contestant, points)| (*contestant, points.iter().map(place).collect()))
                .collect();
            write(canvas, &placed)
        })?;
        Ok(Some(drawn))
    }

    fn series(&self, results: &Results) -> Vec<Series> {
        let Some(value) = self.measure.values().first() else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for contestant in results.contestants(self.measure) {
            let points: Vec<_> = results
                .sizes(self.measure)
                .into_iter()
                .flatten()
                .filter_map(|size| {
                    let case = Case {
                        measure: self.measure,
                        contestant,
                        placement: Placement::Machine,
                        size: Some(size),
                    };
                    Some((figure(size), results.summary(case, value.key)?.median))
                })
                .collect();
            if !points.is_empty() {
                all.push((contestant, points));
            }
        }
        all
    }
}

/// The lines, and beside their ends the names in the same order.
fn write(canvas: &Canvas<'_>, series: &[(Contestant, Vec<Point>)]) -> Result<()> {
    // Ours is broad: the others can still be seen where they run along it.
    let (ours, others): (Vec<_>, Vec<_>) = series
        .iter()
        .rev()
        .partition(|(contestant, _)| *contestant == Contestant::Native);
    for (contestant, points) in ours.iter().chain(&others) {
        let part = Part::Contestant(*contestant);
        canvas.line(points.clone(), part, width(*contestant))?;
    }
    for (contestant, points) in others.iter().chain(&ours) {
        for point in points {
            canvas.marker(*point, *contestant)?;
        }
    }
    let mut ends: Vec<(i32, Contestant)> = series
        .iter()
        .filter_map(|(contestant, points)| Some((points.last()?.1, *contestant)))
        .collect();
    ends.sort_unstable();
    let wanted: Vec<i32> = ends.iter().map(|(y, _)| *y).collect();
    for (y, (_, contestant)) in apart(&wanted).into_iter().zip(ends) {
        let left = FRAME.right + 16;
        let key = vec![(left, y), (left + 40, y)];
        canvas.line(key, Part::Contestant(contestant), width(contestant))?;
        canvas.marker((left + 20, y), contestant)?;
        let set = Type::name(contestant, HPos::Left);
        canvas.text(contestant.name(), (left + 50, y), set)?;
    }
    Ok(())
}

fn width(contestant: Contestant) -> u32 {
    if contestant == Contestant::Native {
        5
    } else {
        2
    }
}

/// Moves `wanted`, which are in order, no closer together than [`PITCH`], within the frame.
fn apart(wanted: &[i32]) -> Vec<i32> {
    let mut placed: Vec<i32> = wanted.to_vec();
    let mut least = FRAME.top;
    for y in &mut placed {
        *y = (*y).max(least);
        least = *y + PITCH;
    }
    let mut most = FRAME.bottom;
    for y in placed.iter_mut().rev() {
        *y = (*y).min(most);
        most = *y - PITCH;
    }
    placed
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
fn figure(size: u64) -> f64 {
    size as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_distance_and_their_order() {
        for wanted in [
            vec![100, 100, 101, 300],
            vec![400, 410, 411, 412, 412],
            vec![78, 412],
        ] {
            let placed = apart(&wanted);
            assert!(placed.windows(2).all(|pair| pair[1] - pair[0] >= PITCH));
            assert!(
                placed
                    .iter()
                    .all(|y| (FRAME.top..=FRAME.bottom).contains(y))
            );
        }
    }
}

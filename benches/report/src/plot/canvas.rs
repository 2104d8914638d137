//! What both kinds of picture draw with, in pixels.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, TextStyle};

use super::theme::{Part, themed};
use crate::contestant::Contestant;
use crate::unit::Unit;

/// A place on the paper.
pub type Point = (i32, i32);

/// Where the figures are drawn: the rest is for the titles and labels.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

/// The paper.
pub struct Canvas<'a> {
    pub area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub struct Type {
    pub part: Part,
    pub size: f64,
    pub is_bold: bool,
    pub align: HPos,
}

/// The size of most text, in pixels.
const TEXT: f64 = 13.0;

impl Type {
    pub fn label(align: HPos) -> Self {
        Self {
            part: Part::Muted,
            size: TEXT,
            is_bold: false,
            align,
        }
    }

    /// The name of a contestant; ours stands out.
    pub fn name(contestant: Contestant, align: HPos) -> Self {
        Self {
            part: Part::Ink,
            is_bold: contestant.is_ours(),
            ..Self::label(align)
        }
    }
}

/// Draws a picture under a title; `draw` fills it.
pub fn picture(
    size: (u32, u32),
    [title, subtitle, footer]: [&str; 3],
    draw: impl FnOnce(&Canvas<'_>) -> Result<()>,
) -> Result<String> {
    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
        let canvas = Canvas { area };
        drawable(canvas.area.fill(&Part::Paper.colour()))?;
        let left = 24;
        let heading = Type {
            part: Part::Ink,
            size: 18.0,
            is_bold: true,
            align: HPos::Left,
        };
        canvas.text(title, (left, 28), heading)?;
        canvas.text(subtitle, (left, 51), Type::label(HPos::Left))?;
        let small = Type {
            size: 11.0,
            ..Type::label(HPos::Left)
        };
        let bottom = i32::try_from(size.1)? - 16;
        canvas.text(footer, (left, bottom), small)?;
        draw(&canvas)?;
        drawable(canvas.area.present())?;
    }
    Ok(themed(&drawn, title))
}

impl Canvas<'_> {
    /// `at` is the middle of its height.
    pub fn text(&self, text: &str, at: Point, set: Type) -> Result<()> {
        let style = if set.is_bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        // The library takes the height of a line and writes that of a letter.
        let font = ("sans-serif", set.size * 1.24, style).into_font();
        let colour = set.part.colour();
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(set.align, VPos::Center));
        drawable(self.area.draw_text(text, &style, at))
    }

    pub fn line(&self, points: Vec<Point>, part: Part, width: u32) -> Result<()> {
        let style = part.colour().stroke_width(width);
        drawable(self.area.draw(&PathElement::new(points, style)))
    }

    pub fn bar(&self, from: Point, to: Point, part: Part) -> Result<()> {
        let style = part.colour().filled();
        drawable(self.area.draw(&Rectangle::new([from, to], style)))
    }

    /// The sign of a contestant, so that colour is not all that tells them apart.
    pub fn marker(&self, (x, y): Point, contestant: Contestant) -> Result<()> {
        let part = Part::Contestant(contestant);
        let shape: &[Point] = match contestant {
            Contestant::Native => return self.disc((x, y), 5, part),
            Contestant::Shim => return self.ring((x, y), 5, part),
            Contestant::Gtask => &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
            Contestant::Gio => &[(0, -6), (6, 0), (0, 6), (-6, 0)],
            Contestant::Qiotask => &[(0, -6), (6, 5), (-6, 5)],
            Contestant::Blocking => &[(0, 6), (6, -5), (-6, -5)],
            Contestant::Tokio => &[(-6, -2), (0, -6), (6, -2), (4, 5), (-4, 5)],
            Contestant::Libdex => &[(-6, -3), (6, -3), (6, 3), (-6, 3)],
            Contestant::AsyncChannel => &[(-3, -6), (3, -6), (3, 6), (-3, 6)],
            Contestant::Limit => return self.ring((x, y), 3, part),
        };
        let points: Vec<Point> = shape.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
        drawable(self.area.draw(&Polygon::new(points, part.colour())))
    }

    pub fn disc(&self, at: Point, radius: i32, part: Part) -> Result<()> {
        drawable(
            self.area
                .draw(&Circle::new(at, radius, part.colour().filled())),
        )
    }

    pub fn ring(&self, at: Point, radius: i32, part: Part) -> Result<()> {
        self.disc(at, radius, Part::Paper)?;
        let style = part.colour().stroke_width(2);
        drawable(self.area.draw(&Circle::new(at, radius, style)))
    }
}

/// The library's errors can't leave their thread.
pub fn drawable<T, E: std::fmt::Display>(drawn: Result<T, E>) -> Result<T> {
    drawn.map_err(|error| anyhow!("can't draw: {error}"))
}

/// Some room around the figures of a logarithmic axis.
pub fn range(figures: impl Iterator<Item = f64>, room: f64) -> Option<std::ops::Range<f64>> {
    let (least, most) = figures
        .filter(|figure| figure.is_finite() && *figure > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(least, most), figure| {
            (least.min(figure), most.max(figure))
        });
    (most > 0.0).then_some(least / room..most * room)
}

/// The figures to mark on a logarithmic axis: powers of ten, and what lies between
/// where there are few.
pub fn ticks(range: &std::ops::Range<f64>, steps_from: f64) -> Vec<f64> {
    let within = |multiples: &[f64]| -> Vec<f64> {
        (-3..12)
            .map(|power| 10f64.powi(power) * steps_from)
            .flat_map(|power| multiples.iter().map(move |multiple| multiple * power))
            .filter(|tick| range.contains(tick))
            .collect()
    };
    let powers = within(&[1.0]);
    if powers.len() < 3 {
        within(&[1.0, 2.0, 5.0])
    } else {
        powers
    }
}

/// A tick's figure, which is round.
pub fn tick(unit: Unit, figure: f64) -> String {
    let shown = unit.show(figure);
    match shown.split_once(' ') {
        Some((number, name)) => {
            let number = number.parse::<f64>().unwrap_or(figure);
            format!("{number} {name}")
        }
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_powers_get_steps_between() {
        assert_eq!(ticks(&(50.0..2e5), 1.0), [1e2, 1e3, 1e4, 1e5]);
        assert_eq!(ticks(&(0.9e8..1.1e9), 1e8), [1e8, 2e8, 5e8, 1e9]);
    }

    #[test]
    fn a_tick_is_round() {
        assert_eq!(tick(Unit::Time, 1_000.0), "1 µs");
        assert_eq!(tick(Unit::Time, 500.0), "500 ns");
        assert_eq!(tick(Unit::Sleeps, 2e8), "2 ×");
    }

    #[test]
    fn no_figure_has_no_range() {
        assert_eq!(range([0.0, f64::NAN].into_iter(), 2.0), None);
        assert_eq!(range([4.0, 2.0].into_iter(), 2.0), Some(1.0..8.0));
    }
}

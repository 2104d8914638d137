//! The pictures.

mod canvas;
mod frame;
mod lines;
mod theme;

use anyhow::Result;

use crate::machine::Machine;
use crate::measure::Measure;
use crate::results::Results;

/// Each picture for which there are figures: the name of its file, and the SVG.
pub fn pictures(results: &Results, machine: &Machine) -> Result<Vec<(&'static str, String)>> {
    let footer = machine.line();
    let mut pictures = Vec::new();
    for (name, lines) in [
        ("burst.svg", &lines::BURST),
        ("blockers.svg", &lines::BLOCKERS),
    ] {
        if let Some(picture) = lines.draw(results, &footer)? {
            pictures.push((name, picture));
        }
    }
    if results.has(Measure::Frame)
        && let Some(picture) = frame::draw(results, &footer)?
    {
        pictures.push(("frame.svg", picture));
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, Placement};
    use crate::contestant::Contestant;
    use crate::machine;
    use crate::results::made_up;

    /// Everyone, from some of the sizes on.
    fn everyone(sizes: &[(Measure, Option<u64>)]) -> Results {
        let mut figures = Vec::new();
        for (place, contestant) in Contestant::ALL.into_iter().enumerate() {
            for (measure, size) in sizes.iter().copied() {
                let case = Case {
                    measure,
                    contestant,
                    placement: Placement::Machine,
                    size,
                };
                let figure = 10f64.powi(i32::try_from(place).unwrap() + 2);
                for value in measure.values() {
                    figures.push((case, value.key, figure));
                }
            }
        }
        made_up(&figures)
    }

    #[test]
    fn every_picture_has_both_schemes_and_everyone() {
        let results = everyone(&[
            (Measure::Burst, Some(100)),
            (Measure::Burst, Some(20_000)),
            (Measure::Blockers, Some(10)),
            (Measure::Blockers, Some(400)),
            (Measure::Frame, None),
        ]);
        let pictures = pictures(&results, &machine::made_up()).unwrap();
        let names: Vec<_> = pictures.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["burst.svg", "blockers.svg", "frame.svg"]);
        for (name, picture) in pictures {
            assert!(
                picture.contains("@media (prefers-color-scheme: dark)"),
                "{name}"
            );
            assert!(picture.contains("A Processor, 4 cores"), "{name}");
            for contestant in Contestant::ALL {
                let shown = match (name, contestant) {
                    ("frame.svg", Contestant::Limit) => "all in one dispatch",
                    (_, contestant) => contestant.name(),
                };
                let shown = shown.replace('\'', "&apos;");
                assert!(picture.contains(&shown), "{name} lacks {shown}");
            }
        }
    }

    #[test]
    fn a_colour_is_never_left_without_its_class() {
        let results = everyone(&[(Measure::Burst, Some(100)), (Measure::Burst, Some(400))]);
        let pictures = pictures(&results, &machine::made_up()).unwrap();
        let body = pictures[0].1.split_once("</style>").unwrap().1;
        for element in body.split('<').filter(|element| element.contains("=\"#")) {
            assert_eq!(element.matches("class=").count(), 1, "{element}");
        }
    }

    #[test]
    fn nothing_measured_is_no_picture() {
        let pictures = pictures(&Results::default(), &machine::made_up()).unwrap();
        assert!(pictures.is_empty());
    }
}

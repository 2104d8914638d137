//! Colours that follow the reader's scheme.

// Implementation
//
// The plotting library writes fixed colours. No two parts share one in the light
// scheme, so that each can be found again in its output and given a class; the
// style sheet then gives the class its colour in either scheme.

use std::fmt::Write;

use plotters::style::RGBColor;

use crate::contestant::Contestant;

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Paper,
    Ink,
    Muted,
    Grid,
    Contestant(Contestant),
}

/// A colour as red, green and blue.
type Colour = (u8, u8, u8);

impl Part {
    fn all() -> impl Iterator<Item = Self> {
        let plain = [Self::Paper, Self::Ink, Self::Muted, Self::Grid];
        plain
            .into_iter()
            .chain(Contestant::ALL.into_iter().map(Self::Contestant))
    }

    /// The colour to draw with: that of the light scheme.
    pub fn colour(self) -> RGBColor {
        let (red, green, blue) = self.schemes().0;
        RGBColor(red, green, blue)
    }

    /// In the light scheme and in the dark one. The contestants' are after Okabe and
    /// Ito, who chose them for every kind of sight, with the lightness that the
    /// ground asks for.
    fn schemes(self) -> (Colour, Colour) {
        match self {
            Self::Paper => ((255, 255, 255), (13, 17, 23)),
            Self::Ink => ((31, 35, 40), (230, 237, 243)),
            Self::Muted => ((89, 99, 110), (155, 163, 173)),
            Self::Grid => ((226, 230, 234), (42, 49, 58)),
            Self::Contestant(contestant) => match contestant {
                Contestant::Native => ((0, 90, 181), (79, 172, 255)),
                Contestant::Shim => ((43, 140, 208), (134, 208, 245)),
                Contestant::Gtask => ((213, 94, 0), (255, 131, 51)),
                Contestant::Gio => ((176, 123, 0), (240, 180, 41)),
                Contestant::Qiotask => ((176, 72, 138), (226, 142, 194)),
                Contestant::Blocking => ((0, 128, 94), (36, 196, 150)),
                Contestant::Tokio => ((122, 82, 48), (209, 168, 130)),
                Contestant::Libdex => ((132, 80, 200), (190, 150, 255)),
                Contestant::AsyncChannel => ((90, 122, 20), (164, 204, 88)),
                Contestant::Limit => ((110, 118, 128), (140, 149, 160)),
            },
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Ink => "ink",
            Self::Muted => "muted",
            Self::Grid => "grid",
            Self::Contestant(contestant) => match contestant {
                Contestant::Native => "native",
                Contestant::Shim => "shim",
                Contestant::Gtask => "gtask",
                Contestant::Gio => "gio",
                Contestant::Qiotask => "qiotask",
                Contestant::Blocking => "blocking",
                Contestant::Tokio => "tokio",
                Contestant::Libdex => "libdex",
                Contestant::AsyncChannel => "async-channel",
                Contestant::Limit => "limit",
            },
        }
    }

    /// How the line of a contestant is broken; not at all where it says nothing.
    fn dashes(self) -> Option<&'static str> {
        match self {
            Self::Contestant(contestant) => match contestant {
                Contestant::Native => None,
                Contestant::Shim => Some("9 4"),
                Contestant::Gtask => Some("14 4"),
                Contestant::Gio => Some("6 4"),
                Contestant::Qiotask => Some("10 4 2 4"),
                Contestant::Blocking => Some("14 3 4 3"),
                Contestant::Tokio => Some("4 3"),
                Contestant::Libdex => Some("8 3 2 3 2 3"),
                Contestant::AsyncChannel => Some("2 3 8 3"),
                Contestant::Limit => Some("1.5 4"),
            },
            Self::Muted => Some("5 4"),
            _ => None,
        }
    }
}

/// Gives `drawn` its classes, its style sheet and a title for those who can't see it.
pub fn themed(drawn: &str, title: &str) -> String {
    let mut body = drawn.to_owned();
    for part in Part::all() {
        let hex = hex(part.schemes().0);
        for kind in ["fill", "stroke"] {
            let plain = format!("{kind}=\"{hex}\"");
            let classed = format!("class=\"{}-{kind}\" {plain}", part.class());
            body = body.replace(&plain, &classed);
        }
    }
    let head = format!("\n<title>{title}</title>\n<style>\n{}</style>", sheet());
    match body.find("<svg").and_then(|start| {
        let end = body[start..].find('>')?;
        Some(start + end + 1)
    }) {
        Some(place) => body.insert_str(place, &head),
        None => body.insert_str(0, &head),
    }
    body.replacen("<svg", "<svg role=\"img\"", 1)
}

fn sheet() -> String {
    let mut sheet = String::from(
        "text { font-family: system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, \
         Arial, sans-serif; }\n\
         polyline { stroke-linejoin: round; }\n",
    );
    for part in Part::all() {
        if let Some(dashes) = part.dashes() {
            let class = part.class();
            let _ = writeln!(
                sheet,
                "polyline.{class}-stroke {{ stroke-dasharray: {dashes}; }}"
            );
        }
    }
    sheet.push_str(&rules(|part| part.schemes().0));
    let _ = writeln!(
        sheet,
        "@media (prefers-color-scheme: dark) {{\n{}}}",
        rules(|part| part.schemes().1)
    );
    sheet
}

fn rules(colour: impl Fn(Part) -> Colour) -> String {
    Part::all().fold(String::new(), |mut rules, part| {
        let (class, hex) = (part.class(), hex(colour(part)));
        let _ = writeln!(
            rules,
            ".{class}-fill {{ fill: {hex}; }} .{class}-stroke {{ stroke: {hex}; }}"
        );
        rules
    })
}

fn hex((red, green, blue): Colour) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_parts_look_the_same() {
        for scheme in [|part: Part| part.schemes().0, |part: Part| part.schemes().1] {
            let mut colours: Vec<_> = Part::all().map(scheme).collect();
            let count = colours.len();
            colours.sort_unstable();
            colours.dedup();
            assert_eq!(colours.len(), count);
        }
    }

    /// As the accessibility guidelines of the web define it.
    fn contrast(one: Colour, other: Colour) -> f64 {
        let light = |(red, green, blue)| {
            let linear = |part: u8| {
                let part = f64::from(part) / 255.0;
                if part <= 0.04045 {
                    part / 12.92
                } else {
                    ((part + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) + 0.05
        };
        let (one, other) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn everyone_can_be_seen_on_either_ground() {
        let (paper, dark_paper) = Part::Paper.schemes();
        for part in Part::all().filter(|part| !matches!(part, Part::Paper | Part::Grid)) {
            let (light, dark) = part.schemes();
            assert!(contrast(light, paper) >= 3.0, "{part:?} on light");
            assert!(contrast(dark, dark_paper) >= 3.0, "{part:?} on dark");
        }
    }

    #[test]
    fn a_drawing_gets_its_classes_and_its_sheet() {
        let drawn = "<svg width=\"1\">\n<text fill=\"#1F2328\">a</text></svg>";
        let themed = themed(drawn, "A title");
        assert!(themed.starts_with("<svg role=\"img\" width=\"1\">\n<title>A title</title>"));
        assert!(themed.contains("<text class=\"ink-fill\" fill=\"#1F2328\">a</text>"));
        assert!(themed.contains("@media (prefers-color-scheme: dark)"));
    }
}

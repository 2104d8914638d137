//! Comparing counts with the accepted ones, and saying how they compare.

use crate::accepted::Record;
use crate::backend::{ACCEPT, BACKEND};

/// By how many per cent a count may differ from the accepted one.
const BOUND: u64 = 5;

/// The counts of one benchmark. None accepted: it is new. None now: it is gone.
#[derive(Debug, Clone, Copy)]
struct Pair<'a> {
    benchmark: &'a str,
    accepted: Option<u64>,
    now: Option<u64>,
}

/// The counts of all benchmarks on one backend.
pub struct Comparison<'a> {
    pairs: Vec<Pair<'a>>,
    /// In what this machine differs from that of the accepted counts.
    differences: Vec<String>,
}

/// A line of the table: benchmark, accepted, now, ratio.
pub type Row = [String; 4];

impl<'a> Comparison<'a> {
    /// `accepted` is what the repository has for the backend of `now`, if anything.
    pub fn new(accepted: Option<&'a Record>, now: &'a Record) -> Self {
        let before = |name: &str| accepted?.instructions.get(name).copied();
        let mut pairs: Vec<_> = (now.instructions.iter())
            .map(|(benchmark, &count)| Pair {
                benchmark,
                accepted: before(benchmark),
                now: Some(count),
            })
            .collect();
        let gone = (accepted.iter())
            .flat_map(|accepted| &accepted.instructions)
            .filter(|(benchmark, _)| !now.instructions.contains_key(*benchmark));
        pairs.extend(gone.map(|(benchmark, &count)| Pair {
            benchmark,
            accepted: Some(count),
            now: None,
        }));
        let differences = accepted.map(|accepted| now.facts.differences(&accepted.facts));
        Self {
            pairs,
            differences: differences.unwrap_or_default(),
        }
    }

    /// What the user has to see to, one sentence each: counts that are too high, and
    /// what can't be compared.
    pub fn failures(&self) -> Vec<String> {
        self.pairs
            .iter()
            .filter_map(|pair| self.failure(pair))
            .collect()
    }

    fn failure(&self, pair: &Pair) -> Option<String> {
        let name = pair.benchmark;
        match (pair.accepted, pair.now) {
            (Some(accepted), Some(now)) if is_over(accepted, now) => {
                let differ = if self.differences.is_empty() {
                    ""
                } else {
                    " But the machine is not that of the accepted count: see above."
                };
                Some(format!(
                    "`{name}` on {} takes {} instructions, {} times the accepted {}; more than {BOUND} % \
                     above fails.{differ} If it has to be: `{ACCEPT}`, after saying in the commit why.",
                    BACKEND,
                    thousands(now),
                    ratio(accepted, now),
                    thousands(accepted),
                ))
            }
            (None, Some(now)) => Some(format!(
                "`{name}` takes {} instructions, and accepted.json has no count of it for {}. \
                 To accept this one: `{ACCEPT}`.",
                thousands(now),
                BACKEND,
            )),
            (Some(_), None) => Some(format!(
                "`{name}` is in accepted.json, but was not counted. If it is gone for good: `{ACCEPT}`."
            )),
            _ => None,
        }
    }

    /// What the user may want to know.
    pub fn remarks(&self) -> Vec<String> {
        let differences = (!self.differences.is_empty()).then(|| {
            format!(
                "This machine is not that of the accepted counts, which may move them: {}.",
                self.differences.join(", ")
            )
        });
        let under = self.pairs.iter().filter_map(|pair| {
            let (accepted, now) = (pair.accepted?, pair.now?);
            is_under(accepted, now).then(|| {
                format!(
                    "`{}` takes {} instructions, {} times the accepted {}: that can be lowered, \
                     with `{ACCEPT}`.",
                    pair.benchmark,
                    thousands(now),
                    ratio(accepted, now),
                    thousands(accepted),
                )
            })
        });
        differences.into_iter().chain(under).collect()
    }

    pub fn rows(&self) -> Vec<Row> {
        let number = |count: Option<u64>| count.map_or_else(|| "none".to_owned(), thousands);
        let row = |pair: &Pair| {
            let ratio = pair
                .accepted
                .zip(pair.now)
                .map(|(accepted, now)| ratio(accepted, now));
            [
                format!("{}, instructions", pair.benchmark),
                number(pair.accepted),
                number(pair.now),
                ratio.unwrap_or_default(),
            ]
        };
        self.pairs.iter().map(row).collect()
    }
}

fn is_over(accepted: u64, now: u64) -> bool {
    now * 100 > accepted * (100 + BOUND)
}

fn is_under(accepted: u64, now: u64) -> bool {
    now * 100 < accepted * (100 - BOUND)
}

/// `now` in multiples of `accepted`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn ratio(accepted: u64, now: u64) -> String {
    format!("{:.3}", now as f64 / accepted as f64)
}

/// `1234567` as `1,234,567`.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `rows` below their titles, numbers flush right.
pub fn table(rows: &[Row]) -> String {
    let titles = ["benchmark", "accepted", "now", "ratio"].map(str::to_owned);
    let lines: Vec<_> = [&titles].into_iter().chain(rows).collect();
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].len())
            .max()
            .unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    let shown = |line: &&Row| {
        let [name, accepted, now, ratio] = line;
        format!(
            "{name:0$}  {accepted:>1$}  {now:>2$}  {ratio:>3$}\n",
            widths[0], widths[1], widths[2], widths[3]
        )
    };
    lines.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accepted::Counts;
    use crate::facts::Facts;

    fn record(counts: &[(&str, u64)]) -> Record {
        let counts: Counts = (counts.iter())
            .map(|&(name, count)| (name.to_owned(), count))
            .collect();
        Record::new(Facts::with_glib("2.74.6"), counts)
    }

    #[test]
    fn up_to_the_bound_nothing_is_said() {
        let accepted = record(&[("burst", 1_000), ("foreign", 1_000), ("inline", 1_000)]);
        let now = record(&[("burst", 950), ("foreign", 1_000), ("inline", 1_050)]);
        let comparison = Comparison::new(Some(&accepted), &now);
        assert!(comparison.failures().is_empty());
        assert!(comparison.remarks().is_empty());
    }

    #[test]
    fn above_the_bound_fails_and_says_what_to_do() {
        let (accepted, now) = (
            record(&[("inline", 100_000)]),
            record(&[("inline", 105_001)]),
        );
        let comparison = Comparison::new(Some(&accepted), &now);
        let [failure] = &comparison.failures()[..] else {
            panic!("one sentence");
        };
        for part in ["`inline`", "105,001", "100,000", "1.050 times", ACCEPT] {
            assert!(failure.contains(part), "{part}: {failure}");
        }
        assert!(!failure.contains("machine"), "{failure}");
        assert!(comparison.remarks().is_empty());
    }

    #[test]
    fn below_the_bound_is_only_remarked() {
        let (accepted, now) = (
            record(&[("inline", 100_000)]),
            record(&[("inline", 94_999)]),
        );
        let comparison = Comparison::new(Some(&accepted), &now);
        assert!(comparison.failures().is_empty());
        let [remark] = &comparison.remarks()[..] else {
            panic!("one sentence");
        };
        assert!(remark.contains("can be lowered"), "{remark}");
    }

    #[test]
    fn on_another_machine_counts_are_compared_and_it_is_said() {
        let (mut accepted, now) = (record(&[("inline", 100)]), record(&[("inline", 200)]));
        accepted.facts = Facts::with_glib("2.80.0");
        let comparison = Comparison::new(Some(&accepted), &now);
        assert!(comparison.failures()[0].contains("machine is not that"));
        assert!(comparison.remarks()[0].contains("GLib 2.74.6 instead of 2.80.0"));
    }

    #[test]
    fn what_is_missing_on_either_side_fails() {
        let (accepted, now) = (record(&[("old", 1)]), record(&[("new", 1)]));
        let failures = Comparison::new(Some(&accepted), &now).failures();
        assert!(failures[0].contains("`new`") && failures[0].contains("no count"));
        assert!(failures[1].contains("`old`") && failures[1].contains("not counted"));

        let failures = Comparison::new(None, &now).failures();
        assert_eq!(failures.len(), 1);
    }

    #[test]
    fn a_table_is_aligned() {
        let (accepted, now) = (
            record(&[("inline", 1_000)]),
            record(&[("inline", 2_135_789)]),
        );
        assert_eq!(
            table(&Comparison::new(Some(&accepted), &now).rows()),
            "benchmark             accepted        now     ratio\n\
             inline, instructions     1,000  2,135,789  2135.789\n"
        );
    }

    #[test]
    fn digits_are_grouped() {
        for (count, shown) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(thousands(count), shown);
        }
    }
}

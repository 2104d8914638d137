//! The ledger: how many tasks of each kind were made and how they have ended.
//!
//! Each thread writes on a page of its own, so that counting costs next to
//! nothing; the sum of the pages is exact whenever all threads rest.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use crate::{ending::Ending, kind::Kind};

const KINDS: usize = Kind::ALL.len();
const ENDINGS: usize = Ending::ALL.len();

/// More than threads that count at the same time, most of the time.
const PAGES: usize = 64;

#[repr(align(128))]
struct Page {
    made: [AtomicU64; KINDS],
    ended: [[AtomicU64; ENDINGS]; KINDS],
    things_made: AtomicU64,
    things_dropped: AtomicU64,
}

impl Page {
    const fn blank() -> Self {
        Self {
            made: [const { AtomicU64::new(0) }; KINDS],
            ended: [const { [const { AtomicU64::new(0) }; ENDINGS] }; KINDS],
            things_made: AtomicU64::new(0),
            things_dropped: AtomicU64::new(0),
        }
    }
}

static LEDGER: [Page; PAGES] = [const { Page::blank() }; PAGES];

thread_local! {
    static PAGE: Cell<Option<&'static Page>> = const { Cell::new(None) };
}

fn page() -> &'static Page {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    PAGE.get().unwrap_or_else(|| {
        let page = &LEDGER[NEXT.fetch_add(1, Relaxed) % PAGES];
        PAGE.set(Some(page));
        page
    })
}

pub fn made(kind: Kind) {
    page().made[kind as usize].fetch_add(1, Relaxed);
}

pub fn ended(kind: Kind, ending: Ending) {
    page().ended[kind as usize][ending as usize].fetch_add(1, Relaxed);
}

/// A result or a source was made: something that has a home.
pub fn thing_made() {
    page().things_made.fetch_add(1, Relaxed);
}

pub fn thing_dropped() {
    page().things_dropped.fetch_add(1, Relaxed);
}

/// The sum of all pages.
#[derive(Clone)]
pub struct Sums {
    pub made: [u64; KINDS],
    pub ended: [[u64; ENDINGS]; KINDS],
    pub things_made: u64,
    pub things_dropped: u64,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            made: [0; KINDS],
            ended: [[0; ENDINGS]; KINDS],
            things_made: 0,
            things_dropped: 0,
        }
    }
}

impl Sums {
    /// Exact when all threads rest; else what was ended is counted first, so
    /// that it never exceeds what was made.
    pub fn take() -> Self {
        let mut sums = Self::default();
        for page in &LEDGER {
            for (sums, counts) in sums.ended.iter_mut().zip(&page.ended) {
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum += count.load(Relaxed);
                }
            }
            sums.things_dropped += page.things_dropped.load(Relaxed);
        }
        for page in &LEDGER {
            for (sum, count) in sums.made.iter_mut().zip(&page.made) {
                *sum += count.load(Relaxed);
            }
            sums.things_made += page.things_made.load(Relaxed);
        }
        sums
    }

    pub fn made(&self) -> u64 {
        self.made.iter().sum()
    }

    pub fn by_ending(&self, ending: Ending) -> u64 {
        self.ended.iter().map(|ends| ends[ending as usize]).sum()
    }

    pub fn ended(&self) -> u64 {
        self.ended.iter().flatten().sum()
    }

    /// How many tasks of `kind` have been made and have not ended.
    pub fn pending(&self, kind: Kind) -> i128 {
        let ended: u64 = self.ended[kind as usize].iter().sum();
        i128::from(self.made[kind as usize]) - i128::from(ended)
    }

    /// Whether all have ended but those that end as they are completed: homes make some of these
    /// until they rest, so that there is hardly a moment without one.
    pub fn is_drained(&self) -> bool {
        let mut kinds = Kind::ALL.into_iter();
        kinds.all(|kind| matches!(kind, Kind::Inline) || self.pending(kind) == 0)
    }

    /// A line for each kind of which some have not ended.
    pub fn pending_by_kind(&self) -> String {
        let pending = Kind::ALL.into_iter().map(|kind| (kind, self.pending(kind)));
        let lines: Vec<String> = pending
            .filter(|(_, pending)| *pending != 0)
            .map(|(kind, pending)| format!("{pending:>12}  {kind}"))
            .collect();
        lines.join("\n")
    }

    /// What does not add up, if anything: a sentence.
    pub fn imbalance(&self) -> Option<String> {
        let off: Vec<String> = Kind::ALL
            .into_iter()
            .filter(|kind| self.pending(*kind) != 0)
            .map(|kind| {
                let ended: u64 = self.ended[kind as usize].iter().sum();
                format!("{}: made {}, ended {ended}", kind, self.made[kind as usize])
            })
            .collect();
        if !off.is_empty() {
            return Some(format!("lost or ended twice: {}", off.join("; ")));
        }
        let (made, dropped) = (self.things_made, self.things_dropped);
        (made != dropped).then(|| format!("of {made} results and sources {dropped} were dropped"))
    }

    /// A line for each kind, with how its tasks have ended.
    pub fn table(&self) -> String {
        let columns: Vec<Ending> = Ending::ALL
            .into_iter()
            .filter(|ending| self.by_ending(*ending) > 0)
            .collect();
        let row = |name: &str, made: u64, count: &dyn Fn(Ending) -> u64| {
            let counts = columns.iter().map(|ending| match count(*ending) {
                0 => format!("{:>13}", "·"),
                count => format!("{count:>13}"),
            });
            format!("{name:<34}{made:>12}{}", counts.collect::<String>())
        };
        let names = columns.iter().map(|ending| format!("{ending:>13}"));
        let head = format!("{:<34}{:>12}{}", "kind", "made", names.collect::<String>());
        let kinds = Kind::ALL.into_iter().map(|kind| {
            let (made, ended) = (self.made[kind as usize], &self.ended[kind as usize]);
            row(&kind.to_string(), made, &|ending| ended[ending as usize])
        });
        let all = row("all", self.made(), &|ending| self.by_ending(ending));
        let lines: Vec<String> = [head].into_iter().chain(kinds).chain([all]).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Sums {
        let mut sums = Sums {
            things_made: 5,
            things_dropped: 5,
            ..Sums::default()
        };
        for (number, ending) in Ending::ALL.into_iter().enumerate() {
            let kind = Kind::ALL[number % KINDS];
            sums.made[kind as usize] += 1;
            sums.ended[kind as usize][ending as usize] += 1;
        }
        sums
    }

    #[test]
    fn each_ending_counts_once() {
        let sums = one_of_each();
        assert_eq!(sums.imbalance(), None);
        assert_eq!(sums.made(), sums.ended());
    }

    #[test]
    fn what_was_lost_is_named_by_kind() {
        let mut sums = one_of_each();
        sums.made[Kind::Inline as usize] += 1;
        let said = sums.imbalance().unwrap();
        assert!(said.contains(&Kind::Inline.to_string()), "{said}");
    }

    #[test]
    fn what_is_completed_on_the_spot_does_not_keep_others_from_their_rest() {
        let mut sums = one_of_each();
        sums.made[Kind::Inline as usize] += 1;
        assert!(sums.is_drained());
        sums.made[Kind::Idle as usize] += 1;
        assert!(!sums.is_drained());
    }

    #[test]
    fn one_that_ended_twice_does_not_hide_one_that_was_lost() {
        let mut sums = one_of_each();
        sums.made[Kind::Inline as usize] += 1;
        sums.ended[Kind::Idle as usize][Ending::Completed as usize] += 1;
        assert_eq!(sums.made(), sums.ended());
        assert!(sums.imbalance().is_some());
    }

    #[test]
    fn a_result_that_stays_is_seen() {
        let mut sums = one_of_each();
        sums.things_made += 1;
        assert!(sums.imbalance().is_some());
    }

    #[test]
    fn what_threads_write_is_in_the_sums() {
        let before = Sums::take();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    made(Kind::Panicked);
                    ended(Kind::Panicked, Ending::Panicked);
                });
            }
        });
        let after = Sums::take();
        let of = |sums: &Sums| sums.ended[Kind::Panicked as usize][Ending::Panicked as usize];
        assert_eq!(of(&after) - of(&before), 4);
        assert_eq!(after.pending(Kind::Panicked), 0);
    }
}

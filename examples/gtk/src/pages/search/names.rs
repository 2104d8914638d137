//! The names of numbers: much to search through, of which nothing has to be kept.

use gtk::glib;
use qio_task::{Progress, Worker};

/// The last number that has a name here.
pub const LAST: u32 = 5_000_000;

/// How many of those that were found are told.
pub const TOLD: usize = 1_000;

/// After how many numbers a search asks whether it is wanted, and tells how far it has got.
const STEP: u32 = 1_000;

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// What a search has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The first [`TOLD`] of them.
    pub numbers: Vec<u32>,
    pub count: u32,
}

/// Finds the numbers in whose names all words of `text` are. Reports how many it has found so far.
pub fn search(text: &str, worker: &Worker, progress: &Progress<u32>) -> Result<Found, glib::Error> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Found::default();
    let mut name = String::new();
    for number in 0..=LAST {
        if number % STEP == 0 {
            worker.check_cancelled()?;
            progress.report(found.count);
        }
        name.clear();
        push_name(&mut name, number);
        if words.iter().all(|word| name.contains(word)) {
            found.count += 1;
            if found.numbers.len() < TOLD {
                found.numbers.push(number);
            }
        }
    }
    Ok(found)
}

/// The name of a number up to [`LAST`].
pub fn name(number: u32) -> String {
    let mut name = String::new();
    push_name(&mut name, number);
    name
}

fn push_name(name: &mut String, number: u32) {
    let (parts, rest) = match number {
        0..20 => return name.push_str(SMALL[number as usize]),
        20..100 => {
            name.push_str(TENS[number as usize / 10 - 2]);
            let ones = number as usize % 10;
            if ones > 0 {
                name.push('-');
                name.push_str(SMALL[ones]);
            }
            return;
        }
        100..1_000 => ((number / 100, " hundred"), number % 100),
        1_000..1_000_000 => ((number / 1_000, " thousand"), number % 1_000),
        _ => ((number / 1_000_000, " million"), number % 1_000_000),
    };
    push_name(name, parts.0);
    name.push_str(parts.1);
    if rest > 0 {
        name.push(' ');
        push_name(name, rest);
    }
}

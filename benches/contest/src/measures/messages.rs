//! *messages*: a thread sends `--n` numbers through a bound of 1,024 to the main loop, each of
//! which counts; and how long a redraw waits meanwhile.
//!
//! The redraw is a timeout of 60 Hz, at the priority that GTK's has. One that never has its turn is
//! late until the end.

use std::{
    cell::Cell,
    thread,
    time::{Duration, Instant},
};

use glib::{ControlFlow, Priority};

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Messages,
    stats::{count, median, nanos},
};

const NUMBERS: usize = 10_000_000;
const BOUND: usize = 1_024;
const GDK_PRIORITY_REDRAW: i32 = 120;
/// Of 60 Hz, in whole milliseconds.
const PERIOD: Duration = Duration::from_millis(16);
const REPEAT: usize = 3;
/// Numbers before those that count.
const WARM_UP: usize = 10_000;

pub fn run<C: Messages>(size: &Size) -> anyhow::Result<Values> {
    let numbers = size.n_or(NUMBERS);
    once::<C>(numbers.min(WARM_UP));
    let (mut rates, mut late) = (Vec::new(), Vec::new());
    for _ in 0..size.repeat_or(REPEAT) {
        let (elapsed, longest) = once::<C>(numbers);
        rates.push(count(numbers) / elapsed.as_secs_f64());
        late.push(nanos(longest));
    }
    Ok(vec![
        ("per_second", median(&mut rates)),
        ("redraw_late_ns", median(&mut late)),
    ])
}

/// Says how long all took, and how late a redraw was.
fn once<C: Messages>(numbers: usize) -> (Duration, Duration) {
    app::run(move |finish| {
        let finish = leak(finish);
        let left = Countdown::from(numbers);
        let redraw = leak(Redraw::new());
        redraw.begin();
        let begun = Instant::now();
        let expected = Cell::new(0);
        let sender = C::open(BOUND, move |number| {
            assert_eq!(expected.replace(number + 1), number, "none is skipped");
            if left.is_over() {
                finish.with((begun.elapsed(), redraw.end()));
            }
        });
        thread::spawn(move || {
            for number in 0..numbers as u64 {
                C::send(&sender, number);
            }
        });
    })
}

/// How late it is, at most.
struct Redraw {
    due: Cell<Instant>,
    longest: Cell<Duration>,
    is_over: Cell<bool>,
}

impl Redraw {
    fn new() -> Self {
        Self {
            due: Cell::new(Instant::now() + PERIOD),
            longest: Cell::default(),
            is_over: Cell::default(),
        }
    }

    fn begin(&'static self) {
        glib::timeout_add_local_full(PERIOD, Priority::from(GDK_PRIORITY_REDRAW), move || {
            self.look();
            self.due.set(Instant::now() + PERIOD);
            if self.is_over.get() {
                ControlFlow::Break
            } else {
                ControlFlow::Continue
            }
        });
    }

    fn look(&self) {
        let late = Instant::now().saturating_duration_since(self.due.get());
        self.longest.set(self.longest.get().max(late));
    }

    fn end(&self) -> Duration {
        self.look();
        self.is_over.set(true);
        self.longest.get()
    }
}

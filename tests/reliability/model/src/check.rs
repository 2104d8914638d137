//! A program, run and compared with what the model says of it.

use std::fmt;

use crate::{
    event::{Event, Part, What, Who, canonical},
    model::{self, Prediction},
    program::Script,
    runner::Crew,
};

/// How often a program is run on a machine that is too slow for it.
const TRIES: usize = 50;

/// What came of a program.
pub enum Verdict {
    /// It did what the model says: this.
    Agrees(Vec<Event>),
    /// The machine was too slow each time to say.
    Slow,
    /// It did something else.
    Differs(Difference),
}

/// Where a program does not do what the model says.
pub struct Difference {
    expected: Vec<Event>,
    seen: Vec<Event>,
}

/// Runs `program` and compares.
pub fn check(crew: &Crew, program: &Script) -> Verdict {
    let Prediction {
        events: expected,
        settled,
    } = model::predict(program, qio_task::max_delay().is_zero());
    for _ in 0..TRIES {
        let seen = crew.run(program, settled.clone());
        if freed_last(&seen.events) == freed_last(&expected) {
            return Verdict::Agrees(expected);
        }
        if !seen.was_slow {
            let seen = seen.events;
            return Verdict::Differs(Difference { expected, seen });
        }
    }
    Verdict::Slow
}

/// With the values that workers have left, and that are freed on worker threads, at the end. The
/// thread that frees one may be its worker's own, which has taken another job by then, and is as
/// good as any.
fn freed_last(events: &[Event]) -> Vec<Event> {
    let is_freed = |event: &Event| match (event.who, &event.what) {
        (Who::Worker(worker), What::Dropped(Part::Value(value))) => worker == *value,
        (Who::Stranger, What::Dropped(Part::Value(_))) => true,
        _ => false,
    };
    let (mut freed, mut rest): (Vec<_>, Vec<_>) = events.iter().cloned().partition(is_freed);
    for event in &mut freed {
        event.who = Who::Stranger;
    }
    freed.sort();
    // What is between two drops no more, they are neighbours.
    rest = canonical(rest);
    rest.append(&mut freed);
    rest
}

impl Verdict {
    /// # Panics
    ///
    /// Panics when the library has not done what the model says.
    #[track_caller]
    pub fn unwrap(self) -> Vec<Event> {
        match self {
            Self::Agrees(events) => events,
            Self::Slow => panic!("the machine is too slow to say"),
            Self::Differs(difference) => panic!("{difference}"),
        }
    }
}

/// How many callbacks were called.
pub(crate) fn callbacks(events: &[Event]) -> usize {
    let is_call = |event: &&Event| {
        matches!(
            event.what,
            What::Called(..) | What::Progress(..) | What::Polled(_, Some(_))
        )
    };
    events.iter().filter(is_call).count()
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, seen } = self;
        let same = expected
            .iter()
            .zip(seen)
            .take_while(|(a, b)| a == b)
            .count();
        writeln!(f, "the library and the model agree on {same} events:")?;
        for event in &expected[..same] {
            writeln!(f, "      {event:?}")?;
        }
        writeln!(f, "then the model says")?;
        for event in &expected[same..] {
            writeln!(f, "    - {event:?}")?;
        }
        writeln!(f, "and the library does")?;
        for event in &seen[same..] {
            writeln!(f, "    + {event:?}")?;
        }
        Ok(())
    }
}

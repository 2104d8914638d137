//! *null*: one trivial task, for who measures the program that runs it.

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Spawn,
};

pub fn run<C: Spawn>(_size: &Size) -> anyhow::Result<Values> {
    one::<C>();
    Ok(Vec::new())
}

/// Runs one task.
pub fn one<C: Spawn>() {
    app::run(|finish| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(1)));
        let done = || {
            if countdown.is_over() {
                finish.with(());
            }
        };
        C::spawn(|| (), done);
    });
}

//! `gio::spawn_blocking`, whose threads are `GTask`'s.

use std::ops::ControlFlow;

use super::{
    Spawn,
    futures::{self, cancel_with_gio},
};

/// `gio::spawn_blocking`.
pub struct Gio;

impl Spawn for Gio {
    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
        futures::then(::gio::spawn_blocking(work), done);
    }

    fn in_turn(again: impl FnMut() -> ControlFlow<()> + 'static) {
        futures::in_turn(|| ::gio::spawn_blocking(|| ()), again);
    }
}

cancel_with_gio!(Gio, ::gio::spawn_blocking);

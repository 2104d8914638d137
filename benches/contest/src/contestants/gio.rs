//! `gio::spawn_blocking`, whose threads are `GTask`'s.

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
}

cancel_with_gio!(Gio, ::gio::spawn_blocking);

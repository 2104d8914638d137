#!/bin/sh
# glib 0.22.10 (Rust): `JoinHandle::abort` ends a spawned future, but does not drop it for as
# long as the handle is kept.
#
# `abort` destroys the source that polls the future. The future itself belongs to that source,
# and the handle keeps a reference on it, so what the future holds (guards, other futures that
# cancel as they are dropped, a file) stays until the handle goes. Kept in a widget, as one
# keeps what a cancel button is to abort, that is until the widget dies. With tokio's
# `JoinHandle::abort` the future is dropped as soon as the runtime comes to it. To take the
# handle out, and abort that, drops the future at once.
#
# Needs cargo and GLib's development files. Prints, and fails when that changes:
#   aborted, handle kept: dropped false
#   handle gone: dropped true
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "aborted"
version = "0.0.0"
edition = "2021"
[dependencies]
glib = "=0.22.10"
TOML
cat >src/main.rs <<'RUST'
use std::{cell::Cell, future, rc::Rc};

struct Guard(Rc<Cell<bool>>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

fn main() {
    let context = glib::MainContext::default();
    let _owner = context.acquire().unwrap();
    let dropped = Rc::new(Cell::new(false));
    let guard = Guard(dropped.clone());
    let handle = glib::spawn_future_local(async move {
        let _guard = guard;
        future::pending::<()>().await;
    });
    while context.iteration(false) {}
    handle.abort();
    while context.iteration(false) {}
    println!("aborted, handle kept: dropped {}", dropped.get());
    drop(handle);
    while context.iteration(false) {}
    println!("handle gone: dropped {}", dropped.get());
}
RUST
cargo run --quiet | tee seen
cat >expected <<'TEXT'
aborted, handle kept: dropped false
handle gone: dropped true
TEXT
cmp expected seen

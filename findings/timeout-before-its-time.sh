#!/bin/sh
# glib 0.22.10 (Rust): `timeout_source_new` and its kin fire before the `Duration` that they
# are given is over, if that has a part of a millisecond, or is longer than 49 days.
#
# GLib counts in milliseconds, as a 32-bit number. The `Duration` is cut off to whole ones, so
# one of 0.9 ms fires in the next iteration, and ten of 1.9 ms take 10 ms. What is left is cut
# off to 32 bits: 2^32 ms, 49 days and 17 hours, is nothing, and fires at once, too; a
# `Duration` of 50 days is one of 7 hours. Who means "never" by a long one is told soon.
#
# Needs cargo and GLib's development files. Prints, and fails when that changes:
#   0.9 ms: fires before that is over true
#   2^32 ms: fires in the first iteration true
#   2^32 - 1 ms: fires in the first iteration false
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "early"
version = "0.0.0"
edition = "2021"
[dependencies]
glib = "=0.22.10"
TOML
cat >src/main.rs <<'RUST'
use std::time::{Duration, Instant};

use glib::{ControlFlow, MainContext, Priority, Source};

fn timeout(context: &MainContext, interval: Duration) -> Source {
    let fire = || ControlFlow::Break;
    let source = glib::timeout_source_new(interval, None, Priority::DEFAULT, fire);
    source.attach(Some(context));
    source
}

fn main() {
    let context = MainContext::new();
    let short = Duration::from_micros(900);
    // Some of these run without a pause, however busy the machine is.
    let is_early = (0..1000).any(|_| {
        let start = Instant::now();
        let source = timeout(&context, short);
        context.iteration(false);
        let is_early = source.is_destroyed() && start.elapsed() < short;
        source.destroy();
        is_early
    });
    println!("0.9 ms: fires before that is over {is_early}");
    for (name, milliseconds) in [("2^32", 1 << 32), ("2^32 - 1", (1 << 32) - 1)] {
        let source = timeout(&context, Duration::from_millis(milliseconds));
        context.iteration(false);
        println!("{name} ms: fires in the first iteration {}", source.is_destroyed());
        source.destroy();
    }
}
RUST
cargo run --quiet | tee seen
cat >expected <<'TEXT'
0.9 ms: fires before that is over true
2^32 ms: fires in the first iteration true
2^32 - 1 ms: fires in the first iteration false
TEXT
cmp expected seen

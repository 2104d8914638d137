//! Breaks a promise, to show that the soak sees it: what the library would do
//! wrong is done here in its place.

use super::{EITHER, grouped};
use crate::{draft::Draft, here::Here, kind::Kind, token::Token};
use clap::ValueEnum;
use gio::prelude::CancellableExt;
use qio_task::QioTask;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Which promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sabotage {
    /// A task is lost
    Lose,
    /// A callback gets the result of another task
    Swap,
    /// A callback is dropped, not called
    Drop,
    /// A result is dropped on another thread
    Away,
    /// Two results come in the wrong order
    Reorder,
    /// A task that was told stays in its group
    Linger,
    /// A descriptor is leaked
    Descriptor,
    /// Memory is leaked
    Memory,
}

/// Does it.
pub fn step(here: &Here, how: Sabotage) {
    let draft = || Draft::of(here, Kind::Idle, EITHER, glib::Priority::DEFAULT);
    match how {
        Sabotage::Lose => std::mem::forget(draft().task()),
        Sabotage::Swap => {
            let (one, other) = (draft(), draft());
            let (mark, other_mark) = (one.mark(), other.mark());
            one.task().complete_in_idle(Ok(other_mark.value()));
            other.task().complete_in_idle(Ok(mark.value()));
        }
        Sabotage::Drop => {
            let at = here.whereabouts();
            drop(Token::new(Kind::Idle, EITHER, glib::Priority::DEFAULT, &at));
        }
        Sabotage::Away => {
            let draft = draft();
            let value = draft.mark().value();
            let dropping = crate::refusal::spared(|| std::thread::spawn(move || drop(value)));
            let _ = dropping.join();
        }
        Sabotage::Reorder => {
            let (one, other) = (draft(), draft());
            let (first, second) = (one.mark().value_in_turn(), other.mark().value_in_turn());
            other.task().complete_in_idle(Ok(second));
            one.task().complete_in_idle(Ok(first));
        }
        Sabotage::Linger => linger(),
        Sabotage::Descriptor => std::mem::forget(std::fs::File::open("/dev/null")),
        Sabotage::Memory => std::mem::forget(vec![0_u8; 4096]),
    }
}

/// The worker of one task never returns, whose callback is told of a cancellation.
fn linger() {
    static LINGERS: AtomicBool = AtomicBool::new(false);
    if LINGERS.load(SeqCst) {
        return;
    }
    let cancellable = gio::Cancellable::new();
    let builder = QioTask::builder().group(grouped::all());
    let builder = builder.cancellable(&cancellable);
    let task = builder.callback(|_: Result<(), qio_task::Error>| {});
    drop(task.run_in_thread(move |_| {
        if LINGERS.swap(true, SeqCst) {
            return Ok(());
        }
        cancellable.cancel();
        loop {
            std::thread::park();
        }
    }));
}

//! Tasks that the loop drives.

use std::{
    io::Read, ops::ControlFlow, os::unix::net::UnixStream, sync::atomic::Ordering::SeqCst,
    time::Duration,
};

use glib::IOCondition;

use super::{CANCELLED, EITHER};
use crate::{draft::Draft, errand::Errand, fail::broken, here::Here, kind::Kind, world::world};

/// With more under way than this, a thread starts none that has a descriptor.
const ENOUGH: i64 = 500;

/// (A descriptor that is ready keeps a loop busy for as long as another thread
/// than the task's iterates the context, and what is of less priority waits.)
pub fn any(here: &Here) {
    if here.place.is_shared || fastrand::bool() {
        polled(here);
    } else if here.host.tally.tasks.load(SeqCst) < ENOUGH {
        watched(here);
    }
}

fn polled(here: &Here) {
    let is_cancelled = fastrand::u8(..) < 32;
    let allowed = if is_cancelled { CANCELLED } else { EITHER };
    let draft = Draft::new(here, Kind::Polled, allowed);
    let mark = draft.mark();
    let mut left = fastrand::u8(..3);
    let interval = Duration::from_millis(fastrand::u64(1..3));
    let watch = draft.task().poll_every(interval, move || {
        if is_cancelled || left > 0 {
            left = left.saturating_sub(1);
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(mark.either())
    });
    if is_cancelled {
        watch.cancel();
    }
}

fn watched(here: &Here) {
    let is_cancelled = fastrand::u8(..) < 32;
    let allowed = if is_cancelled { CANCELLED } else { EITHER };
    let draft = Draft::new(here, Kind::Watched, allowed);
    let mark = draft.mark();
    let (mut reader, writer) = match UnixStream::pair() {
        Ok(pair) => pair,
        Err(error) => broken!("no descriptors are left: {error}"),
    };
    let kept = match reader.try_clone() {
        Ok(kept) => kept,
        Err(error) => broken!("no descriptors are left: {error}"),
    };
    let watch = draft.task().watch_fd(kept, IOCondition::IN, move |_| {
        if let Err(error) = reader.read_exact(&mut [0]) {
            broken!("a descriptor that is readable is not: {error}");
        }
        ControlFlow::Break(mark.either())
    });
    if is_cancelled {
        watch.cancel();
    }
    world().send(Errand::Write(writer));
}

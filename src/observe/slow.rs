//! Callbacks that hold the main loop for longer than a frame.

use std::{cell::Cell, fmt, panic::Location, sync::Mutex, time::Duration};

use super::{facts::Place, record, trace, wanted, watched::Watched};
use crate::base::{G_LOG_DOMAIN, fork, sync::lock};

/// What has held the loop for too long, each place once. They are few.
static PLACES: Mutex<Vec<SlowCallback>> = Mutex::new(Vec::new());

/// Where it was made; of what is made in C the name is all that is known.
fn key(watched: &Watched) -> (Place, Option<&str>) {
    let place = watched.place();
    (place, watched.name().filter(|_| place.is_in_c))
}

thread_local! {
    /// Whether this thread writes a warning.
    static IS_WARNING: Cell<bool> = const { Cell::new(false) };
}

/// Watches over callbacks: one that holds the main loop for longer than
/// `limit` is warned of in GLib's log, once for each place where the task was
/// made, and is counted in [`slow_callbacks`]. With `None`, as it is unless
/// `QIO_TASK_DEBUG` has `slow`, nothing is watched.
///
/// Watched are the callbacks of tasks that are made from now on, the functions
/// of [`watch_socket`](crate::QioTask::watch_socket),
/// [`poll_every`](crate::QioTask::poll_every) and `watch_fd`, and those of
/// [`Progress`](crate::Progress). While a loop nested in a callback goes on,
/// the callback does not hold it. Watching costs some microseconds a callback.
///
/// A frame at 60 Hz takes 16 ms, which is what `slow` alone stands for.
#[track_caller]
pub fn set_slow_callback_limit(limit: Option<Duration>) {
    fork::refuse_child();
    // Read after this, the variable would replace it.
    wanted::read_environment();
    if let Some(limit) = limit {
        wanted::set_limit(limit);
    }
    wanted::want(wanted::SLOW, limit.is_some());
    if limit.is_none() {
        record::forget();
    }
}

/// For how long a callback may hold the main loop before it is warned of, if
/// it is watched at all.
pub fn slow_callback_limit() -> Option<Duration> {
    wanted::wants(wanted::SLOW).then(wanted::limit)
}

/// The places whose callbacks have held the main loop for longer than
/// [`slow_callback_limit`] in this process, the slowest first. On any thread.
#[track_caller]
pub fn slow_callbacks() -> Vec<SlowCallback> {
    fork::refuse_child();
    let mut places = lock(&PLACES).clone();
    places.sort_by_key(|place| std::cmp::Reverse(place.longest));
    places
}

/// A place whose callbacks have held the main loop for too long.
#[derive(Debug, Clone)]
pub struct SlowCallback {
    watched: Watched,
    longest: Duration,
    count: u64,
}

impl SlowCallback {
    /// The name of the task that has held it for the longest.
    pub fn name(&self) -> Option<&str> {
        self.watched.name()
    }

    /// Where the task, or the [`Progress`](crate::Progress), was made.
    pub fn location(&self) -> &'static Location<'static> {
        self.watched.place().location
    }

    /// For how long the loop was held at most.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// How often it was held for too long.
    pub fn count(&self) -> u64 {
        self.count
    }
}

/// In the words of the warning.
impl fmt::Display for SlowCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, place) = (self.watched.what(), self.watched.place());
        match self.name() {
            Some(name) => write!(f, "the callback of the {what} {name:?},")?,
            None => write!(f, "the callback of a {what}")?,
        }
        let longest = self.longest.as_millis();
        write!(f, " made {place} has held the main loop for {longest} ms")
    }
}

/// Counts a slow callback, and warns of the first one of its place.
pub(super) fn tell(watched: &Watched, held: Duration) {
    let this = SlowCallback {
        watched: watched.clone(),
        longest: held,
        count: 1,
    };
    let is_new = {
        let mut places = lock(&PLACES);
        let known = places
            .iter_mut()
            .find(|known| key(&known.watched) == key(watched))
            .map(|known| known.add(&this));
        if known.is_none() {
            places.push(this.clone());
        }
        known.is_none()
    };
    // Unlocked: what the log is written with is foreign code. It may have slow
    // callbacks itself, and GLib ends a process that warns as it warns.
    if is_new && !IS_WARNING.replace(true) {
        glib::g_warning!(G_LOG_DOMAIN, "{this}");
        IS_WARNING.set(false);
    }
    trace::slow_callback(watched, held);
}

impl SlowCallback {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        if other.longest > self.longest {
            self.longest = other.longest;
            self.watched = other.watched.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_c_are_known_by_their_names() {
        let location = Location::caller();
        let tell = |name: &str, is_in_c| {
            let watched = Watched::Progress {
                name: Some(name.into()),
                place: Place { location, is_in_c },
            };
            super::tell(&watched, Duration::from_millis(1));
        };
        for name in ["a", "a", "b"] {
            tell(name, true);
            tell(name, false);
        }
        let mut counts: Vec<_> = slow_callbacks().iter().map(SlowCallback::count).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2, 3]);
    }
}

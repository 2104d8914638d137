//! Callbacks that hold the main loop for longer than a frame.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fmt,
    panic::Location,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    debug,
    facts::{Facts, Place},
    record, trace,
};
use crate::{G_LOG_DOMAIN, lock};

/// For how long a callback may hold the loop, in microseconds.
static LIMIT: AtomicU64 = AtomicU64::new(0);

/// What has held the loop for too long.
static PLACES: Mutex<BTreeMap<Key, SlowCallback>> = Mutex::new(BTreeMap::new());

/// Where it was made; of what is made in C the name is all that is known.
type Key = (Place, Option<Box<str>>);

thread_local! {
    /// Whether this thread writes a warning.
    static IS_WARNING: Cell<bool> = const { Cell::new(false) };
}

/// 60 in a second.
pub(super) const FRAME: Duration = Duration::from_millis(16);

/// Watches over callbacks: one that holds the main loop for longer than
/// `limit` is warned of in GLib's log, once for each place where the task was
/// made, and is counted in [`slow_callbacks`]. With `None`, as it is unless
/// `QIO_TASK_DEBUG` has `slow`, nothing is watched.
///
/// Watched are the callbacks of tasks that are made from now on, the functions
/// of [`watch_fd`](crate::QioTask::watch_fd) and
/// [`poll_every`](crate::QioTask::poll_every), and those of
/// [`Progress`](crate::Progress). While a loop nested in a callback goes on,
/// the callback does not hold it. Watching costs some microseconds a callback.
///
/// A frame at 60 Hz takes 16 ms, which is what `slow` alone stands for.
pub fn set_slow_callback_limit(limit: Option<Duration>) {
    // Read after this, the variable would replace it.
    debug::read_environment();
    if let Some(limit) = limit {
        set_limit(limit);
    }
    debug::want(debug::SLOW, limit.is_some());
    if limit.is_none() {
        record::forget();
    }
}

/// For how long a callback may hold the loop.
pub(super) fn limit() -> Duration {
    Duration::from_micros(LIMIT.load(Ordering::Relaxed))
}

pub(super) fn set_limit(limit: Duration) {
    let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
    // ORDERING: who looks at it has seen first that it is wanted.
    LIMIT.store(micros, Ordering::Relaxed);
}

/// For how long a callback may hold the main loop before it is warned of, if
/// it is watched at all.
pub fn slow_callback_limit() -> Option<Duration> {
    debug::wants(debug::SLOW).then(limit)
}

/// The places whose callbacks have held the main loop for longer than
/// [`slow_callback_limit`] in this process, the slowest first. On any thread.
pub fn slow_callbacks() -> Vec<SlowCallback> {
    let mut places: Vec<_> = lock(&PLACES).values().cloned().collect();
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

/// What a callback belongs to.
#[derive(Debug, Clone)]
pub(crate) enum Watched {
    Task(Arc<Facts>),
    Progress {
        name: Option<Box<str>>,
        place: Place,
    },
}

impl Watched {
    fn what(&self) -> &'static str {
        match self {
            Self::Task(_) => "task",
            Self::Progress { .. } => "progress",
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Task(facts) => facts.name.as_deref(),
            Self::Progress { name, .. } => name.as_deref(),
        }
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Task(facts) => facts.place,
            Self::Progress { place, .. } => *place,
        }
    }
}

/// Counts a slow callback, and warns of the first one of its place.
pub(super) fn tell(watched: &Watched, held: Duration) {
    let this = SlowCallback {
        watched: watched.clone(),
        longest: held,
        count: 1,
    };
    let place = watched.place();
    let name = watched.name().filter(|_| place.is_in_c);
    let key = (place, name.map(Box::from));
    let is_new = {
        let mut places = lock(&PLACES);
        let known = places.get_mut(&key).map(|known| known.add(&this));
        if known.is_none() {
            places.insert(key, this.clone());
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

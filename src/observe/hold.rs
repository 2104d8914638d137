//! [`Hold`]: for how long a callback holds its loop.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Source};

use super::{
    debug,
    slow::{self, Made},
};
use crate::{held, lock};

/// A callback holds the loop of this thread.
pub(crate) struct Hold {
    made: Made,
    limit: Duration,
    begun: Instant,
    nested: Arc<Mutex<Option<Nested>>>,
    /// Is dispatched when a loop goes on that is nested in the callback.
    probe: Source,
}

/// A loop that goes on inside of a callback. What that one does from then on
/// is not its own, until it goes on itself.
#[derive(Clone, Copy)]
struct Nested {
    since: Instant,
    last: Instant,
}

impl Hold {
    /// Begins to watch a callback, if somebody wants that.
    #[inline]
    pub(crate) fn begin(made: impl FnOnce() -> Made) -> Option<Self> {
        debug::wants(debug::SLOW).then(|| Self::new(made()))
    }

    #[cold]
    fn new(made: Made) -> Self {
        let nested = Arc::new(Mutex::new(None::<Nested>));
        let probe = glib::timeout_source_new(
            PROBE,
            Some("qio-task slow callbacks"),
            glib::Priority::HIGH,
            {
                let nested = nested.clone();
                move || {
                    let last = Instant::now();
                    let mut nested = lock(&nested);
                    let since = nested.map_or(last, |nested| nested.since);
                    *nested = Some(Nested { since, last });
                    ControlFlow::Continue
                }
            },
        );
        let context = MainContext::thread_default();
        probe.attach(Some(context.as_ref().unwrap_or_else(|| held::global())));
        Self {
            made,
            limit: slow::limit(),
            begun: Instant::now(),
            nested,
            probe,
        }
    }

    /// For how long the callback has held the loop without a break.
    fn held(&self) -> Duration {
        let now = Instant::now();
        match *lock(&self.nested) {
            None => now - self.begun,
            Some(Nested { since, last }) => {
                let longest = (since - self.begun).max(now - last);
                longest.saturating_sub(PROBE)
            }
        }
    }
}

/// How often a nested loop is looked for.
const PROBE: Duration = Duration::from_millis(1);

impl Drop for Hold {
    fn drop(&mut self) {
        self.probe.destroy();
        let held = self.held();
        if held > self.limit {
            slow::tell(&self.made, held);
        }
    }
}

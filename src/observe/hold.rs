//! [`Hold`]: for how long a callback holds its loop.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Source};

use super::{slow, wanted, watched::Watched};
use crate::{base::sync::lock, context::current::global};

/// A callback holds the loop of this thread, for as long as this is kept.
pub(crate) struct Hold {
    watched: Watched,
    limit: Duration,
    this: Arc<Loop>,
    /// Is dispatched when a loop goes on that is nested in the callback.
    probe: Source,
}

/// How often a nested loop is looked for.
const PROBE: Duration = Duration::from_millis(1);

thread_local! {
    static INNERMOST: RefCell<Option<Arc<Loop>>> = const { RefCell::new(None) };
}

/// How a loop is held, and for how long.
struct Loop {
    /// How many dispatches the callback is in.
    depth: i32,
    begun: Instant,
    /// When a loop that is nested in the callback went on for the first time
    /// and for the last. What that one does in between is not the callback's.
    nested: Mutex<Option<(Instant, Instant)>>,
    /// What this is nested in.
    outer: Option<Arc<Self>>,
}

impl Loop {
    /// A nested loop goes on.
    fn pass(&self) {
        let now = Instant::now();
        let mut nested = lock(&self.nested);
        let (first, _) = nested.unwrap_or((now, now));
        *nested = Some((first, now));
    }

    /// Tells the one that this is nested in that its loop goes on, if that is
    /// so: a callback may be called by another one, too.
    fn pass_outer(&self) {
        if let Some(outer) = &self.outer
            && outer.depth < self.depth
        {
            outer.pass();
        }
    }

    /// For how long the loop was held without a break.
    fn longest(&self) -> Duration {
        let now = Instant::now();
        match *lock(&self.nested) {
            None => now - self.begun,
            Some((first, last)) => (first - self.begun).max(now - last).saturating_sub(PROBE),
        }
    }
}

impl Hold {
    /// Whether somebody wants callbacks to be watched.
    #[inline]
    pub(crate) fn is_wanted() -> bool {
        wanted::wants(wanted::SLOW)
    }

    /// Begins to watch a callback, if somebody wants that.
    #[inline]
    pub(crate) fn begin(watched: impl FnOnce() -> Watched) -> Option<Self> {
        Self::is_wanted().then(|| Self::new(watched()))
    }

    #[cold]
    fn new(watched: Watched) -> Self {
        let outer = INNERMOST.try_with(RefCell::take).ok().flatten();
        let this = Arc::new(Loop {
            depth: glib::main_depth(),
            begun: Instant::now(),
            nested: Mutex::new(None),
            outer,
        });
        this.pass_outer();
        set_innermost(Some(this.clone()));
        let probe = glib::timeout_source_new(
            PROBE,
            Some("qio-task slow callbacks"),
            glib::Priority::HIGH,
            {
                let this = this.clone();
                move || {
                    this.pass();
                    ControlFlow::Continue
                }
            },
        );
        let default = MainContext::thread_default();
        probe.attach(Some(default.as_ref().unwrap_or_else(|| global())));
        Self {
            watched,
            limit: wanted::limit(),
            this,
            probe,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.probe.destroy();
        set_innermost(self.this.outer.clone());
        self.this.pass_outer();
        let longest = self.this.longest();
        if longest > self.limit {
            slow::tell(&self.watched, longest);
        }
    }
}

fn set_innermost(held: Option<Arc<Loop>>) {
    // As its thread ends nothing is nested any more.
    let _ = INNERMOST.try_with(|innermost| innermost.replace(held));
}

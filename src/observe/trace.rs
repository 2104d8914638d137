//! Events: under the names that they have in QEMU, and of slow callbacks.
//! Without the feature `tracing`, nothing.

pub(crate) use chosen::*;

#[cfg(feature = "tracing")]
mod chosen {
    use std::time::Duration;

    use tracing::{Level, level_enabled};

    use crate::{observe::Watched, runner::quietly};

    /// Emits an event about a task, inside of its span, by its number and its
    /// name: `trace!("qio_task_complete", id, name, …)`.
    macro_rules! trace {
        ($event:literal, $id:expr, $name:expr $(, $($field:tt)+)?) => {{
            use $crate::observe::{is_enabled, within};
            if is_enabled(tracing::Level::TRACE, || {
                tracing::enabled!(target: "qio_task", tracing::Level::TRACE)
            }) {
                let name: Option<&str> = $name;
                within($id, |span| {
                    tracing::trace!(
                        target: "qio_task",
                        parent: span,
                        // The same for all events of a task, and for no other one.
                        task = $id,
                        name,
                        $($($field)+,)?
                        $event
                    );
                });
            }
        }};
    }

    pub(crate) use trace;

    /// Whether anybody wants what is of `level`, as `ask` asks the subscriber:
    /// foreign code, which may panic.
    #[inline]
    pub(crate) fn is_enabled(level: Level, ask: impl FnOnce() -> bool) -> bool {
        let mut is_enabled = false;
        if level_enabled!(level) {
            quietly(|| is_enabled = ask());
        }
        is_enabled
    }

    /// Emits the event of a callback that has held its loop for too long.
    pub(crate) fn slow_callback(watched: &Watched, held: Duration) {
        quietly(|| {
            tracing::warn!(
                target: "qio_task",
                name = watched.name(),
                location = %watched.place().location,
                held_ms = u64::try_from(held.as_millis()).unwrap_or(u64::MAX),
                "slow callback"
            );
        });
    }
}

#[cfg(not(feature = "tracing"))]
mod chosen {
    use std::time::Duration;

    use crate::observe::Watched;

    /// Costs nothing.
    macro_rules! trace {
        ($event:literal, $id:expr, $name:expr $(, $($field:tt)+)?) => {
            let _ = || {
                let _ = (&$id, &$name);
            };
        };
    }

    pub(crate) use trace;

    #[inline]
    pub(crate) fn slow_callback(_: &Watched, _: Duration) {}
}

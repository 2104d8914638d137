//! Events of `tracing`: under the names that they have in QEMU, and of slow callbacks.
//! Without the feature, nothing.

pub(super) use chosen::{event, slow_callback};

#[cfg(feature = "tracing")]
mod chosen {
    use std::time::Duration;

    use tracing::Level;

    use crate::{
        base::quietly::quietly,
        node::events::Event,
        observe::{level::is_enabled, record, watched::Watched},
    };

    /// Emits the event of what happens to a task, inside of its span; of one that is not
    /// known, inside of the span that this thread is in.
    pub(in super::super) fn event(id: u64, name: Option<&str>, event: Event) {
        let is_wanted = is_enabled(
            Level::TRACE,
            || tracing::enabled!(target: "qio_task", Level::TRACE),
        );
        if !is_wanted {
            return;
        }
        let known = record::change(id, |record| record.span.clone());
        let known = known.as_ref().and_then(|span| span.get());
        quietly(|| match known {
            Some(span) => emit(span, id, name, event),
            None => emit(&tracing::Span::current(), id, name, event),
        });
    }

    fn emit(span: &tracing::Span, id: u64, name: Option<&str>, event: Event) {
        macro_rules! emit {
            ($event:literal $(, $($field:tt)+)?) => {
                tracing::trace!(
                    target: "qio_task",
                    parent: span,
                    // The same for all events of a task, and for no other one.
                    task = id,
                    name,
                    $($($field)+,)?
                    $event
                )
            };
        }
        match event {
            Event::Made => emit!("qio_task_new"),
            Event::Waiting => emit!("qio_task_thread_start"),
            Event::Called => emit!("qio_task_thread_run"),
            Event::Returned => emit!("qio_task_thread_exit"),
            Event::Completed { failed } => emit!("qio_task_complete", failed),
            Event::Interrupted(why) => emit!("qio_task_cancel", ?why),
            Event::Queued => emit!("qio_task_thread_source_attach"),
            Event::WaitedFor => emit!("qio_task_thread_source_cancel"),
            Event::Delivered(verdict) => emit!("qio_task_thread_result", ?verdict),
            Event::Driven | Event::Limited | Event::PassedOver | Event::Dropped => {}
        }
    }

    /// Emits the event of a callback that has held its loop for too long.
    pub(in super::super) fn slow_callback(watched: &Watched, held: Duration) {
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

    use crate::{node::events::Event, observe::watched::Watched};

    #[inline]
    pub(in super::super) fn event(_: u64, _: Option<&str>, _: Event) {}

    #[inline]
    pub(in super::super) fn slow_callback(_: &Watched, _: Duration) {}
}

//! Trace events under the names that they have in QEMU.

/// Emits a `tracing` event about a task, inside of its span, by its ticket and
/// its name: `trace!("qio_task_complete", ticket, name, …)`.
#[cfg(feature = "tracing")]
macro_rules! trace {
    ($event:literal, $ticket:expr, $name:expr $(, $($field:tt)+)?) => {{
        if tracing::enabled!(target: "qio_task", tracing::Level::TRACE) {
            let name: Option<&str> = $name;
            $crate::observe::within($ticket, |span| {
                tracing::trace!(
                    target: "qio_task",
                    parent: span,
                    // The same for all events of a task, and for no other one.
                    task = $ticket.id(),
                    name,
                    $($($field)+,)?
                    $event
                );
            });
        }
    }};
}

/// Without the feature an event costs nothing.
#[cfg(not(feature = "tracing"))]
macro_rules! trace {
    ($event:literal, $ticket:expr, $name:expr $(, $($field:tt)+)?) => {
        let _ = || {
            let _ = (&$ticket, &$name);
        };
    };
}

pub(crate) use trace;

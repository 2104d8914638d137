//! Trace events under the names that they have in QEMU.

/// Emits a `tracing` event about a task, by its ticket and its name:
/// `trace!("qio_task_complete", ticket, name, …)`.
#[cfg(feature = "tracing")]
macro_rules! trace {
    ($event:literal, $ticket:expr, $name:expr $(, $($field:tt)+)?) => {{
        let name: Option<&str> = $name;
        tracing::trace!(
            target: "qio_task",
            // The same for all events of a task, and for no other one.
            task = $ticket.id(),
            name,
            $($($field)+,)?
            $event
        );
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

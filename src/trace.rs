//! Trace events under the names that they have in QEMU.

/// Emits a `tracing` event about a task: `trace!("qio_task_complete", control, …)`.
#[cfg(feature = "tracing")]
macro_rules! trace {
    ($event:literal, $control:expr $(, $($field:tt)+)?) => {
        tracing::trace!(
            target: "qio_task",
            event = $event,
            task = $control.name(),
            $($($field)+)?
        )
    };
}

/// Without the feature an event costs nothing.
#[cfg(not(feature = "tracing"))]
macro_rules! trace {
    ($event:literal, $control:expr $(, $($field:tt)+)?) => {
        let _ = &$control;
    };
}

pub(crate) use trace;

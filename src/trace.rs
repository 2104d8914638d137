//! Trace events under the names that they have in QEMU.

/// Emits a `tracing` event about a task: `trace!("qio_task_complete", control, …)`.
#[cfg(feature = "tracing")]
macro_rules! trace {
    ($event:literal, $control:expr $(, $($field:tt)+)?) => {{
        let control: &$crate::control::Control = &$control;
        tracing::trace!(
            target: "qio_task",
            // The same for all events of a task, and for no other while it lives.
            task = std::ptr::from_ref(control).addr(),
            name = control.name(),
            $($($field)+,)?
            $event
        );
    }};
}

/// Without the feature an event costs nothing.
#[cfg(not(feature = "tracing"))]
macro_rules! trace {
    ($event:literal, $control:expr $(, $($field:tt)+)?) => {
        let _ = &$control;
    };
}

pub(crate) use trace;

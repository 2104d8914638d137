//! The `tracing` span of a task; without the feature, nothing.

pub(crate) use chosen::*;

#[cfg(feature = "tracing")]
mod chosen {
    use std::sync::Arc;

    use tracing::{Level, field, span::EnteredSpan};

    use crate::{
        observe::{New, inspect::Address, record, trace::is_enabled},
        runner::quietly,
        table::Ticket,
    };

    /// The span of a task, if somebody wants to know of it. Shared: to clone a
    /// span runs foreign code. That may panic, which is not to be the task's end.
    #[derive(Clone)]
    pub(crate) struct Span(Option<Arc<Inner>>);

    struct Inner(tracing::Span);

    /// A span that this thread is in.
    pub(crate) struct Entered(Option<EnteredSpan>);

    /// Whether anybody subscribes to the spans of tasks.
    #[inline]
    pub(crate) fn is_wanted() -> bool {
        is_enabled(
            Level::DEBUG,
            || tracing::span_enabled!(target: "qio_task", Level::DEBUG),
        )
    }

    /// Calls `tell` with the span of a task that is known; for others, with the
    /// one that this thread is in.
    #[cold]
    pub(crate) fn within(ticket: Ticket, tell: impl FnOnce(&tracing::Span)) {
        let known = record::change(ticket.id(), |record| record.span.0.clone()).flatten();
        quietly(|| match &known {
            Some(inner) => tell(&inner.0),
            None => tell(&tracing::Span::current()),
        });
    }

    impl Span {
        pub(crate) fn new(new: &New<'_>) -> Self {
            let mut made = None;
            quietly(|| {
                let span = tracing::debug_span!(
                    target: "qio_task",
                    "task",
                    task = new.ticket.id(),
                    name = new.name,
                    source = new.source_type.map(glib::Type::name),
                    context = %Address::of(new.context),
                    outcome = field::Empty,
                );
                made = (!span.is_disabled()).then(|| Arc::new(Inner(span)));
            });
            Self(made)
        }

        pub(crate) fn is_enabled(&self) -> bool {
            self.0.is_some()
        }

        pub(crate) fn enter(&self) -> Entered {
            let mut entered = None;
            quietly(|| entered = self.0.as_ref().map(|inner| inner.0.clone().entered()));
            Entered(entered)
        }

        pub(crate) fn record_outcome(&self, outcome: &str) {
            if let Some(inner) = &self.0 {
                quietly(|| {
                    inner.0.record("outcome", outcome);
                });
            }
        }
    }

    impl Drop for Inner {
        fn drop(&mut self) {
            let span = std::mem::replace(&mut self.0, tracing::Span::none());
            quietly(|| drop(span));
        }
    }

    impl Drop for Entered {
        fn drop(&mut self) {
            quietly(|| drop(self.0.take()));
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod chosen {
    use crate::observe::New;

    #[derive(Clone)]
    pub(crate) struct Span;

    pub(crate) struct Entered;

    #[inline]
    pub(crate) fn is_wanted() -> bool {
        false
    }

    #[expect(clippy::unused_self, reason = "the other one looks at itself")]
    impl Span {
        pub(crate) fn new(_: &New<'_>) -> Self {
            Self
        }

        pub(crate) fn is_enabled(&self) -> bool {
            false
        }

        pub(crate) fn enter(&self) -> Entered {
            Entered
        }

        pub(crate) fn record_outcome(&self, _: &str) {}
    }
}

//! The `tracing` span of a task; without the feature, nothing.

pub(crate) use chosen::*;

#[cfg(feature = "tracing")]
mod chosen {
    use std::sync::Arc;

    use tracing::{field, span::EnteredSpan};

    use crate::{
        observe::{New, inspect::Address, record},
        table::Ticket,
    };

    /// The span of a task, if somebody wants to know of it. Shared: to clone a
    /// span runs foreign code.
    #[derive(Clone)]
    pub(crate) struct Span(Option<Arc<tracing::Span>>);

    /// A span that this thread is in.
    pub(crate) struct Entered(#[expect(dead_code, reason = "dropped")] Option<EnteredSpan>);

    /// Whether anybody subscribes to the spans of tasks.
    #[inline]
    pub(crate) fn is_wanted() -> bool {
        tracing::span_enabled!(target: "qio_task", tracing::Level::DEBUG)
    }

    /// The span of a task that is known; for others, the one that this thread is in.
    pub(crate) fn of(ticket: Ticket) -> tracing::Span {
        let known = || record::change(ticket.id(), |record| record.span.0.clone());
        match record::any().then(known).flatten().flatten() {
            Some(span) => (*span).clone(),
            None => tracing::Span::current(),
        }
    }

    impl Span {
        pub(crate) fn new(new: &New<'_>) -> Self {
            let span = tracing::debug_span!(
                target: "qio_task",
                "task",
                task = new.ticket.id(),
                name = new.name,
                source = new.source_type.map(glib::Type::name),
                context = %Address::of(new.context),
                outcome = field::Empty,
            );
            Self((!span.is_disabled()).then(|| Arc::new(span)))
        }

        pub(crate) fn is_enabled(&self) -> bool {
            self.0.is_some()
        }

        pub(crate) fn enter(self) -> Entered {
            Entered(self.0.map(|span| (*span).clone().entered()))
        }

        pub(crate) fn record_outcome(&self, outcome: &str) {
            if let Some(span) = &self.0 {
                span.record("outcome", outcome);
            }
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

        pub(crate) fn enter(self) -> Entered {
            Entered
        }

        pub(crate) fn record_outcome(&self, _: &str) {}
    }
}

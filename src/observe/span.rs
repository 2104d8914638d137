//! The `tracing` span of a task; without the feature, nothing.

pub(crate) use chosen::*;

#[cfg(feature = "tracing")]
mod chosen {
    use std::{cell::RefCell, sync::Arc};

    use tracing::{Level, field, span::EnteredSpan};

    use crate::{
        base::quietly::quietly,
        observe::{
            facts::{Address, New},
            level::is_enabled,
        },
    };

    /// The span of a task, if somebody wants to know of it. Shared: to clone a
    /// span runs foreign code. That may panic, which is not to be the task's end.
    #[derive(Clone)]
    pub(crate) struct Span(Option<Arc<Inner>>);

    struct Inner {
        span: tracing::Span,
        /// The one that it is made in.
        parent: tracing::Span,
    }

    /// A span that this thread is in.
    pub(crate) struct Entered {
        entered: Option<EnteredSpan>,
        /// The task's that this thread was in before.
        outer: Option<Arc<Inner>>,
    }

    thread_local! {
        /// The task's that this thread is in.
        static CURRENT: RefCell<Option<Arc<Inner>>> = const { RefCell::new(None) };
    }

    /// Whether anybody subscribes to the spans of tasks.
    #[inline]
    pub(crate) fn is_wanted() -> bool {
        is_enabled(
            Level::DEBUG,
            || tracing::span_enabled!(target: "qio_task", Level::DEBUG),
        )
    }

    impl Span {
        /// A task that is made inside of another is its sibling, and follows
        /// from it: a child would keep it open, and what begins itself anew for
        /// ever would keep them all.
        pub(crate) fn new(new: &New<'_>) -> Self {
            let maker = CURRENT.try_with(|current| current.borrow().clone());
            let maker = maker.ok().flatten();
            let mut made = None;
            quietly(|| {
                let parent = match &maker {
                    Some(maker) => maker.parent.clone(),
                    None => tracing::Span::current(),
                };
                let span = tracing::debug_span!(
                    target: "qio_task",
                    parent: &parent,
                    "task",
                    task = new.id,
                    name = new.name,
                    source = new.source_type.map(glib::Type::name),
                    context = %Address::of(new.context),
                    group = new.group.as_ref().map(field::display),
                    outcome = field::Empty,
                );
                if let Some(maker) = &maker {
                    span.follows_from(&maker.span);
                }
                made = (!span.is_disabled()).then(|| Arc::new(Inner { span, parent }));
            });
            Self(made)
        }

        pub(crate) fn is_enabled(&self) -> bool {
            self.0.is_some()
        }

        /// The span of `tracing`, if somebody wants to know of it.
        pub(crate) fn get(&self) -> Option<&tracing::Span> {
            self.0.as_ref().map(|inner| &inner.span)
        }

        pub(crate) fn enter(&self) -> Entered {
            let outer = exchange_current(self.0.clone());
            let mut entered = None;
            quietly(|| entered = self.0.as_ref().map(|inner| inner.span.clone().entered()));
            Entered { entered, outer }
        }

        pub(crate) fn record_outcome(&self, outcome: &str) {
            if let Some(inner) = &self.0 {
                quietly(|| {
                    inner.span.record("outcome", outcome);
                });
            }
        }
    }

    impl Drop for Inner {
        fn drop(&mut self) {
            for span in [&mut self.span, &mut self.parent] {
                let span = std::mem::replace(span, tracing::Span::none());
                quietly(|| drop(span));
            }
        }
    }

    impl Drop for Entered {
        fn drop(&mut self) {
            quietly(|| drop(self.entered.take()));
            let this = exchange_current(self.outer.take());
            drop(this);
        }
    }

    fn exchange_current(next: Option<Arc<Inner>>) -> Option<Arc<Inner>> {
        // As its thread ends nothing is made inside of anything any more.
        let last = CURRENT.try_with(|current| current.replace(next));
        last.ok().flatten()
    }
}

#[cfg(not(feature = "tracing"))]
mod chosen {
    use crate::observe::facts::New;

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

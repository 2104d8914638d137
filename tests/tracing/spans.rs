//! A layer that keeps what it is told of spans.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use glib::MainContext;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Registry},
};

use crate::common::on_context;

pub type Fields = BTreeMap<&'static str, String>;

/// What is known of a span.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub fields: Fields,
    pub parent: Option<u64>,
    /// The threads that have entered it, in order.
    pub entered: Vec<ThreadId>,
    pub exits: usize,
    pub closes: usize,
    /// What was told inside of it, in order.
    pub events: Vec<String>,
}

impl Seen {
    #[track_caller]
    pub fn outcome(&self) -> &str {
        &self.fields["outcome"]
    }

    /// It is over, and nothing of it is kept.
    #[track_caller]
    pub fn assert_closed(&self) {
        assert_eq!(self.entered.len(), self.exits, "{self:?}");
        assert_eq!(self.closes, 1, "{self:?}");
    }
}

/// The layer: all that is of the library, by the number that a span has in it,
/// and the events outside of any span.
#[derive(Clone, Default)]
pub struct Spans(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    all: Vec<Seen>,
    /// Where each is in `all`; the subscriber gives their numbers away again.
    open: BTreeMap<u64, usize>,
    outside: Vec<String>,
}

impl Spans {
    /// Everything to this layer.
    pub fn subscriber(&self) -> impl Subscriber + Send + Sync + for<'a> LookupSpan<'a> {
        Registry::default().with(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, id: &span::Id, change: impl FnOnce(&mut Seen)) {
        let state = &mut *self.state();
        if let Some(&index) = state.open.get(&id.into_u64()) {
            change(&mut state.all[index]);
        }
    }

    pub fn all(&self) -> Vec<Seen> {
        self.state().all.clone()
    }

    /// What was told outside of any span of a task.
    pub fn outside(&self) -> Vec<String> {
        self.state().outside.clone()
    }

    /// The only span with this `name`.
    #[track_caller]
    pub fn named(&self, name: &str) -> Seen {
        let mut all = self.all();
        all.retain(|seen| seen.fields.get("name").is_some_and(|it| it == name));
        assert_eq!(all.len(), 1, "{name}: {all:?}");
        all.remove(0)
    }
}

/// Runs `test` with a context of its own, and everything that this thread tells
/// to this layer.
pub fn traced<R>(test: impl FnOnce(&MainContext, &Spans) -> R) -> R {
    let spans = Spans::default();
    let _subscribed = tracing::subscriber::set_default(spans.subscriber());
    on_context(|context| test(context, &spans))
}

/// Runs `test` with a context of its own, and everything that this process tells
/// to this layer.
pub fn traced_everywhere(test: impl FnOnce(&MainContext, &Spans)) {
    let spans = Spans::default();
    tracing::subscriber::set_global_default(spans.subscriber()).unwrap();
    on_context(|context| test(context, &spans));
}

/// Writes fields down.
struct Writer<'a>(&'a mut Fields);

impl Visit for Writer<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

fn is_span_of_a_task(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "qio_task" && metadata.name() == "task"
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, cx: Context<'_, S>) {
        if !is_span_of_a_task(attributes.metadata()) {
            return;
        }
        assert_eq!(attributes.metadata().level(), &tracing::Level::DEBUG);
        let mut seen = Seen {
            parent: cx
                .span(id)
                .and_then(|span| span.parent())
                .map(|parent| parent.id().into_u64()),
            ..Seen::default()
        };
        attributes.record(&mut Writer(&mut seen.fields));
        let state = &mut *self.state();
        state.open.insert(id.into_u64(), state.all.len());
        state.all.push(seen);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        self.change(id, |seen| values.record(&mut Writer(&mut seen.fields)));
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Writer(&mut fields));
        let message = fields.remove("message").unwrap_or_default();
        let span = cx.event_span(event);
        match span.filter(|span| is_span_of_a_task(span.metadata())) {
            Some(span) => self.change(&span.id(), |seen| seen.events.push(message)),
            None => self.state().outside.push(message),
        }
    }

    fn on_enter(&self, id: &span::Id, _: Context<'_, S>) {
        self.change(id, |seen| seen.entered.push(thread::current().id()));
    }

    fn on_exit(&self, id: &span::Id, _: Context<'_, S>) {
        self.change(id, |seen| seen.exits += 1);
    }

    fn on_close(&self, id: span::Id, _: Context<'_, S>) {
        self.change(&id, |seen| seen.closes += 1);
        self.state().open.remove(&id.into_u64());
    }
}

//! What the slices and the marks of the time line are called.

use std::fmt::Debug;

use tracing::{
    Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_chrome::EventOrSpan;
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Keeps the name of each task with its span.
pub struct Names;

struct Name(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Names {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, cx: Context<'_, S>) {
        let name = find("name", |visitor| attributes.record(visitor));
        if let (Some(name), Some(span)) = (name, cx.span(id)) {
            span.extensions_mut().insert(Name(name));
        }
    }
}

/// The name of a task for its span, the message for an event.
pub fn of<S>(it: &EventOrSpan<'_, '_, S>) -> String
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    match it {
        EventOrSpan::Span(span) => match span.extensions().get() {
            Some(Name(name)) => name.clone(),
            None => span.name().to_owned(),
        },
        EventOrSpan::Event(event) => find("message", |visitor| event.record(visitor))
            .unwrap_or_else(|| event.metadata().name().to_owned()),
    }
}

/// The field of this name among those that `record` shows.
fn find(name: &'static str, record: impl FnOnce(&mut Finder)) -> Option<String> {
    let mut finder = Finder { name, found: None };
    record(&mut finder);
    finder.found
}

struct Finder {
    name: &'static str,
    found: Option<String>,
}

impl Visit for Finder {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == self.name {
            self.found = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == self.name {
            self.found = Some(format!("{value:?}"));
        }
    }
}

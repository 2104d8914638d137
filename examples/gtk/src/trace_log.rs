//! The last trace events of tasks, for the page that shows them.
//!
//! The subscriber is there from the start, and wants nothing until somebody
//! records: `tracing` then asks nobody, and an event costs nothing.

use std::{
    collections::VecDeque,
    fmt::{self, Write},
    sync::{
        LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

/// How many events are kept.
const KEPT: usize = 100;

static RECORDS: AtomicBool = AtomicBool::new(false);
static EVENTS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());
static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Subscribes to the events of tasks, if nobody else has.
pub fn install() {
    LazyLock::force(&BEGIN);
    if let Err(error) = tracing_subscriber::registry().with(TraceLog).try_init() {
        gtk::glib::g_warning!("task-gallery", "No trace events will be shown: {error}");
    }
}

/// Records events from here on, or forgets them all.
pub fn set_recording(on: bool) {
    if RECORDS.swap(on, Ordering::Relaxed) != on {
        tracing::callsite::rebuild_interest_cache();
        events().clear();
    }
}

/// The last events, a line for each, the newest first.
pub fn lines() -> String {
    let events = events();
    let mut lines = String::new();
    for event in events.iter().rev() {
        lines.push_str(event);
        lines.push('\n');
    }
    lines
}

fn events() -> MutexGuard<'static, VecDeque<String>> {
    EVENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_wanted(metadata: &Metadata<'_>) -> bool {
    RECORDS.load(Ordering::Relaxed) && metadata.target() == "qio_task"
}

fn keep(line: &Line) {
    let thread = thread::current();
    let line = format!(
        "{:.4} s  {}{}  ({})",
        BEGIN.elapsed().as_secs_f64(),
        line.message,
        line.fields,
        thread.name().unwrap_or("a thread"),
    );
    let mut events = events();
    if events.len() == KEPT {
        events.pop_front();
    }
    events.push_back(line);
}

struct TraceLog;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TraceLog {
    /// Asked again each time that `set_recording` changes something.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_wanted(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_wanted(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(if RECORDS.load(Ordering::Relaxed) {
            LevelFilter::TRACE
        } else {
            LevelFilter::OFF
        })
    }

    /// Keeps what a task's span says of it until it ends.
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut line = Line::default();
            attributes.record(&mut line);
            span.extensions_mut().insert(line);
        }
    }

    /// The one thing that is recorded later is how it ended.
    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(line) = span.extensions_mut().get_mut::<Line>()
        {
            "task".clone_into(&mut line.message);
            values.record(line);
            keep(line);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        keep(&line);
    }
}

/// An event, or a span, in words.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, "  {field}={value:?}")
        };
    }
}

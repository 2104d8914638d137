//! A worker whose task ends just as it starts.

use std::{
    fmt::Debug,
    sync::{Mutex, mpsc},
};

use qio_task::{Error, QioTask, TaskInfo, TaskState, inspect, set_inspecting};
use tracing::{
    Event, Metadata, Span, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

use crate::common::{PATIENCE, flag, iterate_until, passes_in_child};

/// Waits as it is told that a worker starts.
struct Waits {
    starts: mpsc::Sender<()>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

struct IsStart(bool);

impl Visit for IsStart {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 |= field.name() == "message" && format!("{value:?}") == "qio_task_thread_run";
    }
}

impl<S: Subscriber> Layer<S> for Waits {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut is_start = IsStart(false);
        event.record(&mut is_start);
        if is_start.0 {
            self.starts.send(()).unwrap();
            self.go_on.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        }
    }
}

const STARTS: &str = "late::cancelled_and_delivered_as_its_worker_starts";

#[test]
fn cancelled_and_delivered_as_its_worker_starts() {
    if passes_in_child(STARTS) {
        return;
    }
    let (starts, has_started) = mpsc::channel();
    let (go, go_on) = mpsc::channel();
    let go_on = Mutex::new(go_on);
    let subscriber = Registry::default().with(Waits { starts, go_on });
    tracing::subscriber::set_global_default(subscriber).unwrap();
    set_inspecting(true);
    let context = glib::MainContext::new();
    context
        .with_thread_default(|| {
            let (ended, has_ended) = flag();
            let (look, looks) = mpsc::channel();
            let running = QioTask::builder()
                .callback(move |_: Result<(), Error>| ended.set(true))
                .run_in_thread(move |_| {
                    let states: Vec<_> = inspect().iter().map(TaskInfo::state).collect();
                    let span = Span::current().metadata().map(Metadata::name);
                    look.send((states, span)).unwrap();
                    Ok(())
                });
            has_started.recv_timeout(PATIENCE).unwrap();
            running.cancel();
            iterate_until(&context, || has_ended.get());
            go.send(()).unwrap();
            let looked = looks.recv_timeout(PATIENCE).unwrap();
            assert_eq!(looked, (vec![TaskState::Late], Some("task")));
            crate::common::wait_until(|| inspect().is_empty());
        })
        .unwrap();
}

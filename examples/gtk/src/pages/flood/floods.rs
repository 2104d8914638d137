//! The same hundred thousand tasks, started with each of the two libraries.
//!
//! Starting them all on the main loop would be a freeze of its own, so a thread
//! does it, for both: as a walk through a directory would, that starts a task
//! for each file it finds. Both threads run as fast as they can. What differs
//! is how the results come back.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use gtk::{gio, glib};
use qio_task::{Error, QioTask, Worker};

/// How many tasks a flood is.
pub const TASKS: u32 = 100_000;

/// One of the two libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    QioTask,
    Gio,
}

impl Library {
    pub const BOTH: [Self; 2] = [Self::QioTask, Self::Gio];

    pub fn name(self) -> &'static str {
        match self {
            Self::QioTask => "qio-task",
            Self::Gio => "gio::spawn_blocking",
        }
    }
}

/// What came back of a flood.
pub struct Flooded {
    pub completions: u32,
    pub total: Duration,
}

/// Starts all tasks and waits for the callback of the last. Dropping the future
/// cancels the one that starts them.
pub async fn flood(library: Library) -> Option<Flooded> {
    let (last, ended) = QioTask::builder().name("flood").future();
    let shared = Arc::new(Shared {
        completions: AtomicU32::new(0),
        sum: AtomicU64::new(0),
        last: Mutex::new(Some(last)),
    });
    let (start, started) = QioTask::builder()
        .name("start a flood")
        .dedicated_thread()
        .future();
    let begun = Instant::now();
    start.run_in_thread({
        let shared = shared.clone();
        move |worker| {
            match library {
                Library::QioTask => start_with_qio_task(worker, &shared),
                Library::Gio => start_with_gio(worker, &shared),
            }
            Ok::<(), Infallible>(())
        }
    });
    let ended = ended.await.ok()?;
    started.await.ok()?;
    Some(Flooded {
        completions: shared.completions.load(Ordering::Relaxed),
        total: ended - begun,
    })
}

fn start_with_qio_task(worker: &Worker, shared: &Arc<Shared>) {
    let context = glib::MainContext::default();
    for number in numbers(worker) {
        let shared = shared.clone();
        QioTask::builder()
            .callback_on(&context, move |value: Result<u32, Error<Infallible>>| {
                shared.add(value.unwrap_or_default());
            })
            .run_in_thread(move |_| Ok(work(number)));
    }
}

fn start_with_gio(worker: &Worker, shared: &Arc<Shared>) {
    let context = glib::MainContext::default();
    for number in numbers(worker) {
        let shared = shared.clone();
        context.spawn(async move {
            let value = gio::spawn_blocking(move || work(number)).await;
            shared.add(value.unwrap_or_default());
        });
    }
}

/// The numbers of the tasks, until nobody wants them any more.
fn numbers(worker: &Worker) -> impl Iterator<Item = u32> {
    (0..TASKS).take_while(|_| !worker.is_cancelled())
}

/// What each worker does: next to nothing, for the flood is about callbacks.
fn work(number: u32) -> u32 {
    number.count_ones()
}

/// What the callbacks of a flood share.
struct Shared {
    completions: AtomicU32,
    sum: AtomicU64,
    /// Completed by the last callback.
    last: Mutex<Option<QioTask<Instant, Infallible>>>,
}

impl Shared {
    /// What each callback does, on the main loop.
    fn add(&self, value: u32) {
        self.sum.fetch_add(value.into(), Ordering::Relaxed);
        if self.completions.fetch_add(1, Ordering::Relaxed) + 1 == TASKS {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(last) = last.take() {
                last.complete(Ok(Instant::now()));
            }
        }
    }
}

//! What the page awaits: in sequence, at once, in a race, until it is stopped.

use std::{
    convert::Infallible,
    thread,
    time::{Duration, Instant},
};

use adw::prelude::*;
use futures::{FutureExt, join, select};
use gtk::{gio, glib};
use qio_task::{Error, Progress, QioTask, TaskFuture, Worker};

use super::shown::shown;
use crate::status_row::StatusRow;

/// What is said of it in the end.
pub type Outcome = Result<String, Error>;

/// How long a step takes at least, so that it can be seen.
const STEP: Duration = Duration::from_millis(700);
const TIME_LIMIT: Duration = Duration::from_secs(1);
/// How often a worker asks whether it is still wanted.
const PAUSE: Duration = Duration::from_millis(20);

/// One after the other. With the first error `?` ends it: the rest never begins.
pub async fn in_sequence(path: &'static str, find: &StatusRow, read: &StatusRow) -> Outcome {
    let find_size = spawn("find", move |worker| {
        look_busy(worker, STEP)?;
        let info = gio::File::for_path(path).query_info(
            gio::FILE_ATTRIBUTE_STANDARD_SIZE,
            gio::FileQueryInfoFlags::NONE,
            Some(worker.cancellable()),
        )?;
        Ok(info.size())
    });
    let size = shown(find, find_size, |size| format!("{size} bytes")).await?;

    // Its worker starts here, and not before the file has been found.
    let count_lines = spawn("read", move |worker| {
        look_busy(worker, STEP)?;
        let (text, _etag) = gio::File::for_path(path).load_contents(Some(worker.cancellable()))?;
        Ok(text.split(|byte| *byte == b'\n').count() - 1)
    });
    let lines = shown(read, count_lines, |lines| format!("{lines} lines")).await?;
    Ok(format!("{size} bytes in {lines} lines"))
}

/// All at once, for as long as the slowest takes.
pub async fn at_once(rows: &[StatusRow; 3]) -> Outcome {
    let begun = Instant::now();
    let work = |row, takes| shown(row, sleep(takes), seconds);
    let [one, two, three] = rows;
    let (one, two, three) = join!(work(one, STEP), work(two, STEP * 2), work(three, STEP * 3));
    let work = one? + two? + three?;
    Ok(format!(
        "{} of work in {}",
        seconds(&work),
        seconds(&begun.elapsed())
    ))
}

/// A task against the clock. The loser is dropped with this function, and a
/// task's future that is dropped cancels it.
pub async fn race(takes: Duration, task: &StatusRow) -> Outcome {
    let mut task = Box::pin(shown(task, sleep(takes), seconds)).fuse();
    let mut time = glib::timeout_future(TIME_LIMIT).fuse();
    select! {
        took = task => Ok(format!("The task won, with {}", seconds(&took?))),
        () = time => Ok(format!("The clock won, with {}", seconds(&TIME_LIMIT))),
    }
}

/// Goes on until its future is dropped. `heard` shows what the worker says.
pub async fn until_stopped(task: &StatusRow, heard: &StatusRow) -> Outcome {
    let said = Progress::new({
        let heard = heard.downgrade();
        move |words: String| {
            if let Some(heard) = heard.upgrade() {
                heard.set_subtitle(&words);
            }
        }
    });
    let count = spawn("count", move |worker| {
        let begun = Instant::now();
        loop {
            if let Err(cancelled) = worker.check_cancelled() {
                // Nobody waits for its result, but it can still say a last word.
                said.report(format!("“I stop, after {}”", seconds(&begun.elapsed())));
                return Err::<Infallible, _>(cancelled.into());
            }
            said.report(format!("“I work: {}”", seconds(&begun.elapsed())));
            thread::sleep(PAUSE);
        }
    });
    match shown(task, count, |never| match *never {}).await? {}
}

/// A task with a name, as a future.
#[track_caller]
fn spawn<T: Send + 'static>(
    name: &str,
    worker: impl FnOnce(&Worker) -> Result<T, glib::Error> + Send + 'static,
) -> TaskFuture<T> {
    let (task, future) = QioTask::builder().name(name).future();
    task.run_in_thread(worker);
    future
}

#[track_caller]
fn sleep(takes: Duration) -> TaskFuture<Duration> {
    spawn("sleep", move |worker| {
        look_busy(worker, takes)?;
        Ok(takes)
    })
}

/// Blocks for `time`, or until the task is not wanted any more.
fn look_busy(worker: &Worker, time: Duration) -> Result<(), glib::Error> {
    let begun = Instant::now();
    while begun.elapsed() < time {
        worker.check_cancelled()?;
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn seconds(time: &Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

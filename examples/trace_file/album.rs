//! The application that is traced.

use std::{
    hash::{DefaultHasher, Hasher},
    ops::ControlFlow,
    thread,
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::MainLoop;
use qio_task::{Error, Progress, QioTask, Worker};
use tracing::info;

/// How many pictures there are.
const PICTURES: u64 = 6;

/// What a frame of the user interface has time for.
const FRAME: Duration = Duration::from_millis(16);

/// Imports the album on the default context, until no task is left.
pub fn import() {
    qio_task::set_inspecting(true);
    qio_task::set_slow_callback_limit(Some(FRAME));

    for number in 0..PICTURES {
        import_picture(number);
    }
    draw_thumbnails();
    wait_for_the_camera();
    look_up_places();

    // Late workers count, too: what they tell belongs in the file.
    let main_loop = MainLoop::new(None, false);
    glib::timeout_add_local(FRAME, {
        let main_loop = main_loop.clone();
        move || {
            if !qio_task::inspect().is_empty() {
                return glib::ControlFlow::Continue;
            }
            main_loop.quit();
            glib::ControlFlow::Break
        }
    });
    main_loop.run();
}

/// Hashes a picture in a thread, and shows how far it is.
fn import_picture(number: u64) {
    let progress = Progress::new(move |percent: u64| info!(number, percent, "progress"));
    QioTask::builder()
        .name("import picture")
        .callback(move |hash: Result<u64, Error>| info!(number, ?hash, "imported"))
        .run_in_thread(move |_| {
            let mut hasher = DefaultHasher::new();
            for percent in 1..=100 {
                for byte in 0..(number + 1) * 2_000 {
                    hasher.write_u64(byte);
                }
                if percent % 10 == 0 {
                    progress.report(percent);
                }
            }
            Ok(hasher.finish())
        });
}

/// What should not be: a callback that draws for longer than a frame takes. In the
/// time line it is the widest slice of the main thread, with a mark at its end.
fn draw_thumbnails() {
    QioTask::builder()
        .name("draw thumbnails")
        .callback(|_: Result<(), Error>| thread::sleep(2 * FRAME))
        .run_in_thread(|_| Ok(()));
}

/// The main loop looks for something now and then, without a thread.
fn wait_for_the_camera() {
    let start = Instant::now();
    QioTask::builder()
        .name("wait for the camera")
        .callback(|camera: Result<&str, Error>| info!(?camera, "found"))
        .poll_every(Duration::from_millis(10), move || {
            if start.elapsed() < 4 * FRAME {
                return ControlFlow::Continue(());
            }
            ControlFlow::Break(Ok("a camera"))
        });
}

/// Is cancelled while its worker runs, which takes notice only now and then.
fn look_up_places() {
    let patiently = |worker: &Worker| {
        loop {
            worker.check_cancelled()?;
            thread::sleep(FRAME);
        }
    };
    let cancellable = gio::Cancellable::new();
    let has_begun = Progress::new({
        let cancellable = cancellable.clone();
        move |()| {
            let cancellable = cancellable.clone();
            glib::timeout_add_local_once(4 * FRAME, move || cancellable.cancel());
        }
    });
    QioTask::builder()
        .name("look up places")
        .cancellable(&cancellable)
        .callback(|places: Result<u32, Error>| info!(?places, "looked up"))
        .run_in_thread(move |worker| {
            has_begun.report(());
            patiently(worker)
        });
}

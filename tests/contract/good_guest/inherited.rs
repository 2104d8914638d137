//! What a worker has done to its thread comes to no thread that is started for its tasks.

use std::{
    env, fs,
    path::PathBuf,
    sync::{Arc, Barrier},
    time::Duration,
};

use qio_task::{Builder, Error, QioTask};

use super::state::{self, State};
use crate::common::{Log, iterate_until, on_context, passes_in_child, run_worker};

/// Runs so many tasks at once, each of which needs a thread, and returns what they find.
fn find_in_new_threads(builder: fn() -> Builder) -> Vec<(State, PathBuf)> {
    const THREADS: usize = 6;
    let together = Arc::new(Barrier::new(THREADS));
    let found = Log::new();
    on_context(|context| {
        for _ in 0..THREADS {
            let (together, found) = (together.clone(), found.clone());
            builder()
                .callback(move |result: Result<_, Error>| found.push(result.unwrap()))
                .run_in_thread(move |_| {
                    let found = (State::here(), env::current_dir().unwrap());
                    together.wait();
                    Ok(found)
                });
        }
        iterate_until(context, || found.len() == THREADS);
    });
    found.take()
}

const LOWERED: &str = "good_guest::inherited::what_a_worker_did_to_its_thread_stays_there";

/// Also what nobody looks for after a task: its thread has a working directory of its own.
#[test]
fn what_a_worker_did_to_its_thread_stays_there() {
    if passes_in_child(LOWERED) {
        return;
    }
    state::give_up_the_right_to_be_urgent();
    on_context(|context| {
        // So that every task needs a new one.
        qio_task::set_max_idle_time(Duration::ZERO);
        let here = env::current_dir().unwrap();
        let first = run_worker(QioTask::builder(), State::here);
        let builders = [QioTask::builder, || QioTask::builder().dedicated_thread()];
        let own = [QioTask::builder, || QioTask::builder().dedicated_thread()];
        for (outer, inner) in builders.into_iter().flat_map(|it| own.map(|own| (it, own))) {
            let (thread, found) = run_worker(outer(), move || {
                // SAFETY: only what this thread shares of its folder with others ends.
                unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::FS) }
                    .unwrap();
                env::set_current_dir("/").unwrap();
                state::do_all();
                (rustix::thread::gettid(), find_in_new_threads(inner))
            });
            // What its thread has of its own is met by no other one. This one ends, with nothing
            // to do; where nobody sees what was done to it, the next task may come before that.
            let thread = PathBuf::from(format!("/proc/self/task/{}", thread.as_raw_nonzero()));
            iterate_until(context, || !thread.exists());
            for (state, folder) in found {
                assert_eq!(state, first);
                assert_eq!(folder, here);
            }
            // Nor are those that come after it the worse for it.
            for (state, folder) in find_in_new_threads(QioTask::builder) {
                assert_eq!(state, first);
                assert_eq!(folder, here);
            }
        }
    });
}

const STARTER: &str = "good_guest::inherited::one_thread_starts_the_others_and_stays";

#[test]
fn one_thread_starts_the_others_and_stays() {
    fn named(name: &str) -> usize {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|task| {
            // One that ends meanwhile has none.
            fs::read_to_string(task.ok()?.path().join("comm")).ok()
        });
        names.filter(|it| it.trim_end() == name).count()
    }
    if passes_in_child(STARTER) {
        return;
    }
    on_context(|context| {
        qio_task::set_max_idle_time(Duration::ZERO);
        for _ in 0..3 {
            find_in_new_threads(QioTask::builder);
            find_in_new_threads(|| QioTask::builder().dedicated_thread());
            iterate_until(context, || named("qio-worker") == 0);
            assert_eq!(named("qio-spawner"), 1);
        }
    });
}

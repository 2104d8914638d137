//! Instructions of a task's whole life, all threads together, under callgrind.
//!
//! Threads take turns under valgrind, and not always in the same places. So that
//! a count says something about the library and not about the turns, the phases
//! of each benchmark follow each other: all tasks are made, then all are
//! completed, then all are delivered. What the phases do to each other, wake-ups
//! above all, the count of system calls guards.

#![expect(missing_docs, reason = "what the macros of gungraun make public")]

use std::{
    cell::Cell,
    hint::black_box,
    num::NonZero,
    rc::Rc,
    sync::{Arc, Barrier},
    thread,
};

use glib::MainContext;
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use qio_task::{Error, QioTask};

/// How many tasks each benchmark sees through.
const TASKS: u32 = 1_000;

/// A context that this thread owns and has as its default, and what the tasks use.
struct Stage {
    context: MainContext,
    source: gio::SimpleAction,
    delivered: Rc<Cell<u32>>,
}

impl Stage {
    /// A task that counts its callback.
    fn task(&self) -> QioTask<u32> {
        let delivered = self.delivered.clone();
        QioTask::builder().callback(move |result: Result<u32, Error>| {
            black_box(result).expect("the task succeeds");
            delivered.set(delivered.get() + 1);
        })
    }

    /// The same with a source.
    fn task_with_source(&self) -> QioTask<u32> {
        let delivered = self.delivered.clone();
        QioTask::builder()
            .source(&self.source)
            .callback(move |_, result: Result<u32, Error>| {
                black_box(result).expect("the task succeeds");
                delivered.set(delivered.get() + 1);
            })
    }

    /// Iterates until `count` callbacks have run.
    fn deliver(&self, count: u32) {
        while self.delivered.get() < count {
            self.context.iteration(true);
        }
    }

    /// Runs `f` with the context owned and the thread's default.
    fn with(&self, f: impl FnOnce()) {
        self.context
            .with_thread_default(f)
            .expect("nobody else owns the context");
        assert_eq!(self.delivered.get(), TASKS);
    }
}

/// Not counted. One task completes before, so that what happens once in a process
/// is not counted either.
fn stage() -> Stage {
    let stage = Stage {
        context: MainContext::new(),
        source: gio::SimpleAction::new("source", None),
        delivered: Rc::default(),
    };
    stage
        .context
        .with_thread_default(|| {
            stage.task_with_source().complete(Ok(0));
            stage.task().complete_in_idle(Ok(0));
            stage.deliver(2);
        })
        .expect("nobody else owns the context");
    stage.delivered.set(0);
    stage
}

/// As [`stage`], with one thread at most for the workers.
fn stage_with_one_thread() -> Stage {
    qio_task::set_max_threads(NonZero::<usize>::MIN);
    stage()
}

// Tasks that are made with a source and completed on their own thread.
#[library_benchmark(setup = stage)]
fn inline(stage: Stage) -> Stage {
    stage.with(|| {
        for n in 0..TASKS {
            stage.task_with_source().complete(Ok(black_box(n)));
        }
    });
    stage
}

// Tasks that are completed by one other thread. It has ended when the first is
// delivered.
#[library_benchmark(setup = stage)]
fn foreign(stage: Stage) -> Stage {
    stage.with(|| {
        let tasks: Vec<_> = (0..TASKS).map(|_| stage.task()).collect();
        let completer = thread::spawn(|| {
            for (task, n) in tasks.into_iter().zip(0..) {
                task.complete(Ok(black_box(n)));
            }
        });
        completer.join().expect("the thread completes all");
        stage.deliver(TASKS);
    });
    stage
}

// Empty workers. The first holds the only thread until all are submitted; the
// loop is iterated as soon as the last has started.
#[library_benchmark(setup = stage_with_one_thread)]
fn burst(stage: Stage) -> Stage {
    stage.with(|| {
        let (submitted, ended) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let first = submitted.clone();
        stage.task().run_in_thread(move |_| {
            first.wait();
            Ok(0)
        });
        for n in 2..TASKS {
            stage.task().run_in_thread(move |_| Ok(black_box(n)));
        }
        let last = ended.clone();
        stage.task().run_in_thread(move |_| {
            last.wait();
            Ok(0)
        });
        submitted.wait();
        ended.wait();
        stage.deliver(TASKS);
    });
    stage
}

library_benchmark_group!(name = tasks, benchmarks = [inline, foreign, burst]);

// Counted are the benchmark's function, which is gungraun's default, and all of the
// other threads: `thread_start` is the function that std starts each with. Should a
// std call it otherwise, the counts of `foreign` and `burst` fall.
main!(
    config = LibraryBenchmarkConfig::default()
        .valgrind_args(["--fair-sched=yes"])
        .tool(Callgrind::with_args([
            "--separate-threads=no",
            "--toggle-collect=*thread_start*",
            "--cache-sim=no",
        ]));
    library_benchmark_groups = tasks
);

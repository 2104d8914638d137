//! Tasks that are made on the global default context by another thread than the one that
//! then runs its loop, as in a program that starts in an async runtime.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use glib::{LogLevels, MainContext};
use qio_task::{Error, Messages, Progress, QioTask};

use crate::common::{Log, gate, iterate, iterate_until, passes_in_child};

/// Longer than such a task is looked for before it is told of.
const LONG: Duration = Duration::from_millis(150);

/// What the library warns of from now on.
fn warnings() -> Arc<Mutex<Vec<String>>> {
    let warnings = Arc::<Mutex<Vec<String>>>::default();
    glib::log_set_handler(Some("qio-task"), LogLevels::all(), false, false, {
        let warnings = warnings.clone();
        move |_, _, message| warnings.lock().unwrap().push(message.to_owned())
    });
    warnings
}

/// Iterates the global default context on this thread for a while.
fn iterate_for_long() {
    let (context, start) = (MainContext::default(), Instant::now());
    iterate_until(&context, || start.elapsed() >= LONG);
}

/// Makes what never will be delivered, on the wrong thread, and says on which lines.
fn make_all() -> Vec<u32> {
    let ignore = |_: Result<(), Error>| {};
    let object = gio::Cancellable::new();
    let mut lines = vec![line!() + 2];
    for _ in 0..3 {
        let task = QioTask::builder().callback(ignore);
        task.complete_in_idle(Ok(()));
    }
    let named = QioTask::builder().name("look\"up");
    lines.push(line!() + 1);
    let task = named.callback(ignore);
    task.run_in_thread(|_| Ok(()));
    lines.push(line!() + 1);
    let task = QioTask::new(&object, |_, _: Result<(), Error>| {});
    drop(task);
    lines.push(line!() + 1);
    let future = qio_task::spawn_blocking(|_| Ok::<_, Error>(()));
    future.detach();
    lines.push(line!() + 1);
    let task = QioTask::builder().callback(ignore);
    task.poll_every(Duration::from_millis(1), || ControlFlow::Continue(()));
    lines.push(line!() + 1);
    let progress = Progress::new(|(): ()| {});
    progress.report(());
    lines.push(line!() + 1);
    let messages = Messages::new(1, |(): ()| {});
    messages.try_send(()).unwrap();
    lines
}

#[test]
fn each_place_is_told_once() {
    if passes_in_child("misuse::wrong_thread::each_place_is_told_once") {
        return;
    }
    let warnings = warnings();
    let (sender, made) = mpsc::channel();
    let (_keep, is_over) = mpsc::channel::<()>();
    thread::spawn(move || {
        sender.send(make_all()).unwrap();
        // It lives for as long as this process does.
        let _ = is_over.recv();
    });
    let lines = made.recv().unwrap();
    let context = MainContext::default();
    iterate_until(&context, || warnings.lock().unwrap().len() >= lines.len());
    iterate_for_long();
    let warnings = warnings.lock().unwrap().clone();
    assert_eq!(warnings.len(), lines.len(), "{warnings:#?}");
    for line in lines {
        let place = format!("{}:{line}:", file!());
        let of_it = warnings.iter().filter(|warning| warning.contains(&place));
        assert_eq!(of_it.count(), 1, "{place} {warnings:#?}");
    }
    let named = |warning: &&String| warning.contains(r#"the task "look\"up", made at"#);
    assert_eq!(warnings.iter().filter(named).count(), 1);
    let progress = |warning: &&String| warning.contains("a progress made at");
    assert_eq!(warnings.iter().filter(progress).count(), 1);
    let messages = |warning: &&String| warning.contains("a `Messages` made at");
    assert_eq!(warnings.iter().filter(messages).count(), 1);
}

/// A task that is delivered by the loop, and notes that.
fn complete(ends: &Log<()>) {
    let ends = ends.clone();
    let task = QioTask::builder().callback(move |_: Result<(), Error>| ends.push(()));
    task.complete_in_idle(Ok(()));
}

#[test]
fn threads_that_take_turns_are_not_told_of() {
    if passes_in_child("misuse::wrong_thread::threads_that_take_turns_are_not_told_of") {
        return;
    }
    let warnings = warnings();
    let context = MainContext::default();
    let ends = Log::new();
    complete(&ends);
    iterate(&context);
    for turn in 2..4 {
        complete(&ends);
        let progress = Progress::new(|(): ()| {});
        progress.report(());
        let polled = QioTask::builder().callback(|_: Result<(), Error>| {});
        let polled = polled.poll_every(Duration::from_millis(1), || ControlFlow::Break(Ok(())));
        thread::spawn(iterate_for_long).join().unwrap();
        iterate_until(&context, || ends.len() == turn && polled.is_finished());
    }
    assert!(warnings.lock().unwrap().is_empty(), "{warnings:?}");
}

/// Whoever iterates it was told to.
#[test]
fn another_context_than_the_global_one_is_not_told_of() {
    if passes_in_child("misuse::wrong_thread::another_context_than_the_global_one_is_not_told_of") {
        return;
    }
    let warnings = warnings();
    let context = MainContext::new();
    let ends = Log::new();
    context.with_thread_default(|| complete(&ends)).unwrap();
    let elsewhere = context.clone();
    thread::spawn(move || {
        let start = Instant::now();
        iterate_until(&elsewhere, || start.elapsed() >= LONG);
    })
    .join()
    .unwrap();
    iterate_until(&context, || ends.len() == 1);
    assert!(warnings.lock().unwrap().is_empty(), "{warnings:?}");
}

#[test]
fn a_task_that_is_waited_for_is_not_told_of() {
    if passes_in_child("misuse::wrong_thread::a_task_that_is_waited_for_is_not_told_of") {
        return;
    }
    let warnings = warnings();
    let ends = Log::new();
    let log = ends.clone();
    let (gate, wait) = gate();
    let running = QioTask::builder()
        .callback(move |result: Result<(), Error>| log.push(result.is_err()))
        .run_in_thread(move |_| {
            wait();
            Ok(())
        });
    gate.wait_for_arrival();
    // Its delivery is queued while its worker runs.
    running.cancel();
    let elsewhere = thread::spawn(move || {
        iterate_for_long();
        gate.open();
    });
    running.wait();
    elsewhere.join().unwrap();
    assert_eq!(ends.take(), [true]);
    assert!(warnings.lock().unwrap().is_empty(), "{warnings:?}");
}

#[test]
fn what_any_thread_may_deliver_is_delivered() {
    if passes_in_child("misuse::wrong_thread::what_any_thread_may_deliver_is_delivered") {
        return;
    }
    let warnings = warnings();
    let context = MainContext::default();
    let (sender, end) = mpsc::channel();
    QioTask::builder()
        .callback_on(&context, move |_: Result<(), Error>| {
            sender.send(thread::current().id()).unwrap();
        })
        .run_in_thread(|_| Ok(()));
    let looper = thread::spawn(iterate_for_long);
    let looping = looper.thread().id();
    looper.join().unwrap();
    assert_eq!(end.recv(), Ok(looping));
    assert!(warnings.lock().unwrap().is_empty(), "{warnings:?}");
}

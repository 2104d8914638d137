//! Signals interrupt every call that waits.

use std::{
    fs,
    io::{Read, Write},
    ops::ControlFlow,
    os::fd::AsRawFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use glib::IOCondition;
use qio_task::QioTask;

use crate::{
    common::{on_context, passes_in_child},
    ends::{End, Ends},
    system::{handle_signals, signal, signals},
};

/// Signals every thread of the process but its own, over and over, while `f` runs.
fn in_a_storm(f: impl FnOnce()) {
    handle_signals();
    let is_over = Arc::new(AtomicBool::new(false));
    let storm = thread::spawn({
        let is_over = is_over.clone();
        move || {
            let own = rustix::thread::gettid().as_raw_nonzero().get();
            while !is_over.load(SeqCst) {
                let threads = fs::read_dir("/proc/self/task").unwrap();
                for thread in threads.filter_map(Result::ok) {
                    let number = thread.file_name();
                    let number = number.to_str().and_then(|name| name.parse().ok());
                    if let Some(number) = number.filter(|number| *number != own) {
                        signal(number);
                    }
                }
                // Without it a thread that sleeps would hardly get any further.
                thread::sleep(Duration::from_micros(100));
            }
        }
    });
    f();
    is_over.store(true, SeqCst);
    storm.join().unwrap();
}

#[test]
fn a_storm_of_them_loses_nothing() {
    if passes_in_child("signals::a_storm_of_them_loses_nothing") {
        return;
    }
    in_a_storm(|| {
        on_context(|context| {
            let ends = Ends::default();
            for number in 0..2_000 {
                let builder = QioTask::builder();
                let builder = match number % 100 {
                    0 => builder.dedicated_thread(),
                    1 => builder.timeout(Duration::from_millis(20)),
                    _ => builder,
                };
                let task = builder.callback(ends.of::<()>(number));
                let running = task.run_in_thread(move |_| {
                    if number % 10 < 2 {
                        thread::sleep(Duration::from_millis(1));
                    }
                    Ok(())
                });
                if number % 7 == 0 {
                    running.wait();
                }
            }
            ends.wait_for(context, 2_000);
            assert_eq!(ends.count(End::Ok) + ends.count(End::TimedOut), 2_000);
            assert!(ends.count(End::Ok) >= 1_980);
        });
    });
    assert!(signals() > 100, "{} is no storm", signals());
}

#[test]
fn a_storm_of_them_over_what_the_loop_drives() {
    if passes_in_child("signals::a_storm_of_them_over_what_the_loop_drives") {
        return;
    }
    in_a_storm(|| {
        on_context(|context| {
            let ends = Ends::default();
            for number in 0..40 {
                let (mut reader, mut writer) = std::io::pipe().unwrap();
                let task = QioTask::builder().callback(ends.of::<()>(2 * number));
                task.watch_fd(reader.as_raw_fd(), IOCondition::IN, move |_| {
                    reader.read_exact(&mut [0]).unwrap();
                    ControlFlow::Break(Ok(()))
                });
                QioTask::builder()
                    .callback(ends.of::<()>(2 * number + 1))
                    .run_in_thread(move |_| {
                        thread::sleep(Duration::from_millis(3));
                        writer.write_all(b"!").map_err(|error| {
                            glib::Error::new(gio::IOErrorEnum::Failed, &error.to_string())
                        })
                    });
                let mut polls = 0;
                let poll = QioTask::builder().callback(ends.of::<()>(80 + number));
                poll.poll_every(Duration::from_millis(1), move || {
                    polls += 1;
                    match polls {
                        5 => ControlFlow::Break(Ok(())),
                        _ => ControlFlow::Continue(()),
                    }
                });
            }
            ends.wait_for(context, 120);
            assert_eq!(ends.count(End::Ok), 120);
        });
    });
    assert!(signals() > 10, "{} is no storm", signals());
}

//! A clock jumps, or stands still.

use std::{
    ops::ControlFlow,
    thread,
    time::{Duration, Instant},
};

use qio_task::{Error, Progress, QioTask};

use crate::{
    common::{Log, gate, iterate, iterate_until, on_context, passes_in_child},
    ends::{End, Ends},
    system::{freeze_monotonic, jump_monotonic, jump_realtime, thaw_monotonic, threads},
};

const HOUR: Duration = Duration::from_hours(1);
const YEAR: i64 = 365 * 24 * 3600;

#[test]
fn an_hour_forward() {
    if passes_in_child("clocks::an_hour_forward") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let timing_out = |number: usize, minutes| {
            let builder = QioTask::builder().timeout(Duration::from_mins(minutes));
            builder.callback(ends.of::<()>(number))
        };
        // Held by hand, run by a thread, and driven by the loop.
        let held: Vec<_> = (0..10).map(|number| timing_out(number, 30)).collect();
        let longer: Vec<_> = (10..20).map(|number| timing_out(number, 90)).collect();
        let (gate, wait) = gate();
        let running = timing_out(20, 30).run_in_thread(move |worker| {
            wait();
            assert!(worker.is_cancelled());
            Ok(())
        });
        gate.wait_for_arrival();
        let polls = Log::new();
        let log = polls.clone();
        QioTask::builder().callback(ends.of::<()>(21)).poll_every(
            Duration::from_mins(1),
            move || {
                log.push(());
                ControlFlow::Continue(())
            },
        );
        iterate(context);
        assert_eq!((ends.len(), polls.len()), (0, 0));

        jump_monotonic(HOUR);
        gate.open();
        running.wait();
        iterate_until(context, || ends.len() >= 11);
        iterate(context);
        assert_eq!(ends.count(End::TimedOut), 11);
        assert_eq!(polls.len(), 1, "what was missed is not made up for");

        // The last are too late, by half an hour.
        for task in longer.into_iter().chain(held) {
            task.complete(Ok(()));
        }
        ends.push(21, End::Ok);
        ends.assert_once(22);
        assert_eq!(ends.count(End::TimedOut), 11);
    });
}

#[test]
fn a_timeout_that_is_too_long_to_count_never_comes() {
    if passes_in_child("clocks::a_timeout_that_is_too_long_to_count_never_comes") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let days = |days: u64| Duration::from_hours(24 * days);
        let make = |number: usize, timeout| {
            let builder = QioTask::builder().timeout(timeout);
            builder.callback(ends.of::<()>(number))
        };
        let short = make(0, days(49));
        let long = [make(1, days(100)), make(2, Duration::MAX)];
        jump_monotonic(days(50));
        ends.wait_for(context, 1);
        assert!(short.is_cancelled());
        assert!(long.iter().all(|task| !task.is_cancelled()));
        drop(long);
        ends.wait_for(context, 3);
        assert_eq!(ends.count(End::Abandoned), 2);
    });
}

#[test]
fn forward_again_and_again_under_load() {
    if passes_in_child("clocks::forward_again_and_again_under_load") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let reported = Log::new();
        let progress = Progress::new({
            let reported = reported.clone();
            move |number: usize| reported.push(number)
        });
        let jumps = thread::spawn(|| {
            for _ in 0..200 {
                jump_monotonic(HOUR);
                thread::sleep(Duration::from_micros(500));
            }
        });
        let mut made = 0;
        while !jumps.is_finished() {
            for _ in 0..100 {
                let progress = progress.clone();
                let number = made;
                QioTask::builder()
                    .timeout(100_000 * HOUR)
                    .callback(ends.of::<()>(number))
                    .run_in_thread(move |worker| {
                        progress.report(number);
                        worker.check_cancelled().map_err(glib::Error::from)
                    });
                made += 1;
            }
            while ends.len() + 1_000 < made {
                context.iteration(true);
            }
        }
        jumps.join().unwrap();
        ends.wait_for(context, made);
        assert_eq!(ends.count(End::Ok), made, "none times out");
        let reported = reported.take();
        assert!(!reported.is_empty());
    });
}

#[test]
fn the_time_of_day_back_and_forth() {
    if passes_in_child("clocks::the_time_of_day_back_and_forth") {
        return;
    }
    on_context(|context| {
        let timeout = Duration::from_millis(40);
        for years in [-1, 2, -2] {
            let ends = Ends::default();
            let start = Instant::now();
            for number in 0..20 {
                let builder = QioTask::builder().timeout(timeout);
                let task = builder.callback(ends.of::<()>(number));
                if number % 2 == 0 {
                    task.poll_every(HOUR, || ControlFlow::Continue(()));
                } else {
                    task.run_in_thread(move |worker| {
                        while !worker.is_cancelled() {
                            thread::sleep(Duration::from_millis(1));
                        }
                        Ok(())
                    });
                }
            }
            jump_realtime(years * YEAR);
            while ends.len() == 0 {
                context.iteration(true);
            }
            // The timers of the loop count from where it last looked.
            let slack = Duration::from_millis(2);
            assert!(start.elapsed() + slack >= timeout, "not before its time");
            ends.wait_for(context, 20);
            assert_eq!(ends.count(End::TimedOut), 20);
        }
    });
}

#[test]
fn standing_still_for_a_while() {
    if passes_in_child("clocks::standing_still_for_a_while") {
        return;
    }
    on_context(|context| {
        let late = Ends::default();
        QioTask::builder()
            .timeout(Duration::from_millis(20))
            .callback(late.of::<()>(0))
            .poll_every(HOUR, || ControlFlow::Continue(()));
        freeze_monotonic();
        let ends = Ends::default();
        for number in 0..5_000 {
            let task = QioTask::builder().callback(ends.of::<()>(number));
            match number % 3 {
                0 => task.complete_in_idle(Ok(())),
                1 => drop(task.run_in_thread(|_| Ok(()))),
                _ => task.run_in_thread(|_| Ok(())).wait(),
            }
        }
        ends.wait_for(context, 5_000);
        assert_eq!(ends.count(End::Ok), 5_000);
        // Longer than the timeout, were there any time.
        thread::sleep(Duration::from_millis(40));
        iterate(context);
        assert_eq!(late.len(), 0, "no time has passed");
        thaw_monotonic();
        late.wait_for(context, 1);
        assert_eq!(late.take(), [End::TimedOut]);
    });
}

#[test]
fn idle_threads_retire_all_the_same() {
    if passes_in_child("clocks::idle_threads_retire_all_the_same") {
        return;
    }
    on_context(|context| {
        // GLib's own is there from the first task on.
        let work = |tasks: usize| {
            let ends = Ends::default();
            for number in 0..tasks {
                QioTask::builder()
                    .callback(ends.of::<()>(number))
                    .run_in_thread(|_: &_| Ok::<_, glib::Error>(()));
            }
            ends.wait_for(context, tasks);
        };
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .complete(Ok(()));
        let before = threads();
        qio_task::set_max_idle_time(HOUR);
        work(100);
        let idle = threads();
        assert!(idle > before);
        while threads() > before {
            jump_monotonic(HOUR);
            // Whoever was idle before has been so for long enough: it looks now.
            qio_task::set_max_idle_time(HOUR);
            thread::yield_now();
        }

        // On a clock that has jumped they stay and go as on any.
        qio_task::set_max_idle_time(Duration::from_millis(20));
        work(100);
        while threads() > before {
            thread::yield_now();
        }
        work(100);
    });
}

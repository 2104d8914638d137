//! A test of the tests: the faults reach those whom they are meant for.

use std::{
    sync::mpsc,
    time::{Duration, Instant, SystemTime},
};

use qio_task::{Error, QioTask};

use crate::{
    common::{on_context, passes_in_child},
    system,
};

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn std_glib_and_this_library_ask_it_for_threads() {
    if passes_in_child("interposed::std_glib_and_this_library_ask_it_for_threads") {
        return;
    }
    system::refuse_threads(|_| true);
    let refused = std::thread::Builder::new().spawn(|| ());
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    system::allow_threads();

    let asks = |f: &dyn Fn()| {
        let before = system::threads_asked_for();
        f();
        system::threads_asked_for() > before
    };
    assert!(asks(&|| std::thread::spawn(|| ()).join().unwrap()));
    assert!(asks(&|| {
        let pool = glib::ThreadPool::exclusive(1).unwrap();
        let (sender, called) = mpsc::channel();
        pool.push(move || sender.send(()).unwrap()).unwrap();
        called.recv().unwrap();
    }));
    let run = |dedicated: bool| {
        let builder = QioTask::builder();
        let builder = if dedicated {
            builder.dedicated_thread()
        } else {
            builder
        };
        builder
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| Ok(()))
            .wait();
    };
    on_context(|_| {
        assert!(asks(&|| run(false)));
        assert!(asks(&|| run(true)));
    });
}

#[test]
fn std_glib_and_this_library_ask_it_for_the_time() {
    if passes_in_child("interposed::std_glib_and_this_library_ask_it_for_the_time") {
        return;
    }
    let (instant, monotonic) = (Instant::now(), glib::monotonic_time());
    system::jump_monotonic(HOUR);
    assert!(instant.elapsed() >= HOUR);
    assert!(glib::monotonic_time() - monotonic >= 3_600_000_000);

    let (now, real) = (SystemTime::now(), glib::real_time());
    system::jump_realtime(-3600);
    assert!(
        now.duration_since(SystemTime::now())
            .is_ok_and(|back| back > HOUR / 2)
    );
    assert!(real - glib::real_time() > 1_800_000_000);

    system::freeze_monotonic();
    let frozen = (Instant::now(), glib::monotonic_time());
    std::thread::sleep(Duration::from_millis(2));
    assert_eq!((Instant::now(), glib::monotonic_time()), frozen);
    system::thaw_monotonic();
    while Instant::now() == frozen.0 {}

    on_context(|_| {
        let (sender, end) = mpsc::channel();
        let task = QioTask::builder()
            .timeout(HOUR)
            .callback(move |result: Result<(), Error>| {
                sender.send(matches!(result, Err(Error::TimedOut))).unwrap();
            });
        let running = task.run_in_thread(|worker| {
            system::jump_monotonic(HOUR);
            assert!(worker.is_cancelled());
            Ok(())
        });
        running.wait();
        assert!(end.recv().unwrap());
    });
}

#[test]
fn a_wait_on_a_condition_ends_in_time_on_a_clock_that_has_jumped() {
    if passes_in_child("interposed::a_wait_on_a_condition_ends_in_time_on_a_clock_that_has_jumped")
    {
        return;
    }
    // Else threads that idle would stay for the hour, as they never would.
    system::jump_monotonic(HOUR);
    let (_sender, receiver) = mpsc::channel::<()>();
    assert!(receiver.recv_timeout(Duration::from_millis(20)).is_err());
    system::freeze_monotonic();
    let mutex = std::sync::Mutex::new(());
    let waited = std::sync::Condvar::new()
        .wait_timeout(mutex.lock().unwrap(), Duration::from_millis(20))
        .unwrap();
    assert!(waited.1.timed_out());
}

#[test]
fn signals_interrupt_calls() {
    if passes_in_child("interposed::signals_interrupt_calls") {
        return;
    }
    system::handle_signals();
    let thread = rustix::thread::gettid().as_raw_nonzero().get();
    let (stop, stopped) = mpsc::channel::<()>();
    let storm = std::thread::spawn(move || {
        while stopped
            .recv_timeout(Duration::from_millis(1))
            .is_err_and(|e| e == mpsc::RecvTimeoutError::Timeout)
        {
            system::signal(thread);
        }
    });
    let (mut reader, _writer) = std::io::pipe().unwrap();
    let read = std::io::Read::read(&mut reader, &mut [0]);
    assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::Interrupted);
    assert!(system::signals() > 0);
    drop(stop);
    storm.join().unwrap();
}

//! A program that leaves `main` while a hundred workers are under way: the
//! tests of `processes.rs` run it, each way that it knows.

use std::{
    process::ExitCode,
    sync::{Arc, Barrier, mpsc},
    thread,
};

use glib::MainContext;
use qio_task::{Error, Progress, QioTask};

const WORKERS: usize = 100;

fn main() -> ExitCode {
    let way = std::env::args().nth(1);
    let way = way.as_deref().unwrap_or("blocked");
    let context = MainContext::default();
    let owner = context.acquire().expect("nobody else owns it");
    let started = Arc::new(Barrier::new(WORKERS + 1));
    let (go, going) = mpsc::channel::<()>();
    let going = Arc::new(std::sync::Mutex::new(going));
    let progress = Progress::new(|_: usize| {});
    for number in 0..WORKERS {
        let (started, going) = (started.clone(), going.clone());
        let progress = progress.clone();
        let is_blocked = way == "blocked";
        QioTask::builder()
            .name(if number % 2 == 0 { "even" } else { "odd" })
            .callback(|_: Result<Vec<u8>, Error>| {})
            .run_in_thread(move |_| {
                started.wait();
                if is_blocked {
                    loop {
                        thread::park();
                    }
                }
                // As `main` returns, one after the other.
                let _ = going.lock().map(|going| going.recv());
                progress.report(number);
                Ok(vec![0; 1000])
            });
    }
    started.wait();
    QioTask::builder()
        .callback(|_: Result<(), Error>| {})
        .complete_in_idle(Ok(()));
    match way {
        "panicking" => panic!("as asked for"),
        "unowned" => drop(owner),
        _ => {}
    }
    drop(go);
    ExitCode::from(3)
}

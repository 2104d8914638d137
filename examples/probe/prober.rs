//! The main loop: so many probes at a time, and Ctrl-C.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io,
    path::PathBuf,
    process,
    rc::Rc,
    sync::Arc,
};

use gio::prelude::*;
use glib::MainLoop;
use qio_task::{Error, QioTask};
use rustls::ClientConfig;

use crate::{
    INTERRUPTED,
    cli::Options,
    connection::{Common, Connection},
    live::Live,
    record::Record,
    steps::{self, Probe},
    target::Target,
    trust::Trust,
};

/// What is known when the loop has ended.
pub struct Ended {
    /// In the order of the targets.
    pub records: Vec<Record>,
    /// By Ctrl-C.
    pub interrupted: bool,
}

/// Probes the targets that are any, and returns a record of each.
pub fn run(
    targets: Vec<Result<Target, Record>>,
    trust: Trust,
    options: &Options,
) -> Result<Ended, String> {
    let main_loop = MainLoop::new(None, false);
    let cancellable = gio::Cancellable::new();
    cancel_on_interrupt(&cancellable)?;

    let has_tls = |target: &Result<Target, Record>| target.as_ref().is_ok_and(|it| it.has_tls);
    // Files that were named are looked at in any case.
    let identity = options.cert.clone().zip(options.key.clone());
    let has_files = options.ca.is_some() || identity.is_some();
    let tls = if has_files || targets.iter().any(has_tls) {
        match load(trust, identity, &cancellable, &main_loop) {
            Ok(config) => Some(config),
            // Then every probe tells so for itself.
            Err(Error::Cancelled) => None,
            Err(error) => return Err(error.to_string()),
        }
    } else {
        None
    };

    let common = Common {
        cancellable: cancellable.clone(),
        timeout: options.timeout,
        tls,
        protocols: options.protocol.clone(),
        handshake_only: options.handshake_only,
    };
    let connections: Vec<Result<Connection, Record>> = targets
        .into_iter()
        .map(|target| target.map(|target| Connection::new(target, common.clone())))
        .collect();
    let waiting: VecDeque<_> = connections.iter().flatten().cloned().collect();
    if !waiting.is_empty() {
        let prober = Rc::new(Prober {
            left: Cell::new(waiting.len()),
            waiting: RefCell::new(waiting),
            live: Live::new(),
            main_loop: main_loop.clone(),
        });
        for _ in 0..options.parallel.get() {
            prober.start_next();
        }
        main_loop.run();
        prober.live.clear();
    }
    Ok(Ended {
        records: connections
            .into_iter()
            .map(|connection| {
                connection.map_or_else(|record| record, |connection| connection.record())
            })
            .collect(),
        interrupted: cancellable.is_cancelled(),
    })
}

/// The first Ctrl-C cancels every task; each then ends in its own callback. The second one ends
/// the program.
fn cancel_on_interrupt(cancellable: &gio::Cancellable) -> Result<(), String> {
    let cancellable = cancellable.clone();
    // On a thread of its own: a task may be cancelled from any.
    let interrupted = move || {
        if cancellable.is_cancelled() {
            process::exit(INTERRUPTED.into());
        }
        cancellable.cancel();
    };
    ctrlc::set_handler(interrupted).map_err(|error| format!("Ctrl-C can't be handled: {error}"))
}

/// Reads the certificates in a worker thread.
fn load(
    trust: Trust,
    identity: Option<(PathBuf, PathBuf)>,
    cancellable: &gio::Cancellable,
    main_loop: &MainLoop,
) -> Result<Arc<ClientConfig>, Error<io::Error>> {
    let loaded = Rc::new(RefCell::new(Err(Error::Abandoned)));
    QioTask::builder()
        .name("certificates")
        .cancellable(cancellable)
        .callback({
            let (loaded, main_loop) = (loaded.clone(), main_loop.clone());
            move |result| {
                *loaded.borrow_mut() = result;
                main_loop.quit();
            }
        })
        .run_in_thread(move |_| trust.load(identity));
    main_loop.run();
    loaded.replace(Err(Error::Abandoned))
}

struct Prober {
    waiting: RefCell<VecDeque<Connection>>,
    left: Cell<usize>,
    live: Live,
    main_loop: MainLoop,
}

impl Prober {
    fn start_next(self: &Rc<Self>) {
        let next = self.waiting.borrow_mut().pop_front();
        let Some(connection) = next else { return };
        let line = self.live.show(&connection);
        let prober = self.clone();
        let probe: Probe = QioTask::builder()
            .name("probe")
            .source(&connection)
            .callback(move |connection, result| {
                match result {
                    Ok(()) => {}
                    Err(Error::Failed(error)) => connection.failed(&error),
                    Err(lost) => {
                        let error = io::Error::other(lost.to_string());
                        connection.failed(&Error::Failed(error));
                    }
                }
                connection.close();
                line.end();
                prober.left.set(prober.left.get() - 1);
                prober.start_next();
                if prober.left.get() == 0 {
                    prober.main_loop.quit();
                }
            });
        steps::start(&connection, probe);
    }
}

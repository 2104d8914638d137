//! Whether no thread can start while another one drops its storage: then this ends well.
//!
//! On Windows it drops it while it holds the loader's lock, for which every thread asks as it
//! starts.

use std::{
    cell::Cell,
    process::ExitCode,
    sync::mpsc::{Sender, channel},
    thread,
    time::Duration,
};

/// Longer than any thread takes to start.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells as it is dropped whether another thread has started meanwhile.
struct Last(Sender<bool>);

impl Drop for Last {
    fn drop(&mut self) {
        let (sender, started) = channel();
        thread::spawn(move || sender.send(()));
        let _ = self.0.send(started.recv_timeout(PATIENCE).is_ok());
    }
}

thread_local! {
    static LAST: Cell<Option<Last>> = const { Cell::new(None) };
}

fn main() -> ExitCode {
    let (sender, told) = channel();
    thread::spawn(move || LAST.set(Some(Last(sender))));
    match told.recv() {
        Ok(false) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

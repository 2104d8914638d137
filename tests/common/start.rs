//! Starting a process of a test's own.

use std::{
    env,
    fs::OpenOptions,
    io::{self, Write},
    process::{Child, Command},
};

/// How often it is tried. Under Wine a process can't be made now and then, whatever makes it.
const TRIES: u32 = if cfg!(windows) { 5 } else { 1 };

/// Starts `command`. Where that has failed, and is tried again, there is a line more in the file
/// that `QIO_TASK_RETRIES` names: `cargo xtask check platforms` counts them.
///
/// # Panics
///
/// Panics when it has not started at last.
#[track_caller]
pub fn start(command: &mut Command) -> Child {
    let mut tries_left = TRIES;
    loop {
        tries_left -= 1;
        match command.spawn() {
            Ok(child) => return child,
            Err(error) if tries_left == 0 => panic!("{command:?}: {error}"),
            Err(error) => note(&error),
        }
    }
}

fn note(error: &io::Error) {
    eprintln!("a process was not started: {error}");
    if let Some(file) = env::var_os("QIO_TASK_RETRIES") {
        let mut file = OpenOptions::new().append(true).create(true).open(file);
        let noted = file.as_mut().map(|file| writeln!(file, "{error}"));
        let _ = noted.expect("the file can be written");
    }
}

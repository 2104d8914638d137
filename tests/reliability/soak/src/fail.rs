//! How the soak stops when a promise is broken: at once, with a sentence.

use std::{fmt, panic, thread};

/// What each panic of this program's own says: it is what a task ends with.
pub const ON_PURPOSE: &str = "a worker of the soak panics on purpose";

/// Says what is broken and ends the process, with a core where the system keeps one.
#[cold]
pub fn stop(what: fmt::Arguments<'_>) -> ! {
    let thread = thread::current();
    let name = thread.name().unwrap_or("a thread without a name");
    eprintln!("\nsoak: BROKEN on {name}: {what}");
    std::process::abort()
}

macro_rules! broken {
    ($($what:tt)*) => { $crate::fail::stop(format_args!($($what)*)) };
}
pub(crate) use broken;

/// A panic is part of the soak when it says so; any other one ends it.
pub fn watch_panics() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some(ON_PURPOSE) {
            print(panic);
            broken!("a panic that nobody has ordered");
        }
    }));
}

//! Where something panics.

use std::{
    panic::{AssertUnwindSafe, Location, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// How many lines a closure of `panic_of` has at most.
const LINES: u32 = 12;

/// The message of the panic of `misuse`, which has to be on its caller's own
/// line: in the file, and within the lines of the call of this.
#[track_caller]
pub fn panic_of(misuse: impl FnOnce()) -> String {
    static HOOK: Mutex<()> = Mutex::new(());
    let _one_at_a_time = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let this = thread::current().id();
    let seen = Arc::new(Mutex::new(None));
    let previous = Arc::new(std::panic::take_hook());
    std::panic::set_hook({
        let (seen, previous) = (seen.clone(), previous.clone());
        Box::new(move |info| {
            if thread::current().id() == this {
                let place = info.location();
                *seen.lock().unwrap() = place.map(|place| (place.file().to_owned(), place.line()));
            } else {
                previous(info);
            }
        })
    });
    let panic = catch_unwind(AssertUnwindSafe(misuse));
    std::panic::set_hook(Box::new(move |info| previous(info)));
    let panic = panic.expect_err("misuse is refused");
    let (file, line) = seen.lock().unwrap().take().expect("a panic has a place");
    let caller = Location::caller();
    assert!(
        file == caller.file() && (caller.line()..caller.line() + LINES).contains(&line),
        "the panic is on the caller's own line, not at {file}:{line}"
    );
    let message = panic.downcast_ref::<String>().cloned();
    let literal = || panic.downcast_ref::<&str>().map(|&text| text.to_owned());
    message.or_else(literal).expect("it has a message")
}

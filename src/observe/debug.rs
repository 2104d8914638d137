//! The list of unfinished tasks, printed at a signal and at the end.

use super::{
    inspect::{self, TaskInfo, inspect},
    signal::{Signal, Use},
    wanted::{self, VARIABLE, print},
};
use crate::base::G_LOG_DOMAIN;

/// Has the list printed at a signal, if the environment says so and nobody has seen to it.
#[cold]
pub(super) fn print_if_asked() {
    if let Some(signal) = wanted::take_signal()
        && let Err(complaint) = print_at(signal)
    {
        glib::g_warning!(G_LOG_DOMAIN, "{complaint}");
    }
}

/// Prints the list at each `signal`, from a thread of its own: the main loop may
/// be what hangs. Not if the program has a use for it.
fn print_at(signal: Signal) -> Result<(), String> {
    let name = signal.name().to_owned();
    let does = match signal.used() {
        Use::Free => {
            let started = signal.each("qio-task debug", || {
                if inspect::is_inspecting() {
                    print_list(&inspect());
                } else {
                    print("qio-task: `set_inspecting(false)` was called: no task is known\n");
                }
            });
            return started
                .map_err(|error| format!("{VARIABLE}: nothing can wait for {name}: {error}"));
        }
        Use::Ignored => "ignores",
        Use::Handled => "handles",
    };
    let another = if signal.is_usual() { "USR2" } else { "HUP" };
    Err(format!(
        "{VARIABLE}: the program {does} {name}, and still does: no list comes at it. Name another \
         signal, as in tasks={another}; \"help\" tells which there are"
    ))
}

fn print_list(tasks: &[TaskInfo]) {
    print(&inspect::List(tasks).to_string());
}

/// The main thread ends: prints what is left, if that is wanted.
pub(super) fn at_exit() {
    if !wanted::wants(wanted::PRINT) || !inspect::is_inspecting() {
        return;
    }
    let left = inspect::at_exit();
    if !left.is_empty() {
        print_list(&left);
    }
}

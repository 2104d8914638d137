//! GLib's log: a warning ends the soak, but for the one that is expected when
//! threads end with tasks left to them.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use glib::{LogLevel, LogLevels};

use crate::fail::broken;

static LEAKED: AtomicU64 = AtomicU64::new(0);

/// Looks at the log from now on.
pub fn watch(expects_orphans: bool) {
    glib::log_set_default_handler(move |domain, level, message| {
        let leaked = callbacks(message).filter(|_| expects_orphans);
        match (level, leaked) {
            (_, Some(number)) => {
                LEAKED.fetch_add(number, SeqCst);
            }
            (LogLevel::Error | LogLevel::Critical | LogLevel::Warning, None) => {
                broken!("{} warns: {message}", domain.unwrap_or("GLib"));
            }
            _ => eprintln!("{message}"),
        }
    });
    // GLib's own go past that handler.
    let mut fatal = LogLevels::LEVEL_ERROR | LogLevels::LEVEL_CRITICAL;
    if !expects_orphans {
        fatal |= LogLevels::LEVEL_WARNING;
    }
    glib::log_set_always_fatal(fatal);
}

/// How many callbacks the library says to have leaked so far.
pub fn leaked() -> u64 {
    LEAKED.load(SeqCst)
}

/// The number in "a thread ended while 3 callback(s) waited on it; they are leaked".
fn callbacks(message: &str) -> Option<u64> {
    let rest = message.strip_prefix("a thread ended while ")?;
    let (number, rest) = rest.split_once(' ')?;
    rest.contains("leaked").then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_callbacks_is_read() {
        let said = "a thread ended while 3 callback(s) waited on it; they are leaked";
        assert_eq!(callbacks(said), Some(3));
        assert_eq!(callbacks("something else"), None);
    }
}

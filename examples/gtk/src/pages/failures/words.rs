//! What a user is told of an error. Copy this file.

use gtk::{gio, glib};
use qio_task::Error;

/// What a toast says, and what its button offers.
pub struct Words {
    pub title: String,
    pub offer: Option<Offer>,
}

/// What the user can do about it.
pub enum Offer {
    /// It may well go better the next time.
    TryAgain,
    /// These details are for whoever wrote the program.
    CopyDetails(String),
}

/// The words for `error`, with which an operation on `subject` has ended. Few,
/// for a toast is one line in a window that may be narrow. None for what the
/// user did: nobody has to be told what they know.
pub fn words(subject: &str, error: &Error) -> Option<Words> {
    let (title, offer) = match error {
        Error::Cancelled => return None,
        Error::Failed(error) => (reason(subject, error), None),
        Error::TimedOut => (format!("{subject} took too long"), Some(Offer::TryAgain)),
        Error::Abandoned => (format!("{subject} was given up"), Some(Offer::TryAgain)),
        Error::Spawn(_) => ("The computer is too busy".to_owned(), Some(Offer::TryAgain)),
        // The message of a panic means something to its author alone.
        Error::Panicked(message) => (
            "Sorry, our mistake".to_owned(),
            Some(Offer::CopyDetails(message.clone())),
        ),
        // There may be more ways to fail one day.
        _ => ("Something went wrong".to_owned(), None),
    };
    Some(Words { title, offer })
}

/// The program's own words where it has better ones than GIO, whose are in the
/// user's language, but about paths and system calls.
fn reason(subject: &str, error: &glib::Error) -> String {
    match error.kind::<gio::IOErrorEnum>() {
        Some(gio::IOErrorEnum::NotFound) => format!("{subject} is not there"),
        Some(gio::IOErrorEnum::PermissionDenied) => format!("{subject} is not yours to see"),
        Some(gio::IOErrorEnum::NoSpace) => "The disk is full".to_owned(),
        _ => error.message().to_owned(),
    }
}

/// The name of the variant, for those who read this program.
pub fn variant<E>(error: &Error<E>) -> &'static str {
    match error {
        Error::Failed(_) => "Failed",
        Error::Cancelled => "Cancelled",
        Error::TimedOut => "TimedOut",
        Error::Abandoned => "Abandoned",
        Error::Panicked(_) => "Panicked",
        Error::Spawn(_) => "Spawn",
        _ => "new",
    }
}

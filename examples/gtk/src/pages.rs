//! The pages of the gallery, in their order.

mod accessible;
mod awaited;
mod failures;
mod flood;
mod handshake;
mod hash;
mod log;
mod lookup;
mod search;
mod tasks;
mod thumbnails;

use adw::prelude::*;
use gtk::glib;
use qio_task::Group;

use crate::window::Window;

/// One page of the gallery.
pub struct Page {
    /// What the command line and the tests call it.
    pub name: &'static str,
    /// What the list of pages calls it.
    pub title: &'static str,
    /// The name of its symbolic icon.
    pub icon: &'static str,
    /// Makes its content, which scrolls by itself: mostly an `AdwPreferencesPage`.
    pub build: fn() -> gtk::Widget,
}

/// All pages, in the order of the list.
pub const ALL: [Page; 10] = [
    lookup::PAGE,
    hash::PAGE,
    handshake::PAGE,
    flood::PAGE,
    failures::PAGE,
    awaited::PAGE,
    search::PAGE,
    log::PAGE,
    thumbnails::PAGE,
    tasks::PAGE,
];

/// A group that closes with the window that `widget` is in: for tasks that nobody waits for
/// once it is gone.
///
/// # Panics
///
/// Panics outside of a window, where nothing can have been pressed.
pub fn tasks_of_window(widget: &impl IsA<gtk::Widget>) -> Group {
    let window = widget.root().and_downcast::<Window>();
    window.expect("it is in a window").tasks().clone()
}

/// Tells the user of the window that `widget` is in.
pub fn toast(widget: &impl IsA<gtk::Widget>, text: &str) {
    show_toast(widget, adw::Toast::new(&toast_title(text)));
}

/// Shows `toast` in the window that `widget` is in, unless that has been closed.
pub fn show_toast(widget: &impl IsA<gtk::Widget>, toast: adw::Toast) {
    let overlay = widget.ancestor(adw::ToastOverlay::static_type());
    if let Some(overlay) = overlay.and_downcast::<adw::ToastOverlay>() {
        overlay.add_toast(toast);
    }
}

/// A toast's title is markup, and a text of the system may hold anything.
pub fn toast_title(text: &str) -> glib::GString {
    glib::markup_escape_text(text)
}

/// A number as people write it.
pub fn thousands(number: u32) -> String {
    match (number / 1_000, number % 1_000) {
        (0, rest) => rest.to_string(),
        (more, rest) => format!("{},{rest:03}", thousands(more)),
    }
}

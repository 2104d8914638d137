//! The pages of the gallery, in their order.

mod accessible;
mod awaited;
mod failures;
mod flood;
mod handshake;
mod hash;
mod lookup;
mod tasks;

use adw::prelude::*;

/// One page of the gallery.
pub struct Page {
    /// What the command line and the tests call it.
    pub name: &'static str,
    /// What the list of pages calls it.
    pub title: &'static str,
    /// The name of its symbolic icon.
    pub icon: &'static str,
    /// Makes its content, which scrolls by itself: mostly an `AdwPreferencesPage`.
    /// Errors go to the overlay, as toasts. It owns the page, so the page must
    /// not own it: a closed window would stay for ever.
    pub build: fn(&adw::ToastOverlay) -> gtk::Widget,
}

/// All pages, in the order of the list.
pub const ALL: [Page; 7] = [
    lookup::PAGE,
    hash::PAGE,
    handshake::PAGE,
    flood::PAGE,
    failures::PAGE,
    awaited::PAGE,
    tasks::PAGE,
];

/// Tells the user of the window that `widget` is in, if there is one still.
pub fn toast(widget: &impl IsA<gtk::Widget>, text: &str) {
    let overlay = widget.ancestor(adw::ToastOverlay::static_type());
    if let Some(overlay) = overlay.and_downcast::<adw::ToastOverlay>() {
        // A toast's title is markup, and a text of the system may hold anything.
        let text = gtk::glib::markup_escape_text(text);
        overlay.add_toast(adw::Toast::new(&text));
    }
}

//! The pages of the gallery, in their order.

mod awaited;
mod failures;
mod flood;
mod handshake;
mod hash;
mod lookup;
mod tasks;

/// One page of the gallery.
pub struct Page {
    /// What the command line and the tests call it.
    pub name: &'static str,
    /// What the list of pages calls it.
    pub title: &'static str,
    /// The name of its symbolic icon.
    pub icon: &'static str,
    /// Makes its content. Errors go to the overlay, as toasts.
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

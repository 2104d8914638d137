//! Tasks that are awaited on the main loop.

use adw::prelude::*;

use super::Page;

pub const PAGE: Page = Page {
    name: "awaited",
    title: "Await Tasks",
    icon: "media-playlist-consecutive-symbolic",
    build,
};

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    adw::StatusPage::builder()
        .title(PAGE.title)
        .build()
        .upcast()
}

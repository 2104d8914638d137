//! A TLS handshake that the main loop drives, without a thread.

use adw::prelude::*;

use super::Page;

pub const PAGE: Page = Page {
    name: "handshake",
    title: "Shake Hands",
    icon: "channel-secure-symbolic",
    build,
};

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    adw::StatusPage::builder()
        .title(PAGE.title)
        .build()
        .upcast()
}

//! A lookup about a widget: the task keeps it until its callback has returned.

use adw::prelude::*;

use super::Page;

pub const PAGE: Page = Page {
    name: "lookup",
    title: "Look Up a Name",
    icon: "network-server-symbolic",
    build,
};

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    adw::StatusPage::builder()
        .title(PAGE.title)
        .build()
        .upcast()
}

//! A walk through a folder, with progress, a cancel button and a timeout.

use adw::prelude::*;

use super::Page;

pub const PAGE: Page = Page {
    name: "hash",
    title: "Hash a Folder",
    icon: "folder-symbolic",
    build,
};

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    adw::StatusPage::builder()
        .title(PAGE.title)
        .build()
        .upcast()
}

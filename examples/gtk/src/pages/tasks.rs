//! What runs now, and what has held the loop: for the developer whose application feels stuck.

use adw::prelude::*;

use super::Page;

pub const PAGE: Page = Page {
    name: "tasks",
    title: "See What Runs",
    icon: "utilities-system-monitor-symbolic",
    build,
};

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    adw::StatusPage::builder()
        .title(PAGE.title)
        .build()
        .upcast()
}

//! Each way in which a task can fail, as a user should see it.

use adw::prelude::*;

use super::Page;

pub const PAGE: Page = Page {
    name: "failures",
    title: "Fail in Every Way",
    icon: "dialog-error-symbolic",
    build,
};

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    adw::StatusPage::builder()
        .title(PAGE.title)
        .build()
        .upcast()
}

//! A hundred thousand completions beside an animation.

use adw::prelude::*;

use super::Page;

pub const PAGE: Page = Page {
    name: "flood",
    title: "Flood the Loop",
    icon: "weather-storm-symbolic",
    build,
};

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    adw::StatusPage::builder()
        .title(PAGE.title)
        .build()
        .upcast()
}

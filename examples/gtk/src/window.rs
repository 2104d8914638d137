//! The window: a list of the pages, and the page that is open.

use adw::prelude::*;

use crate::pages;

/// Opens a window of `application`.
pub fn present(application: &adw::Application) {
    let toasts = adw::ToastOverlay::new();
    let stack = gtk::Stack::new();
    for page in pages::ALL {
        let content = (page.build)(&toasts);
        stack.add_titled(&content, Some(page.name), page.title);
    }
    toasts.set_child(Some(&stack));
    let window = adw::ApplicationWindow::builder()
        .application(application)
        .title("Task Gallery")
        .content(&toasts)
        .build();
    window.present();
}

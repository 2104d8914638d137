//! Task Gallery: a page for each thing that `qio-task` does in a GTK application.

mod pages;
mod window;

use adw::prelude::*;
use gtk::glib;

fn main() -> glib::ExitCode {
    let application = adw::Application::builder()
        .application_id("io.github.qio_task.Gallery")
        .build();
    application.connect_activate(window::present);
    application.run()
}

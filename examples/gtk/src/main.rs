//! Task Gallery: a page for each thing that `qio-task` does in a GTK application.

mod actions;
mod color;
mod folder_row;
mod options;
mod page_row;
mod pages;
mod run_buttons;
mod spinner;
mod status_row;
mod trace_log;
mod window;

use adw::prelude::*;
use gtk::{gio, glib};

fn main() -> glib::ExitCode {
    gio::resources_register_include!("gallery.gresource")
        .expect("the build compiled the resources");
    let application = adw::Application::builder()
        .application_id("io.github.qio_task.Gallery")
        .flags(gio::ApplicationFlags::HANDLES_COMMAND_LINE)
        .build();
    trace_log::install();
    options::add(&application);
    application.connect_startup(actions::add);
    application.run()
}

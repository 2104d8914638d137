//! The command line.

use std::ops::ControlFlow;

use adw::prelude::*;
use gtk::{
    gio,
    glib::{self, ExitCode, OptionArg, OptionFlags, VariantDict},
};

use crate::{pages, window::Window};

/// Adds the options of the command line to `application`, and opens windows as they say.
pub fn add(application: &adw::Application) {
    let option = |name, arg, description, value| {
        application.add_main_option(
            name,
            glib::Char::from(b'\0'),
            OptionFlags::NONE,
            arg,
            description,
            value,
        );
    };
    option(
        "page",
        OptionArg::String,
        "Open the page NAME",
        Some("NAME"),
    );
    option(
        "light",
        OptionArg::None,
        "Be light, whatever the system is",
        None,
    );
    option(
        "dark",
        OptionArg::None,
        "Be dark, whatever the system is",
        None,
    );
    option(
        "list-pages",
        OptionArg::None,
        "List the names of the pages",
        None,
    );
    application.connect_handle_local_options(|_, options| answer(options));
    application.connect_command_line(|application, command_line| {
        open(application, command_line);
        ExitCode::SUCCESS
    });
}

/// Does what needs no window, in the process that was given the options.
fn answer(options: &VariantDict) -> ControlFlow<ExitCode> {
    if options.contains("list-pages") {
        for page in pages::ALL {
            println!("{}\t{}", page.name, page.title);
        }
        return ControlFlow::Break(ExitCode::SUCCESS);
    }
    match page_name(options) {
        Some(name) if !pages::ALL.iter().any(|page| page.name == name) => {
            eprintln!("There is no page {name:?}; --list-pages lists them.");
            ControlFlow::Break(ExitCode::FAILURE)
        }
        _ => ControlFlow::Continue(()),
    }
}

fn page_name(options: &VariantDict) -> Option<String> {
    options.lookup("page").ok().flatten()
}

/// Shows a window: the one that is there already, when a second process asks for it.
fn open(application: &adw::Application, command_line: &gio::ApplicationCommandLine) {
    let options = command_line.options_dict();
    let style = adw::StyleManager::default();
    if options.contains("light") {
        style.set_color_scheme(adw::ColorScheme::ForceLight);
    } else if options.contains("dark") {
        style.set_color_scheme(adw::ColorScheme::ForceDark);
    }
    let window = application
        .active_window()
        .and_downcast()
        .unwrap_or_else(|| Window::new(application));
    if let Some(name) = page_name(&options) {
        window.show_page(&name);
    }
    window.present();
}

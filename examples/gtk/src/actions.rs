//! What the menu and the keyboard do, whichever page is open.

use adw::prelude::*;
use gtk::gio::{ActionEntry, PropertyAction};

use crate::{pages, window::Window};

/// Adds the actions of the application, and the keys of all actions.
pub fn add(application: &adw::Application) {
    application.add_action_entries([
        ActionEntry::builder("new-window")
            .activate(|application: &adw::Application, _, _| Window::new(application).present())
            .build(),
        ActionEntry::builder("about")
            .activate(|application, _, _| about(application))
            .build(),
        ActionEntry::builder("quit")
            .activate(|application: &adw::Application, _, _| application.quit())
            .build(),
    ]);
    // As an action, an enumeration is a choice among the names of its values.
    let style = adw::StyleManager::default();
    application.add_action(&PropertyAction::new("appearance", &style, "color-scheme"));

    for (action, keys) in [
        ("app.new-window", "<Control>n"),
        ("app.quit", "<Control>q"),
        ("window.close", "<Control>w"),
        ("win.show-help-overlay", "<Control>question"),
        ("win.back", "<Alt>Left"),
    ] {
        application.set_accels_for_action(action, &[keys]);
    }
    for (page, digit) in pages::ALL.iter().zip([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]) {
        let action = format!("win.page::{}", page.name);
        application.set_accels_for_action(&action, &[&format!("<Alt>{digit}")]);
    }
}

fn about(application: &adw::Application) {
    let backend = if cfg!(feature = "gtask") {
        "GTask"
    } else {
        "native"
    };
    let about = adw::AboutWindow::builder()
        .application_name("Task Gallery")
        .application_icon("io.github.qio_task.Gallery")
        .version(env!("CARGO_PKG_VERSION"))
        .developer_name("The authors of qio-task")
        .comments(env!("CARGO_PKG_DESCRIPTION"))
        .license_type(gtk::License::MitX11)
        .debug_info(format!(
            "qio-task backend: {backend}\nGTK {}.{}.{}\nlibadwaita {}.{}.{}",
            gtk::major_version(),
            gtk::minor_version(),
            gtk::micro_version(),
            adw::major_version(),
            adw::minor_version(),
            adw::micro_version(),
        ))
        .modal(true)
        .build();
    about.set_transient_for(application.active_window().as_ref());
    about.present();
}

//! Objects, such as widgets, stay on their thread.

fn main() {
    let label = gio::SimpleAction::new("label", None);
    qio_task::spawn_blocking(move |_| Ok::<_, glib::Error>(label.set_enabled(true))).detach();
}

//! `?` converts an error where there is a conversion.

fn main() {
    qio_task::spawn_blocking(|_| Ok::<_, glib::Error>(std::fs::read("Cargo.toml")?)).detach();
}

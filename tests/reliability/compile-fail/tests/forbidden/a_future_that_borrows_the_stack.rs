//! A worker outlives the function that awaits it.

fn main() {
    let words = vec!["on", "the", "stack"];
    qio_task::spawn_blocking(|_| Ok::<_, glib::Error>(words.len())).detach();
}

//! Nothing but the worker tells how it fails.

fn main() {
    let _ = qio_task::spawn_blocking(|_| Ok(3));
}

//! Nothing but the worker tells how it fails.

fn main() {
    let three = qio_task::spawn_blocking(|_| Ok(3));
}

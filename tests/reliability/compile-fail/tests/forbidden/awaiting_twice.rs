//! To await it uses the future up.

use glib::MainContext;

fn main() {
    let future = qio_task::spawn_blocking(|_| Ok::<_, glib::Error>(1));
    let _ = MainContext::default().block_on(future);
    let _ = MainContext::default().block_on(future);
}

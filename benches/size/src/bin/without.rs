//! The same main loop, with a thread of the standard library and an idle source.

use std::thread;

use glib::MainLoop;

fn main() {
    let main_loop = MainLoop::new(None, false);
    let quit = main_loop.clone();
    let work = thread::spawn(move || {
        let answer = 42_u32;
        glib::idle_add_once(move || {
            println!("{answer}");
            quit.quit();
        });
    });
    main_loop.run();
    drop(work.join());
}

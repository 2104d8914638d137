//! A main loop and one task that runs in a thread, by the library.

use glib::MainLoop;
use qio_task::QioTask;

fn main() {
    let main_loop = MainLoop::new(None, false);
    let quit = main_loop.clone();
    QioTask::builder()
        .callback(move |result: Result<u32, qio_task::Error>| {
            if let Ok(answer) = result {
                println!("{answer}");
            }
            quit.quit();
        })
        .run_in_thread(|_worker| Ok(42));
    main_loop.run();
}

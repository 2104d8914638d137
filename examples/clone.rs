//! Counts the lines of files, for a list that the callbacks hold weakly, by `glib::clone!`.
//!
//! A task's source is kept alive until its callback. What a callback holds weakly is
//! not: a list that has gone by then is not told, as it is with any other handler.

use std::{
    env,
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    rc::Rc,
};

use gio::prelude::*;
use glib::BoxedAnyObject;
use qio_task::{Error, QioTask};

fn main() {
    let main_loop = glib::MainLoop::new(None, false);
    // The model of a list view, and that of one that is closed before it is filled.
    let list = gio::ListStore::new::<BoxedAnyObject>();
    let closed = gio::ListStore::new::<BoxedAnyObject>();

    let quit = Rc::new(Quit(main_loop.clone()));
    for file in files() {
        count(&file, &list, &quit);
        count(&file, &closed, &quit);
    }
    drop((closed, quit));
    main_loop.run();

    for row in list.iter::<BoxedAnyObject>() {
        println!(
            "{}",
            row.expect("nobody changes the list").borrow::<String>()
        );
    }
}

/// Adds a row to `list` when the lines of `file` have been counted, if the list is still
/// there.
fn count(file: &Path, list: &gio::ListStore, quit: &Rc<Quit>) {
    let name = file.display().to_string();
    let file = file.to_owned();
    QioTask::builder()
        .name("count")
        .callback(glib::clone!(
            #[weak]
            list,
            #[strong]
            quit,
            #[upgrade_or_else]
            || println!("a list that was closed meanwhile"),
            move |lines: Result<usize, Error<io::Error>>| {
                let row = match lines {
                    Ok(lines) => format!("{name}: {lines} lines"),
                    Err(error) => format!("{name}: {error}"),
                };
                list.append(&BoxedAnyObject::new(row));
                drop(quit);
            }
        ))
        .run_in_thread(move |_| {
            let mut lines = BufReader::new(File::open(file)?).lines();
            lines.try_fold(0, |count, line| line.map(|_| count + 1))
        });
}

/// Those of the command line, or what everybody has who can build this.
fn files() -> Vec<PathBuf> {
    let named: Vec<_> = env::args_os().skip(1).map(PathBuf::from).collect();
    if named.is_empty() {
        vec![concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into()]
    } else {
        named
    }
}

/// Stops the loop as the last callback goes that holds it.
struct Quit(glib::MainLoop);

impl Drop for Quit {
    fn drop(&mut self) {
        self.0.quit();
    }
}

//! The walk, without the page.

use std::{
    cell::{Cell, RefCell},
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use gtk::glib::MainContext;
use qio_task::{Error, Progress, QioTask};

use super::walk::{self, Step};

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("inner")).unwrap();
        let folder = Self(path);
        folder.write("one", b"1");
        folder.write("inner/two", b"22");
        folder
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.join(name), content).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

type Digest = Result<String, Error<io::Error>>;

/// Hashes `folder` and returns the digest and the last step that was reported.
fn hash(folder: &Path) -> (Digest, Step) {
    let last = Rc::new(RefCell::new(Step::default()));
    let digest = Rc::new(Cell::new(None));
    let context = MainContext::new();
    context
        .with_thread_default(|| {
            let progress = Progress::new({
                let last = last.clone();
                move |step: Step| {
                    last.replace(step);
                }
            });
            let folder = folder.to_owned();
            QioTask::builder()
                .callback({
                    let digest = digest.clone();
                    move |result: Digest| digest.set(Some(result))
                })
                .run_in_thread(move |worker| walk::hash(&folder, worker, &progress))
                .wait();
        })
        .unwrap();
    (digest.take().unwrap(), last.take())
}

#[test]
fn the_same_files_have_the_same_digest_anywhere() {
    let (here, there) = (Folder::new("gallery-here"), Folder::new("gallery-there"));
    let (digest, step) = hash(&here.0);
    let digest = digest.unwrap();
    assert_eq!(digest, hash(&there.0).0.unwrap());
    assert_eq!((step.files, step.bytes, step.total), (2, 3, Some(3)));

    there.write("one", b"2");
    assert_ne!(digest, hash(&there.0).0.unwrap());
    fs::rename(here.0.join("one"), here.0.join("uno")).unwrap();
    assert_ne!(digest, hash(&here.0).0.unwrap());
}

#[test]
fn a_link_is_not_followed_out_of_the_folder() {
    let (folder, other) = (Folder::new("gallery-link"), Folder::new("gallery-other"));
    let digest = hash(&folder.0).0.unwrap();
    std::os::unix::fs::symlink(&other.0, folder.0.join("link")).unwrap();
    assert_eq!(digest, hash(&folder.0).0.unwrap());
}

#[test]
fn a_file_that_cannot_be_read_is_counted() {
    // Nothing is mapped at its beginning, so not even root can read it.
    let (digest, step) = hash(Path::new("/proc/self/mem"));
    digest.unwrap();
    assert_eq!((step.files, step.unreadable), (0, 1));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let (digest, _) = hash(Path::new("/nonexistent/gallery"));
    assert!(matches!(digest, Err(Error::Failed(_))), "{digest:?}");
}

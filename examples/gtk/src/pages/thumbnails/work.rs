//! What the threads do: find pictures, and decode them.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use gtk::{
    gdk,
    gdk_pixbuf::{Pixbuf, PixbufFormat},
    glib,
};
use qio_task::Worker;

use super::samples;

/// How wide and high a thumbnail is at most, on a display of twice the usual pixels.
const SIZE: i32 = 192;
/// A page that shows more would be one with pages.
const MOST: usize = 1_000;
/// How often a worker asks whether it is still wanted.
const PAUSE: Duration = Duration::from_millis(20);

/// How many workers are at work.
#[derive(Clone, Default)]
pub struct AtWork(Arc<AtomicUsize>);

impl AtWork {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// One more, until what this returns is dropped.
    pub fn begin(&self) -> impl Drop + use<> {
        struct One(AtWork);
        impl Drop for One {
            fn drop(&mut self) {
                self.0.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        One(self.clone())
    }
}

/// The pictures in `folder`, by their names. Where it is that of the samples, they are painted
/// first.
pub fn find(folder: &Path, worker: &Worker) -> Result<Vec<PathBuf>, glib::Error> {
    if folder == samples::folder() {
        samples::paint(worker)?;
    }
    let read = || {
        let entries = fs::read_dir(folder)?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths.collect::<Result<Vec<_>, _>>()
    };
    let mut pictures = read().map_err(|error| {
        let text = format!("{}: {error}", folder.display());
        glib::Error::new(glib::FileError::Failed, &text)
    })?;
    let formats = Pixbuf::formats();
    let endings: Vec<_> = formats.iter().flat_map(PixbufFormat::extensions).collect();
    pictures.retain(|path| {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        let ending = ending.to_lowercase();
        endings.iter().any(|known| *known == ending)
    });
    pictures.sort();
    pictures.truncate(MOST);
    Ok(pictures)
}

/// Decodes the picture at `path`, small. It takes `least` time.
pub fn decode(path: &Path, least: Duration, worker: &Worker) -> Result<gdk::Texture, glib::Error> {
    let begun = Instant::now();
    while begun.elapsed() < least {
        worker.check_cancelled()?;
        thread::sleep(PAUSE);
    }
    let picture = Pixbuf::from_file_at_scale(path, SIZE, SIZE, true)?;
    // As it was held when it was taken.
    let picture = picture.apply_embedded_orientation().unwrap_or(picture);
    Ok(gdk::Texture::for_pixbuf(&picture))
}

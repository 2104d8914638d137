//! Writes a trace that Perfetto opens, of a photo album that imports pictures:
//! `trace_file [FILE]`.

#[path = "trace_file/album.rs"]
mod album;
#[path = "trace_file/names.rs"]
mod names;

use std::{env, fs::File, io, path::Path};

use tracing_chrome::ChromeLayerBuilder;
use tracing_subscriber::{layer::SubscriberExt, registry::Registry};

fn main() -> io::Result<()> {
    let path = match env::args_os().nth(1) {
        Some(path) => path.into(),
        None => env::temp_dir().join("qio-task-trace.json"),
    };
    record(&path)?;
    println!("The trace is in {}.", path.display());
    println!("Open it at https://ui.perfetto.dev: it stays in the browser.");
    Ok(())
}

/// Imports an album, and writes what its tasks did to a file at `path`.
pub(crate) fn record(path: &Path) -> io::Result<()> {
    let (layer, written) = ChromeLayerBuilder::new()
        .writer(File::create(path)?)
        // A slice of the time line is called as its task is, and tells of it.
        .name_fn(Box::new(names::of))
        .include_args(true)
        .build();
    let subscriber = Registry::default().with(names::Names).with(layer);
    tracing::subscriber::set_global_default(subscriber).expect("it is the first subscriber");
    album::import();
    // As it is dropped the file is complete.
    drop(written);
    Ok(())
}

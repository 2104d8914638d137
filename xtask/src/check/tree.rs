//! A copy of the repository, for what changes sources.

use std::fs;
use std::io;
use std::path::Path;

use crate::run::{Outcome, root};

/// What is no source: what is built, and the history.
const NOT_COPIED: [&str; 2] = ["target", ".git"];

/// Makes `copy` what the repository is, and leaves alone what is so already: it need
/// not be built anew.
pub fn mirror(copy: &Path) -> Outcome {
    mirror_folder(root(), copy, &NOT_COPIED)
        .map_err(|error| format!("can't copy the repository to {}: {error}", copy.display()))
}

fn mirror_folder(from: &Path, to: &Path, left_out: &[&str]) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(to)? {
        let file = file?;
        if !from.join(file.file_name()).exists() {
            if file.file_type()?.is_dir() {
                fs::remove_dir_all(file.path())?;
            } else {
                fs::remove_file(file.path())?;
            }
        }
    }
    for file in fs::read_dir(from)? {
        let file = file?;
        let (name, copy) = (file.file_name(), to.join(file.file_name()));
        if left_out.iter().any(|left_out| *left_out == name) {
            continue;
        }
        if file.file_type()?.is_dir() {
            mirror_folder(&file.path(), &copy, &[])?;
        } else {
            let content = fs::read(file.path())?;
            if !fs::read(&copy).is_ok_and(|copied| copied == content) {
                fs::write(&copy, content)?;
            }
            // A script that tests run is a program there, too.
            fs::set_permissions(&copy, file.metadata()?.permissions())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::target;

    #[test]
    fn a_copy_becomes_what_the_original_is() -> io::Result<()> {
        let place = target().unwrap().join("mirror");
        let _ = fs::remove_dir_all(&place);
        let (from, to) = (place.join("from"), place.join("to"));
        for folder in ["from/src", "from/target", "to/gone"] {
            fs::create_dir_all(place.join(folder))?;
        }
        fs::write(from.join("src/task.rs"), "new")?;
        fs::write(from.join("target/built"), "")?;
        fs::write(to.join("removed.rs"), "")?;
        let mut read_only = fs::metadata(from.join("src/task.rs"))?.permissions();
        read_only.set_readonly(true);
        fs::set_permissions(from.join("src/task.rs"), read_only.clone())?;
        mirror_folder(&from, &to, &NOT_COPIED)?;
        let copy = to.join("src/task.rs");
        assert_eq!(fs::read_to_string(&copy)?, "new");
        assert_eq!(fs::metadata(&copy)?.permissions(), read_only);
        for gone in ["gone", "removed.rs", "target"] {
            assert!(!to.join(gone).exists(), "{gone}");
        }
        fs::remove_dir_all(&place)
    }
}

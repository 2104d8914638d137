//! The check itself, on packages made for it.

mod circles;
mod floors;
mod paths;

use crate::findings::findings;
use crate::sources::Sources;

/// What is wrong with a package of these files.
fn found<const N: usize>(files: [(&str, &str); N]) -> Vec<String> {
    findings(&Sources::from(files), None)
}

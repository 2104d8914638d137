//! The six steps of the guide, as a newcomer takes them.

use std::fs;
use std::path::Path;

use super::ending::Work;
use super::packaged::unpack;
use crate::run::{Outcome, cargo, output, target};

/// What a newcomer has written before the first step, but for the package itself.
const MANIFEST: &str = "\
[workspace]
[package]
name = \"lines\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
gio = \"0.22\"
glib = \"0.22\"
";

/// What each step prints of a file of 10 lines.
const PRINTED: [&str; 6] = [
    "counted: Ok(3)\ndone\n",
    "counted: Ok(10)\n",
    "count: Ok(10)\n",
    "counted: Ok(10)\n",
    "\ncounted: Ok(10)\n",
    "\n10 lines\n",
];

/// Takes them in a program of its own, with the package as it would be published.
pub fn six_steps() -> Work<String> {
    let place = target()?.join("check/guide");
    let package = unpack(&place)?;
    let program = place.join("lines");
    let dependency = format!("qio-task = {{ path = '{}' }}\n", package.display());
    write(
        &program.join("Cargo.toml"),
        &(MANIFEST.to_owned() + &dependency),
    )?;
    let guide = fs::read_to_string(package.join("docs/guide.md"))
        .map_err(|error| format!("the package has no guide: {error}"))?;
    let mut taken = 0;
    for (code, expected) in steps(&guide).zip(PRINTED) {
        taken += 1;
        write(&program.join("src/main.rs"), code)?;
        let printed = output(
            cargo(&["run", "--quiet"])
                .current_dir(&program)
                .env("CARGO_TARGET_DIR", place.join("built")),
        );
        if printed.as_deref() != Some(expected) {
            let why = format!("step {taken} of the guide prints {printed:?}, not {expected:?}");
            return Err(why.into());
        }
    }
    if taken < PRINTED.len() {
        return Err(format!("the guide has {taken} steps").into());
    }
    Ok(format!("{taken} steps"))
}

/// The programs of the guide, in its order.
fn steps(guide: &str) -> impl Iterator<Item = &str> {
    let blocks = guide.split("\n```rust\n").skip(1);
    blocks.filter_map(|block| Some(block.split_once("```")?.0))
}

fn write(file: &Path, text: &str) -> Outcome {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| format!("can't write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_block_of_rust() {
        let guide =
            "# Guide\n\n```sh\ncargo new\n```\n\n```rust\nfn main() {}\n```\n\nIt prints.\n";
        assert_eq!(steps(guide).collect::<Vec<_>>(), ["fn main() {}\n"]);
    }

    #[test]
    fn the_manifest_has_ten_lines_with_the_package() {
        assert_eq!(MANIFEST.lines().count() + 1, 10);
    }
}

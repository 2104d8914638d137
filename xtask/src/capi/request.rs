//! What the user has asked of `cargo xtask capi`.

use std::path::{Path, PathBuf};

use crate::run::Outcome;

/// The arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Where to install the library, besides.
    pub prefix: Option<PathBuf>,
    /// What chooses its backend.
    pub features: String,
    pub help: bool,
}

impl Request {
    pub fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut request = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (option, mut value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None => (word.as_str(), None),
            };
            let mut value = || {
                let value = value.take().or_else(|| words.next().map(String::as_str));
                let value = value.filter(|value| !value.is_empty());
                value.ok_or_else(|| format!("`{option}` needs a value"))
            };
            match option {
                "--prefix" => request.prefix = Some(absolute(value()?)?),
                "--features" => request.features = backend(value()?)?,
                "--help" | "-h" => request.help = true,
                _ => return Err(format!("`capi` takes no `{word}`")),
            }
        }
        Ok(request)
    }
}

/// Cargo is started elsewhere, and the user means a folder here.
fn absolute(prefix: &str) -> Outcome<PathBuf> {
    std::path::absolute(Path::new(prefix))
        .map_err(|error| format!("can't tell where {prefix} is: {error}"))
}

fn backend(features: &str) -> Outcome<String> {
    match features {
        "gtask" => Ok(features.to_owned()),
        _ => Err(format!("the C library has no feature `{features}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Outcome<Request> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Request::parse(&words)
    }

    #[test]
    fn nothing_need_be_told() {
        assert_eq!(parse(""), Ok(Request::default()));
    }

    #[test]
    fn the_library_and_its_place_are_told_in_either_way() {
        let both = Ok(Request {
            prefix: Some("/opt/q".into()),
            features: "gtask".to_owned(),
            help: false,
        });
        assert_eq!(parse("--prefix /opt/q --features gtask"), both);
        assert_eq!(parse("--features=gtask --prefix=/opt/q"), both);
    }

    #[test]
    fn a_place_is_one_seen_from_here() {
        let here = std::env::current_dir().unwrap().join("out");
        assert_eq!(parse("--prefix out").unwrap().prefix, Some(here));
    }

    #[test]
    fn what_is_misspelt_is_refused() {
        for line in [
            "--prefix",
            "--prefix=",
            "--features=gtsk",
            "--features",
            "--prefx /opt",
            "/opt",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}

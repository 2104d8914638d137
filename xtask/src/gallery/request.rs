//! What the user has asked of `cargo xtask gallery`.

use crate::run::Outcome;

/// What is to be done, and on which backends.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Test it, rather than run it.
    pub test: bool,
    pub gtask: bool,
    pub help: bool,
    /// The application's arguments, or the names of the tests' files: none names all.
    pub rest: Vec<String>,
}

impl Request {
    pub fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut request = Self::default();
        let mut words = arguments.iter();
        for word in words.by_ref() {
            match word.as_str() {
                "--test" => request.test = true,
                "--gtask" => request.gtask = true,
                "--help" | "-h" => request.help = true,
                "--" => break,
                option if option.starts_with('-') => {
                    return Err(format!(
                        "`gallery` takes no `{option}`; what is for the application follows `--`"
                    ));
                }
                _ => request.rest.push(word.clone()),
            }
        }
        if request.test || request.rest.is_empty() {
            request.rest.extend(words.cloned());
            return Ok(request);
        }
        Err(format!(
            "`gallery` takes no `{}`, unless with `--test`",
            request.rest[0]
        ))
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
    fn the_application_gets_what_follows() {
        let request = parse("--gtask -- --gtask flood").unwrap();
        assert!(request.gtask && !request.test);
        assert_eq!(request.rest, ["--gtask", "flood"]);
    }

    #[test]
    fn tests_may_be_named() {
        let request = parse("--test flood hash").unwrap();
        assert!(request.test && !request.gtask);
        assert_eq!(request.rest, ["flood", "hash"]);
        assert!(parse("--test").unwrap().rest.is_empty());
    }

    #[test]
    fn what_is_misspelt_is_refused() {
        for line in ["--tset", "flood", "--gtask flood -- x"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}

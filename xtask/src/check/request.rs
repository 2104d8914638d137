//! What is asked of `cargo xtask check`.

use super::Stage;

/// The stages that are asked for, and how.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// None names all.
    stages: Vec<String>,
    /// Every mutant, not a share of them.
    pub all_mutants: bool,
    pub help: bool,
}

impl Request {
    pub fn parse(arguments: &[String], stages: &[Stage]) -> Result<Self, String> {
        let mut request = Self::default();
        for word in arguments {
            match word.as_str() {
                "--help" | "-h" => request.help = true,
                "--all" => request.all_mutants = true,
                name if stages.iter().any(|stage| stage.name == name) => {
                    request.stages.push(word.clone());
                }
                _ => return Err(format!("`check` has no stage or option `{word}`")),
            }
        }
        Ok(request)
    }

    pub fn names(&self, stage: &str) -> bool {
        self.stages.is_empty() || self.stages.iter().any(|name| name == stage)
    }
}

#[cfg(test)]
mod tests {
    use super::super::STAGES;
    use super::*;

    fn parse(words: &[&str]) -> Result<Request, String> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        Request::parse(&words, &STAGES)
    }

    #[test]
    fn without_a_name_all_stages_run() {
        let request = parse(&[]).unwrap();
        assert!(request.names("model") && request.names("semver"));
    }

    #[test]
    fn a_name_asks_for_that_stage_alone() {
        let request = parse(&["mutants", "--all"]).unwrap();
        assert!(request.names("mutants") && !request.names("model"));
        assert!(request.all_mutants);
    }

    #[test]
    fn a_misspelt_name_is_refused() {
        assert!(parse(&["mutant"]).is_err());
    }
}

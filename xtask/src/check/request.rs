//! What is asked of `cargo xtask check`.

/// The stage that takes names of releases.
pub const SYSTEMS: &str = "systems";

/// The stage that takes names of its parts, and those.
pub const PLATFORMS: &str = "platforms";
pub const PARTS: [&str; 4] = ["types", "portable", "windows", "c"];

/// The stages that are asked for, and how.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// None names all but those that take too long for that.
    stages: Vec<String>,
    /// Every mutant, not a share of them.
    pub all_mutants: bool,
    /// The releases of Debian for the stage that takes them; none names its own choice.
    pub releases: Vec<String>,
    /// What is run on them.
    pub there: There,
    /// The parts of the stage that takes them; none names all.
    parts: Vec<String>,
    pub help: bool,
}

/// What is run on other releases of Debian, and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum There {
    /// The whole test and the model.
    #[default]
    Tests,
    /// The gallery's tests.
    Gallery,
    /// The stage `loops`.
    Loops,
}

impl Request {
    /// `stages` are the names of those that there are.
    pub fn parse(arguments: &[String], stages: &[&str]) -> Result<Self, String> {
        let mut request = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--help" | "-h" => request.help = true,
                "--all" => request.all_mutants = true,
                "--gallery" => request.there = There::Gallery,
                "--loops" => request.there = There::Loops,
                "--release" => request.releases.push(release(words.next())?),
                "--part" => request.parts.push(part(words.next())?),
                name if stages.contains(&name) => {
                    request.stages.push(word.clone());
                }
                _ => return Err(format!("`check` has no stage or option `{word}`")),
            }
        }
        if !request.releases.is_empty() && !request.asks_for(SYSTEMS) {
            return Err(format!("`--release` is for the stage `{SYSTEMS}`"));
        }
        if request.there != There::Tests && !request.asks_for(SYSTEMS) {
            return Err(format!(
                "`--gallery` and `--loops` are for the stage `{SYSTEMS}`"
            ));
        }
        if !request.parts.is_empty() && !request.asks_for(PLATFORMS) {
            return Err(format!("`--part` is for the stage `{PLATFORMS}`"));
        }
        Ok(request)
    }

    /// Whether a stage of this name is to run that runs if none is named.
    pub fn names(&self, stage: &str) -> bool {
        self.stages.is_empty() || self.asks_for(stage)
    }

    /// Whether this part of its stage is to run.
    pub fn has_part(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|name| name == part)
    }

    /// Whether this very stage is asked for.
    pub fn asks_for(&self, stage: &str) -> bool {
        self.stages.iter().any(|name| name == stage)
    }
}

/// The name of a release, which becomes that of a folder.
fn release(name: Option<&String>) -> Result<String, String> {
    match name {
        Some(name) if !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()) => {
            Ok(name.clone())
        }
        _ => Err("`--release` takes the name of a release of Debian, as `trixie`".to_owned()),
    }
}

fn part(name: Option<&String>) -> Result<String, String> {
    match name {
        Some(name) if PARTS.contains(&name.as_str()) => Ok(name.clone()),
        _ => Err(format!("`--part` takes one of {}", PARTS.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::*;

    fn parse(words: &[&str]) -> Result<Request, String> {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        Request::parse(&words, &names())
    }

    #[test]
    fn without_a_name_all_stages_run_that_are_not_too_long() {
        let request = parse(&[]).unwrap();
        for stage in ["model", "miri", "semver"] {
            assert!(request.names(stage));
        }
        assert!(!request.asks_for(SYSTEMS));
    }

    #[test]
    fn a_name_asks_for_that_stage_alone() {
        let request = parse(&["mutants", "--all"]).unwrap();
        assert!(request.names("mutants") && !request.names("model"));
        assert!(request.all_mutants);
        let request = parse(&[SYSTEMS]).unwrap();
        assert!(request.asks_for(SYSTEMS) && !request.names("model"));
        let request = parse(&["miri"]).unwrap();
        assert!(request.names("miri") && !request.names("interleavings"));
    }

    #[test]
    fn a_misspelt_name_is_refused() {
        assert!(parse(&["mutant"]).is_err());
    }

    #[test]
    fn parts_are_for_the_stage_that_has_them() {
        let request = parse(&[PLATFORMS]).unwrap();
        assert!(PARTS.iter().all(|part| request.has_part(part)));
        let request = parse(&[PLATFORMS, "--part", "types"]).unwrap();
        assert!(request.has_part("types") && !request.has_part("windows"));
        for words in [
            &["--part", "types"][..],
            &[PLATFORMS, "--part"],
            &[PLATFORMS, "--part", "type"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn releases_are_for_the_stage_that_takes_them() {
        let request = parse(&[SYSTEMS, "--release", "sid", "--release", "trixie"]).unwrap();
        assert_eq!(request.releases, ["sid", "trixie"]);
        assert_eq!(request.there, There::Tests);
        for (option, there) in [("--gallery", There::Gallery), ("--loops", There::Loops)] {
            assert_eq!(parse(&[SYSTEMS, option]).unwrap().there, there);
        }
        for words in [
            &["--release", "sid"][..],
            &["model", "--release", "sid"],
            &["--gallery"],
            &["--loops"],
            &[SYSTEMS, "--release"],
            &[SYSTEMS, "--release", "../sid"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}

//! What is asked of `cargo xtask check`.

/// The stage that takes names of releases.
pub const SYSTEMS: &str = "systems";

/// The stage that takes names of its parts.
pub const PLATFORMS: &str = "platforms";

/// Those parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Types,
    Portable,
    Windows,
    C,
}

impl Part {
    /// In the order in which they run.
    pub const ALL: [Self; 4] = [Self::Types, Self::Portable, Self::Windows, Self::C];

    pub fn name(self) -> &'static str {
        match self {
            Self::Types => "types",
            Self::Portable => "portable",
            Self::Windows => "windows",
            Self::C => "c",
        }
    }

    /// All of them, as a sentence has them.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

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
    parts: Vec<Part>,
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
    pub fn has_part(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
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

fn part(name: Option<&String>) -> Result<Part, String> {
    let is_named = |part: &Part| name.is_some_and(|name| name == part.name());
    let part = Part::ALL.into_iter().find(is_named);
    part.ok_or_else(|| format!("`--part` takes one of {}", Part::names()))
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
        assert!(Part::ALL.into_iter().all(|part| request.has_part(part)));
        let request = parse(&[PLATFORMS, "--part", "types"]).unwrap();
        assert!(request.has_part(Part::Types) && !request.has_part(Part::Windows));
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

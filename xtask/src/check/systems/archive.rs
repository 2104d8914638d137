//! Debian's archive, as this machine's apt knows it: no name of a server is written here.

use std::process::Command;

use super::super::ending::{Stop, Work};
use crate::manager::Manager;
use crate::run::{output, run};

/// What apt is to tell of each source.
const FORMAT: &str = "$(ORIGIN) $(LABEL) $(REPO_URI)";

/// What a root's apt is told as this machine's is: how the archive is reached, and
/// whether it may be an old copy.
const OPTIONS: [&str; 5] = [
    "Acquire::Check-",
    "Acquire::http",
    "Acquire::https",
    "Acquire::ForceIPv",
    "Acquire::Retries",
];

/// Where releases of Debian are downloaded from.
pub struct Archive {
    pub uri: String,
    /// A file of settings for the apt of a root.
    pub options: String,
}

/// Whether this machine has what releases of Debian are downloaded with.
pub fn is_reachable() -> Work<()> {
    if Manager::find() == Some(Manager::Apt) {
        return Ok(());
    }
    let why = "another release of Debian is downloaded with apt, which is not here";
    Err(Stop::Lacks(why.to_owned()))
}

impl Archive {
    pub fn find() -> Work<Self> {
        let uri = asked().or_else(|| {
            // Where the lists were never fetched, nobody knows what the sources are.
            run_update();
            asked()
        });
        let options = output(Command::new("apt-config").arg("dump")).unwrap_or_default();
        Ok(Self {
            uri: uri.ok_or_else(|| {
                Stop::Lacks("none of the sources of this machine's apt is Debian's archive".into())
            })?,
            options: chosen(&options),
        })
    }
}

fn asked() -> Option<String> {
    let mut ask = Command::new("apt-get");
    find(&output(ask.args(["indextargets", "--format", FORMAT]))?)
}

fn run_update() {
    if let Some(words) = Manager::Apt.update()
        && let Err(why) = run(Command::new(&words[0]).args(&words[1..]))
    {
        eprintln!("xtask: {why}");
    }
}

/// The archive itself among `sources`; that of security updates is another.
fn find(sources: &str) -> Option<String> {
    let uri = |line: &str| line.strip_prefix("Debian Debian ").map(str::to_owned);
    sources.lines().find_map(uri)
}

/// Those lines of apt's `settings` that a root needs, too.
fn chosen(settings: &str) -> String {
    let is_chosen = |line: &&str| OPTIONS.iter().any(|option| line.starts_with(option));
    let lines: Vec<_> = settings.lines().filter(is_chosen).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_neither_the_one_for_security_nor_somebody_elses() {
        let sources = "Debian Debian-Security file:/security/\n$(ORIGIN) $(LABEL) file:/new/\n\
                       Debian Debian file:/debian/\nUbuntu Ubuntu file:/ubuntu/\n";
        assert_eq!(find(sources).as_deref(), Some("file:/debian/"));
        assert_eq!(find("Ubuntu Ubuntu file:/ubuntu/\n"), None);
    }

    #[test]
    fn a_root_gets_what_reaches_the_archive() {
        let settings = "Acquire::Check-Date \"false\";\nAcquire::http::Proxy \"file:/proxy\";\n\
                        Acquire::Languages \"\";\nDPkg::Post-Invoke \"\";";
        assert_eq!(
            chosen(settings),
            "Acquire::Check-Date \"false\";\nAcquire::http::Proxy \"file:/proxy\";"
        );
    }
}

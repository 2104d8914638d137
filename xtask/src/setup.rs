//! Installs what is missing, says so first, and looks again afterwards.

use std::process::Command;

use crate::manager::Manager;
use crate::need::Need;
use crate::run::{Outcome, cargo, is_on_path, run, succeeds};

/// Makes sure that the system has all of `needs`.
pub fn set_up(needs: &[Need]) -> Outcome {
    let missing = unmet(needs);
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("xtask: this system lacks {}", listed(&missing));
    let Some(manager) = Manager::find() else {
        return Err(by_hand(&missing));
    };
    let packages = packages(manager, &missing)?;
    eprintln!(
        "xtask: installing with {}: {}",
        manager.program(),
        packages.join(" ")
    );
    install(manager, &packages)?;
    for command in missing.iter().flat_map(|need| manager.afterwards(*need)) {
        let words: Vec<_> = command.split(' ').map(str::to_owned).collect();
        // It may not have been started: not everywhere may a package do so.
        if let Err(why) = run_as_root(manager, &words) {
            eprintln!("xtask: {why}; going on");
        }
    }
    match unmet(needs).as_slice() {
        [] => Ok(()),
        still => Err(format!(
            "{} has installed {}, and yet the system lacks {}",
            manager.program(),
            packages.join(" "),
            listed(still)
        )),
    }
}

/// Installs those of `needs` that this release of the system has. The command that asks can
/// do without them, and says what it does then.
pub fn set_up_what_there_is(needs: &[Need]) {
    let Some(manager) = Manager::find() else {
        return;
    };
    for need in unmet(needs) {
        let is_shown = |package: &&str| {
            let words = manager.shows(package);
            succeeds(Command::new(&words[0]).args(&words[1..]))
        };
        let packages = manager.packages(need);
        // Before the lists are fetched, nothing is shown.
        let is_there = manager.lacks_lists() || packages.iter().all(is_shown);
        let done = if is_there {
            set_up(&[need])
        } else {
            Err(format!(
                "{} has no {}",
                manager.program(),
                packages.join(" ")
            ))
        };
        if let Err(why) = done {
            eprintln!("xtask: going on without {}: {why}", need.name());
        }
    }
}

/// Makes sure that the toolchain has rustfmt and clippy.
pub fn set_up_components() -> Outcome {
    let missing: Vec<_> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| !succeeds(&mut cargo(&[command, "--version"])))
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let all = missing.join(" ");
    if !is_on_path("rustup") {
        return Err(format!(
            "the Rust toolchain lacks {all}, and there is no rustup to add it: install it from \
             where Rust came (`rustup component add {all}`, or the system's package of that name)"
        ));
    }
    eprintln!("xtask: the Rust toolchain lacks {all}");
    run(Command::new("rustup")
        .args(["component", "add"])
        .args(&missing))
}

fn unmet(needs: &[Need]) -> Vec<Need> {
    let unmet = needs.iter().copied().filter(|need| !need.is_met());
    unmet.collect()
}

/// What `manager` must install to meet `missing`.
fn packages(manager: Manager, missing: &[Need]) -> Outcome<Vec<&'static str>> {
    let (packaged, homeless): (Vec<Need>, Vec<Need>) = missing
        .iter()
        .partition(|need| !manager.packages(**need).is_empty());
    if !homeless.is_empty() {
        return Err(by_hand(&homeless));
    }
    let mut names: Vec<_> = packaged
        .iter()
        .flat_map(|need| manager.packages(*need))
        .copied()
        .collect();
    // Both compilers may be in one.
    names.dedup();
    Ok(names)
}

/// Installs `packages`, with fresh lists if need be.
pub fn install(manager: Manager, packages: &[&str]) -> Outcome {
    let install = manager.install(packages);
    if !is_rooted(manager) && !is_on_path("sudo") {
        return Err(format!(
            "only root can install, and there is no sudo; as root, run `{}`",
            install.join(" ")
        ));
    }
    let run = |words: &[String]| run_as_root(manager, words);
    let Some(update) = manager.update() else {
        return run(&install);
    };
    if !manager.lacks_lists() {
        match run(&install) {
            Ok(()) => return Ok(()),
            // A list that is out of date names files that are gone.
            Err(why) => eprintln!("xtask: {why}; trying again with fresh lists of packages"),
        }
    }
    run(&update)?;
    run(&install)
}

/// Fetches the lists of packages, where that is a step of its own.
pub fn update_lists(manager: Manager) -> Outcome {
    match manager.update() {
        Some(update) => run_as_root(manager, &update),
        None => Ok(()),
    }
}

/// Runs a command with the rights that `manager` needs.
fn run_as_root(manager: Manager, words: &[String]) -> Outcome {
    let mut words = words.to_vec();
    if !is_rooted(manager) {
        words.insert(0, "sudo".to_owned());
    }
    run(Command::new(&words[0]).args(&words[1..]))
}

fn is_rooted(manager: Manager) -> bool {
    !manager.needs_root() || is_root()
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn by_hand(missing: &[Need]) -> String {
    format!(
        "no package manager known here (apt-get, dnf, pacman, brew) brings {}; install it by \
         hand and run this again",
        listed(missing)
    )
}

fn listed(needs: &[Need]) -> String {
    let names: Vec<_> = needs.iter().map(|need| need.name()).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_installed() {
        assert_eq!(
            packages(Manager::Apt, &[Need::Glib, Need::Openssl]),
            Ok(vec!["libglib2.0-dev", "openssl"])
        );
    }

    #[test]
    fn a_package_that_brings_two_is_installed_once() {
        assert_eq!(
            packages(Manager::Pacman, &[Need::Compiler, Need::CxxCompiler]),
            Ok(vec!["gcc"])
        );
    }

    #[test]
    fn what_no_package_brings_is_named() {
        let why = packages(Manager::Brew, &[Need::Glib, Need::Websockets]).unwrap_err();
        assert!(why.contains("websockets"), "{why}");
        assert!(!why.contains("GLib"), "{why}");
    }

    #[test]
    fn what_counts_is_not_everywhere() {
        for manager in Manager::ALL {
            let offers = packages(manager, Need::FOR_GUARD).is_ok();
            assert_eq!(offers, manager != Manager::Brew, "{manager:?}");
        }
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        assert_eq!(listed(&[Need::PkgConfig]), "pkg-config");
        assert_eq!(
            listed(&[Need::PkgConfig, Need::Compiler, Need::Openssl]),
            "pkg-config, a C compiler (`cc`) and the command `openssl`"
        );
    }
}

//! What the figures were taken on.

use std::fs;
use std::process::Command;
use std::thread;

use serde::Serialize;

/// The load average up to which a machine counts as quiet.
const QUIET: f64 = 0.75;

/// The machine, its software and the day. What can't be told is left out.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub cpu: Option<String>,
    pub cores: usize,
    pub kernel: Option<String>,
    pub glib: Option<String>,
    /// A contestant that not every system has.
    pub libdex: Option<String>,
    pub rustc: Option<String>,
    pub commit: Option<String>,
    /// In UTC.
    pub date: String,
    pub load_before: Option<f64>,
    pub load_after: Option<f64>,
}

impl Machine {
    pub fn look() -> Self {
        Self {
            cpu: cpu(),
            cores: thread::available_parallelism().map_or(1, Into::into),
            kernel: said("uname", &["-sr"]),
            glib: said("pkg-config", &["--modversion", "glib-2.0"]),
            libdex: said("pkg-config", &["--modversion", "libdex-1"]),
            rustc: said("rustc", &["--version"]),
            commit: said("git", &["describe", "--always", "--dirty", "--abbrev=10"]),
            date: jiff::Timestamp::now().strftime("%F %H:%M UTC").to_string(),
            load_before: load(),
            load_after: None,
        }
    }

    /// How busy the machine was; much more than this program's own share spoils figures.
    pub fn look_again(&mut self) {
        self.load_after = load();
    }

    /// One line for below a table or a picture.
    pub fn line(&self) -> String {
        let mut parts = vec![format!(
            "{}{} cores",
            self.cpu
                .as_ref()
                .map_or(String::new(), |cpu| format!("{cpu}, ")),
            self.cores
        )];
        parts.extend(self.kernel.clone());
        parts.extend(self.glib.as_ref().map(|version| format!("GLib {version}")));
        parts.extend(
            self.libdex
                .as_ref()
                .map(|version| format!("libdex {version}")),
        );
        parts.push(self.date.clone());
        parts.join(" · ")
    }

    /// What to hold against the figures, where others kept the machine busy.
    pub fn noise(&self) -> Option<String> {
        let load = self.load_before.filter(|load| *load > QUIET)?;
        Some(format!(
            "The machine was not quiet as the run began: its load average was {load}."
        ))
    }

    /// What else bears on the figures.
    pub fn circumstances(&self) -> String {
        let load = |load: Option<f64>| load.map_or("unknown".to_owned(), |load| load.to_string());
        format!(
            "{}, commit {}, load average {} before and {} after{}",
            self.rustc.as_deref().unwrap_or("an unknown compiler"),
            self.commit.as_deref().unwrap_or("unknown"),
            load(self.load_before),
            load(self.load_after),
            match self.libdex {
                Some(_) => "",
                None => "; this system has no libdex to compare",
            },
        )
    }
}

fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let model = text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name").then(|| value.trim().to_owned())
    });
    model.or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"]))
}

/// Of the last minute.
fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// What a program prints, if there is such a program.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// A machine for tests.
#[cfg(test)]
pub fn made_up() -> Machine {
    Machine {
        cpu: Some("A Processor".to_owned()),
        cores: 4,
        kernel: None,
        glib: Some("2.74.6".to_owned()),
        libdex: None,
        rustc: None,
        commit: None,
        date: "2026-01-02 03:04 UTC".to_owned(),
        load_before: Some(0.5),
        load_after: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_names_the_machine_and_the_day() {
        assert_eq!(
            made_up().line(),
            "A Processor, 4 cores · GLib 2.74.6 · 2026-01-02 03:04 UTC"
        );
    }

    #[test]
    fn libdex_is_named_with_its_version_or_said_to_be_missing() {
        let mut machine = made_up();
        assert!(
            machine
                .circumstances()
                .ends_with("has no libdex to compare")
        );
        machine.libdex = Some("0.10.0".to_owned());
        assert!(machine.line().contains("GLib 2.74.6 · libdex 0.10.0 · "));
        assert!(!machine.circumstances().contains("libdex"));
    }

    #[test]
    fn a_busy_machine_is_said_to_be() {
        let mut machine = made_up();
        assert_eq!(machine.noise(), None);
        machine.load_before = Some(3.2);
        assert!(machine.noise().unwrap().contains("3.2"));
    }

    #[test]
    fn what_is_unknown_is_said_to_be() {
        assert!(
            made_up()
                .circumstances()
                .contains("0.5 before and unknown after")
        );
    }
}

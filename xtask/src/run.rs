//! Starting other programs: always announced, as a line that a shell would take.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

/// What may go wrong is one sentence for the user.
pub type Outcome<T = ()> = Result<T, String>;

/// Says why, if it went wrong, and what to exit with.
pub fn ended(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nxtask: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The cargo that started this program, at the root of the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if let Some(root) = Path::new(env!("CARGO_MANIFEST_DIR")).parent() {
        cargo.current_dir(root);
    }
    cargo.args(arguments);
    cargo
}

/// Runs `command` with its output on ours.
pub fn run(command: &mut Command) -> Outcome {
    announce(command);
    let ended = command.status();
    succeeded(command, ended)
}

/// As [`run`], and hands each line of the standard output to `see` besides.
pub fn run_seeing(command: &mut Command, mut see: impl FnMut(&str)) -> Outcome {
    announce(command);
    let ended = command
        .stdout(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            if let Some(output) = child.stdout.take() {
                let mut output = BufReader::new(output);
                let mut line = Vec::new();
                while output.read_until(b'\n', &mut line)? > 0 {
                    let text = String::from_utf8_lossy(&line);
                    print!("{text}");
                    see(text.trim_end());
                    line.clear();
                }
            }
            child.wait()
        });
    succeeded(command, ended)
}

/// Whether `command` runs and succeeds. Its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether `PATH` has a program of this name.
pub fn is_on_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| {
        env::split_paths(&path).any(|directory| directory.join(program).is_file())
    })
}

fn announce(command: &Command) {
    eprintln!("xtask: $ {}", shown(command));
}

fn succeeded(command: &Command, ended: io::Result<ExitStatus>) -> Outcome {
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed: {status}", shown(command))),
        Err(error) => Err(format!("`{}` did not start: {error}", shown(command))),
    }
}

/// `command` as one would type it: without the directory of its program, with the
/// variables that it sets.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(value?))));
    variables
        .chain([quoted(program.file_name().unwrap_or(program.as_os_str()))])
        .chain(command.get_args().map(quoted))
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.is_empty()
        || word.contains(|c: char| c.is_whitespace() || "\"'\\$&;|<>*?()".contains(c))
    {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        word.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .args(["doc", "it's"])
            .env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            shown(&command),
            r"RUSTDOCFLAGS='-D warnings' cargo doc 'it'\''s'"
        );
    }

    #[test]
    fn a_failure_names_the_command() {
        let why = run(&mut Command::new("false")).unwrap_err();
        assert!(why.starts_with("`false` failed"), "{why}");
        let why = run(&mut Command::new("no-such-program")).unwrap_err();
        assert!(why.starts_with("`no-such-program` did not start"), "{why}");
    }

    #[test]
    fn each_line_is_seen_once() {
        let mut lines = Vec::new();
        let mut command = Command::new("printf");
        command.arg("one\\ntwo");
        run_seeing(&mut command, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two"]);
    }
}

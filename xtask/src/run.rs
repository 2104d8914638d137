//! Starting other programs: always announced, as a line that a shell would take.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

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

/// Says why a command can't be taken, and how it is used.
pub fn misused(why: &str, usage: &str) -> ExitCode {
    eprintln!("xtask: {why}\n\n{usage}");
    ExitCode::from(2)
}

/// The cargo that started this program, at the root of the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(arguments);
    cargo
}

/// What chooses `features`; none are no argument.
pub fn with(features: &str) -> Vec<&str> {
    match features {
        "" => Vec::new(),
        features => vec!["--features", features],
    }
}

/// The root of the repository.
pub fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Where cargo leaves what it builds, this program in `debug` there.
pub fn target() -> Outcome<PathBuf> {
    let program =
        env::current_exe().map_err(|error| format!("can't find this program: {error}"))?;
    let built = program.ancestors().nth(2);
    built.map(Path::to_owned).ok_or_else(|| {
        let place = program.display();
        format!("{place} is not where cargo builds; run this as `cargo xtask …`")
    })
}

/// Runs `command` with its output on ours.
pub fn run(command: &mut Command) -> Outcome {
    announce(command);
    let ended = command.status();
    succeeded(command, ended)
}

/// As [`run`], for a command whose code says more than whether it has succeeded.
pub fn code_of(command: &mut Command) -> Outcome<i32> {
    announce(command);
    match command.status() {
        Ok(status) => status
            .code()
            .ok_or_else(|| format!("`{}` failed: {status}", shown(command))),
        Err(error) => Err(format!("`{}` did not start: {error}", shown(command))),
    }
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

/// As [`run`], and ends the command after `limit`: what asks the network may hang.
pub fn run_within(limit: Duration, command: &mut Command) -> Outcome {
    announce(command);
    let start = Instant::now();
    let ended = command.stdin(Stdio::null()).spawn().and_then(|mut child| {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if start.elapsed() >= limit {
                child.kill()?;
                child.wait()?;
                let why = format!("not done after {} s", limit.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    succeeded(command, ended)
}

/// What `command` prints on its standard output, if it runs and succeeds. The rest of
/// its output is dropped.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
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
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            Err(format!("`{}` was ended: {error}", shown(command)))
        }
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

/// `word` as a shell takes it.
pub fn quoted(word: &OsStr) -> String {
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
    fn what_hangs_is_ended() {
        let mut hanging = Command::new("sleep");
        let why = run_within(Duration::ZERO, hanging.arg("1000")).unwrap_err();
        assert_eq!(why, "`sleep 1000` was ended: not done after 0 s");
        assert_eq!(run_within(Duration::MAX, &mut Command::new("true")), Ok(()));
    }

    #[test]
    fn only_the_output_of_a_success_is_taken() {
        assert_eq!(
            output(Command::new("echo").arg("one")).as_deref(),
            Some("one\n")
        );
        assert_eq!(output(&mut Command::new("false")), None);
    }

    #[test]
    fn programs_are_looked_for_where_cargo_builds() {
        // The tests' own program lies one directory deeper, in `debug/deps`.
        assert!(target().unwrap().join("deps").is_dir());
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

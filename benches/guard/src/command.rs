//! Starting other programs: always announced, as a line that a shell would take.

use std::env;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What may go wrong is one sentence for the user.
pub type Outcome<T = ()> = Result<T, String>;

/// The cargo that started this program, at the root of the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .args(arguments);
    cargo
}

/// Runs `command` with its output on ours.
pub fn run(command: &mut Command) -> Outcome {
    announce(command);
    output(command.stdout(Stdio::inherit()).stderr(Stdio::inherit())).map(drop)
}

/// Runs `command`, and hands its standard output back.
pub fn run_for_stdout(command: &mut Command) -> Outcome<String> {
    announce(command);
    let output = output(command.stderr(Stdio::inherit()))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command`, and hands its standard error back.
pub fn run_for_stderr(command: &mut Command) -> Outcome<String> {
    announce(command);
    let output = output(command.stdout(Stdio::inherit()))?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What `command` says in one line, without a word to the user.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = output(command.stdin(Stdio::null())).ok()?;
    let answer = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!answer.is_empty()).then_some(answer)
}

/// Whether `PATH` has a program of this name.
pub fn is_on_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| {
        env::split_paths(&path).any(|directory| directory.join(program).is_file())
    })
}

fn announce(command: &Command) {
    eprintln!("guard: $ {}", shown(command));
}

fn output(command: &mut Command) -> Outcome<Output> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(output),
        Ok(output) => Err(format!(
            "`{}` failed: {}\n{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )
        .trim_end()
        .to_owned()),
        Err(error) => Err(format!("`{}` did not start: {error}", shown(command))),
    }
}

/// `command` as one would type it: without the directory of its program, with the
/// variables that it sets. No word here needs quoting but a path of the user's.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.display(), value?.display())));
    variables
        .chain([program
            .file_name()
            .unwrap_or(program.as_os_str())
            .display()
            .to_string()])
        .chain(command.get_args().map(|word| word.display().to_string()))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_with_its_variables() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .args(["bench", "-p", "guard"])
            .env("RUNNER", "/tmp/runner");
        assert_eq!(shown(&command), "RUNNER=/tmp/runner cargo bench -p guard");
    }

    #[test]
    fn a_failure_names_the_command_and_says_what_it_said() {
        let why = run_for_stderr(Command::new("sh").args(["-c", "echo no >&2; exit 3"]));
        assert_eq!(
            why.unwrap_err(),
            "`sh -c echo no >&2; exit 3` failed: exit status: 3\nno"
        );
    }

    #[test]
    fn a_program_that_is_not_there_has_no_answer() {
        assert_eq!(answer(&mut Command::new("no-such-program")), None);
        assert_eq!(
            answer(Command::new("echo").arg("2.74")),
            Some("2.74".to_owned())
        );
    }
}

//! A desktop of its own for the tests: a display that nobody sees, a bus and a window
//! manager. The user's own are never asked.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::run::{Outcome, succeeds};

/// What is kept of the user's variables: where programs and their data are.
const KEPT: [&str; 5] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "GI_TYPELIB_PATH",
    "XDG_DATA_DIRS",
    "TMPDIR",
];

/// What makes the pictures the same everywhere: GTK's own theme and font, drawn without
/// a graphics card, and no settings of anybody.
const FIXED: [(&str, &str); 9] = [
    ("LANG", "C.UTF-8"),
    ("GDK_BACKEND", "x11"),
    ("GSK_RENDERER", "cairo"),
    // GTK 4.24 looks for it even so, and Mesa's complaints that there is none would be the
    // application's.
    ("GDK_DISABLE", "gl,vulkan"),
    ("GSETTINGS_BACKEND", "memory"),
    ("GIO_USE_VFS", "local"),
    ("GTK_A11Y", "atspi"),
    ("GTK_USE_PORTAL", "0"),
    ("ADW_DISABLE_PORTAL", "1"),
];

/// Xvfb is to tell the number on its standard output, and not to begin anew when nobody is
/// there: the last application of one test is gone before the first of the next comes.
const SCREEN: [&str; 8] = [
    "-displayfd",
    "1",
    "-screen",
    "0",
    "1280x900x24",
    "-nolisten",
    "tcp",
    "-noreset",
];

/// A page that still fades in would lose a click.
const SETTINGS: &str = "\
[Settings]
gtk-font-name=Cantarell 11
gtk-icon-theme-name=Adwaita
gtk-cursor-blink=false
gtk-enable-animations=false
";

/// How long a program may take to end that is asked to.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs as long as this value lives.
pub struct Session {
    variables: Vec<(OsString, OsString)>,
    /// In the order in which they were started.
    children: Vec<Child>,
    /// Ends them when this program has ended, however it did.
    guard: Option<Child>,
    /// Sockets lie in it, whose paths must be short: it can't be below `target`.
    runtime: PathBuf,
}

impl Session {
    /// Starts one whose home is `home`, which is made anew.
    pub fn start(home: &Path) -> Outcome<Self> {
        let runtime = env::temp_dir().join(format!("task-gallery-{}", process::id()));
        let mut session = Self {
            variables: variables(home, &runtime),
            children: Vec::new(),
            guard: None,
            runtime,
        };
        make_folders(home, &session.runtime)
            .map_err(|error| format!("can't make {}: {error}", home.display()))?;
        // It chooses a number that is free, and tells it when it is ready.
        let display = session.start_telling("Xvfb", &SCREEN)?;
        session.set("DISPLAY", format!(":{display}"));
        // It starts the accessibility bus when asked; that ends with it.
        let address = format!("--address=unix:path={}/bus", session.runtime.display());
        let bus = session.start_telling(
            "dbus-daemon",
            &["--session", "--nofork", "--print-address=1", &address],
        )?;
        session.set("DBUS_SESSION_BUS_ADDRESS", bus);
        session.start_telling("openbox", &["--sm-disable", "--startup", "pwd"])?;
        session.guard = Some(session.start_guard()?);
        Ok(session)
    }

    /// A command that runs in it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn set(&mut self, name: &str, value: String) {
        self.variables.push((name.into(), value.into()));
    }

    /// Starts `program`, and returns the first line that it prints.
    fn start_telling(&mut self, program: &str, arguments: &[&str]) -> Outcome<String> {
        let mut command = self.command(program);
        command.args(arguments).stdout(Stdio::piped());
        let output = self.keep(program, &mut command)?.stdout.take();
        let mut line = String::new();
        if let Some(output) = output {
            let read = BufReader::new(output).read_line(&mut line);
            read.map_err(|error| format!("can't hear `{program}`: {error}"))?;
        }
        match line.trim() {
            "" => Err(format!("`{program}` has ended before it was ready")),
            told => Ok(told.to_owned()),
        }
    }

    /// A shell that waits for the end of its input, which only this program holds.
    fn start_guard(&self) -> Outcome<Child> {
        let ids: Vec<_> = self
            .children
            .iter()
            .map(|child| child.id().to_string())
            .collect();
        let guard = format!(
            "trap '' INT; cat > /dev/null; kill {}; rm -r \"$0\"",
            ids.join(" ")
        );
        let started = Command::new("sh")
            .args(["-c", &guard])
            .arg(&self.runtime)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        started.map_err(|error| format!("`sh` did not start: {error}"))
    }

    /// What they complain of is not the application's: it is kept in a file.
    fn keep(&mut self, program: &str, command: &mut Command) -> Outcome<&mut Child> {
        let mut start = || {
            let log = fs::File::create(self.runtime.join(format!("{program}.log")))?;
            command.stdin(Stdio::null()).stderr(log).spawn()
        };
        let child = start().map_err(|error| format!("`{program}` did not start: {error}"))?;
        self.children.push(child);
        Ok(self.children.last_mut().expect("it was just kept"))
    }
}

/// The last that was started is the first to go: no client outlives its server.
impl Drop for Session {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // It would take its time, and their numbers may be others' by then.
            let _ = guard.kill();
            let _ = guard.wait();
        }
        while let Some(mut child) = self.children.pop() {
            if end(&mut child).is_err() {
                // It fails where the child has ended: then there is nothing left to do.
                let _ = child.kill();
                let _ = child.wait();
            }
        }
        let _ = fs::remove_dir_all(&self.runtime);
    }
}

/// Asks `child` to end, so that it removes its sockets, and waits for that.
fn end(child: &mut Child) -> io::Result<()> {
    if !succeeds(&mut kill("", child.id())) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let asked = Instant::now();
    while child.try_wait()?.is_none() {
        if asked.elapsed() > PATIENCE {
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The shell's own: a small system may have no other.
fn kill(signal: &str, process: u32) -> Command {
    let mut kill = Command::new("sh");
    kill.args(["-c", &format!("kill {signal} {process}")]);
    kill
}

fn variables(home: &Path, runtime: &Path) -> Vec<(OsString, OsString)> {
    let kept = KEPT
        .iter()
        .filter_map(|name| Some((name.into(), env::var_os(name)?)));
    let fixed = FIXED
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    let own = [
        ("HOME", home.into()),
        ("XDG_CONFIG_HOME", home.join("config").into()),
        ("XDG_CACHE_HOME", home.join("cache").into()),
        ("XDG_DATA_HOME", home.join("data").into()),
        ("XDG_RUNTIME_DIR", runtime.into()),
    ];
    let own = own.map(|(name, value): (&str, OsString)| (name.into(), value));
    kept.chain(fixed).chain(own).collect()
}

fn make_folders(home: &Path, runtime: &Path) -> io::Result<()> {
    if home.exists() {
        fs::remove_dir_all(home)?;
    }
    let gtk = home.join("config/gtk-4.0");
    fs::create_dir_all(&gtk)?;
    fs::write(gtk.join("settings.ini"), SETTINGS)?;
    fs::DirBuilder::new().mode(0o700).create(runtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_to_the_users_own() {
        let names: Vec<_> = variables(Path::new("/h"), Path::new("/r"))
            .into_iter()
            .map(|(name, _)| name.into_string().unwrap())
            .collect();
        for own in ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"] {
            assert!(names.iter().any(|name| name == own), "{own}");
        }
        for foreign in ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"] {
            assert!(!names.iter().any(|name| name == foreign), "{foreign}");
        }
    }

    #[test]
    fn what_was_started_ends_with_the_session() {
        let runtime = env::temp_dir().join(format!("task-gallery-test-{}", process::id()));
        fs::create_dir_all(&runtime).unwrap();
        let mut session = Session {
            variables: variables(&runtime, &runtime),
            children: Vec::new(),
            guard: None,
            runtime: runtime.clone(),
        };
        assert_eq!(
            session.start_telling("echo", &["ready"]),
            Ok("ready".into())
        );
        assert!(session.start_telling("true", &[]).is_err());
        let mut sleep = session.command("sleep");
        let child = session.keep("sleep", sleep.arg("1000")).unwrap().id();
        session.guard = Some(session.start_guard().unwrap());
        assert!(succeeds(&mut kill("-0", child)));
        drop(session);
        assert!(!succeeds(&mut kill("-0", child)));
        assert!(!runtime.exists());
    }

    #[test]
    fn a_guard_ends_what_its_dead_master_has_left() {
        let mut session = Session {
            variables: Vec::new(),
            children: Vec::new(),
            guard: None,
            runtime: env::temp_dir().join(format!("task-gallery-guard-{}", process::id())),
        };
        fs::create_dir_all(&session.runtime).unwrap();
        let mut sleep = Command::new("sleep");
        session.keep("sleep", sleep.arg("1000")).unwrap();
        let mut guard = session.start_guard().unwrap();
        drop(guard.stdin.take());
        assert!(guard.wait().unwrap().success());
        // It hangs where nobody has ended it.
        assert!(!session.children[0].wait().unwrap().success());
    }
}

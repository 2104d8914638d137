//! The program under test.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on the busiest machine.
pub const HANG: Duration = Duration::from_mins(2);

/// Runs the program to its end.
pub fn probe<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ended {
    Program::start(arguments).wait()
}

/// The program as it runs. It is killed when this is dropped.
pub struct Program {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

/// What the program has left.
#[derive(Debug)]
pub struct Ended {
    /// `None` when a signal killed it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// How long it has kept a processor busy, where the system tells.
    pub cpu: Option<Duration>,
}

impl Program {
    pub fn start<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let mut child = spawn(arguments);
        let stdout = collect(child.stdout.take().expect("it is piped"));
        Self::new(child, stdout)
    }

    /// Its standard output is a pipe that nobody reads.
    pub fn start_without_reader() -> Self {
        let mut child = spawn::<&str>([]);
        drop(child.stdout.take());
        Self::new(child, collect(io::empty()))
    }

    fn new(mut child: Child, stdout: Receiver<String>) -> Self {
        let stderr = collect(child.stderr.take().expect("it is piped"));
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// As Ctrl-C does.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it runs");
    }

    /// In hundredths of a second, the 14th and 15th field of its `stat`.
    fn cpu(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        let fields = stat.rsplit_once(") ")?.1.split(' ').skip(11).take(2);
        let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        Some(Duration::from_millis(10 * ticks))
    }

    pub fn wait(mut self) -> Ended {
        let stderr = self.stderr.recv_timeout(HANG).expect("the program hangs");
        let stdout = self.stdout.recv_timeout(HANG).expect("the program hangs");
        // Its pipes are closed: it has ended, or is about to.
        let cpu = self.cpu();
        let status = self.child.wait().expect("a child can be waited for");
        Ended {
            code: status.code(),
            stdout,
            stderr,
            cpu,
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// The objects of `--json`.
    pub fn objects(&self) -> Vec<serde_json::Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// There is one line with all of these words.
    pub fn assert_complaint(&self, words: &[&str]) {
        let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
        assert_eq!(
            self.stderr.lines().filter(has_all).count(),
            1,
            "{words:?} in {self:?}"
        );
    }
}

/// The steps of an object of `--json`, in order.
pub fn steps(object: &serde_json::Value) -> Vec<&str> {
    let steps = object["steps"].as_array().expect("steps");
    steps
        .iter()
        .map(|step| step["step"].as_str().expect("a name"))
        .collect()
}

fn spawn<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Child {
    let path = path();
    Command::new(&path)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "{}: {error}; `cargo build --example probe` makes it",
                path.display()
            )
        })
}

/// `target/debug/examples/probe` beside `target/debug/deps/probe-…`.
fn path() -> PathBuf {
    let this = std::env::current_exe().expect("the path of this test");
    let profile = this
        .ancestors()
        .nth(2)
        .expect("the directory of the profile");
    profile
        .join("examples/probe")
        .with_extension(std::env::consts::EXE_EXTENSION)
}

/// Everything that a pipe has to say, once it has been closed.
fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut text = String::new();
        let _ = pipe.read_to_string(&mut text);
        let _ = sender.send(text);
    });
    receiver
}

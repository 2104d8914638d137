//! A process of a test's own that is looked at from outside while it runs.

use std::{
    env,
    io::{self, BufRead, BufReader, Read},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};

use super::{PATIENCE, start::start};

/// It is killed when this is dropped.
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Process {
    /// Runs the test of this name, which asks `is_child`, with `QIO_TASK_DEBUG`
    /// as it is given.
    pub fn of_test(test: &str, debug: Option<&str>) -> Self {
        Self::of_test_by(Command::new(env::current_exe().unwrap()), test, debug)
    }

    /// The same, started by coreutils' `env` with these options: what becomes of signals.
    pub fn of_test_by_env(options: &[&str], test: &str, debug: Option<&str>) -> Self {
        let mut command = Command::new("env");
        command.args(options).arg(env::current_exe().unwrap());
        Self::of_test_by(command, test, debug)
    }

    fn of_test_by(mut command: Command, test: &str, debug: Option<&str>) -> Self {
        command
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env("QIO_TASK_TEST_CHILD", test)
            .env("RUST_BACKTRACE", "0");
        Self::start(command, debug)
    }

    /// Runs the example of this name: `target/debug/examples/…` beside this
    /// test in `target/debug/deps`.
    pub fn of_example(name: &str, arguments: &[&str], debug: Option<&str>) -> Self {
        let this = env::current_exe().unwrap();
        let profile = this.ancestors().nth(2).unwrap();
        let path = profile.join("examples").join(name);
        let mut command = Command::new(path.with_extension(env::consts::EXE_EXTENSION));
        command.args(arguments);
        Self::start(command, debug)
    }

    fn start(mut command: Command, debug: Option<&str>) -> Self {
        command.env_remove("QIO_TASK_DEBUG");
        if let Some(debug) = debug {
            command.env("QIO_TASK_DEBUG", debug);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = start(&mut command);
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stderr.split(b'\n').map_while(Result::ok) {
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
        }
    }

    /// Blocks until it prints a line with all of these words.
    #[track_caller]
    pub fn line_with(&self, words: &[&str]) -> String {
        let mut others = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if words.iter().all(|word| line.contains(word)) => return line,
                Ok(line) => others.push(line),
                Err(error) => panic!("{error}: no line has {words:?} but there is {others:#?}"),
            }
        }
    }

    /// Asks it for the list of its tasks.
    #[cfg(unix)]
    pub fn signal(&self) {
        self.send(Signal::USR1);
    }

    /// Asks it for the list of its tasks.
    #[cfg(windows)]
    pub fn signal(&self) {
        use windows_sys::Win32::{
            Foundation::CloseHandle,
            System::Threading::{EVENT_MODIFY_STATE, OpenEventW, SetEvent},
        };

        let name = format!("qio-task-{}\0", self.child.id());
        let name: Vec<u16> = name.encode_utf16().collect();
        // SAFETY: the name ends with a zero; the event is open until it is closed here.
        unsafe {
            let event = OpenEventW(EVENT_MODIFY_STATE, 0, name.as_ptr());
            assert!(!event.is_null(), "{}", io::Error::last_os_error());
            assert_ne!(SetEvent(event), 0, "{}", io::Error::last_os_error());
            CloseHandle(event);
        }
    }

    #[cfg(unix)]
    pub fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Sends the signal of this number, which may be one of real time.
    #[cfg(unix)]
    pub fn send_number(&self, signal: i32) {
        // The shell's own: a small system has no other.
        let mut kill = Command::new("sh");
        kill.args(["-c", &format!("kill -{signal} {}", self.child.id())]);
        assert!(kill.status().unwrap().success(), "{kill:?}");
    }

    /// Lets it go on, and returns what it has printed since, and how it ended.
    pub fn end(mut self) -> (Vec<String>, ExitStatus) {
        drop(self.stdin.take());
        let mut rest = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            rest.push(line);
        }
        // Its pipe is closed: it has ended, or is about to.
        (rest, self.child.wait().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In such a process: blocks until it may go on.
pub fn wait_for_parent() {
    let _ = io::stdin().read(&mut [0]);
}

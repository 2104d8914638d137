//! A signal of POSIX.
//!
//! One that a process is sent is taken by any thread that has it unblocked. Some
//! programs block it everywhere, so one thread has it unblocked here. The others may
//! have, too: so there is a handler, and that thread is woken by it.
#![allow(unsafe_code)]

use std::{
    ffi::c_int,
    io::{self, Read},
    mem::MaybeUninit,
    os::unix::net::UnixStream,
    ptr,
    str::FromStr,
    thread,
};

use super::Use;
use crate::base::signals::{self, Mask};

/// What `QIO_TASK_DEBUG` takes for it.
pub(in super::super) const HELP: &str = "\
  tasks           list the unfinished tasks on stderr, at SIGUSR1 and at the end
  tasks=SIGNAL    the same at another signal, where the program has a use for that one:
                  HUP, INT, QUIT, USR1, USR2, ALRM, TERM or WINCH, and on Linux RTMIN,
                  RTMIN+1 and so on, RTMAX, RTMAX-1 and so on
";

/// One that a process can be sent without harm, and by hand.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Signal {
    number: c_int,
    name: Box<str>,
}

/// Those that there are everywhere. Others stop the process, mean a fault of it, or
/// come by themselves.
const EVERYWHERE: [(&str, c_int); 8] = [
    ("HUP", libc::SIGHUP),
    ("INT", libc::SIGINT),
    ("QUIT", libc::SIGQUIT),
    ("USR1", libc::SIGUSR1),
    ("USR2", libc::SIGUSR2),
    ("ALRM", libc::SIGALRM),
    ("TERM", libc::SIGTERM),
    ("WINCH", libc::SIGWINCH),
];

/// By its name, such as `USR1`, `SIGUSR1` or `RTMIN+3`.
impl FromStr for Signal {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let name = name.strip_prefix("SIG").unwrap_or(name);
        let everywhere = EVERYWHERE.iter().find(|(known, _)| *known == name);
        let number = everywhere.map(|(_, number)| *number);
        Ok(Self {
            number: number.or_else(|| real_time(name)).ok_or(())?,
            name: format!("SIG{name}").into(),
        })
    }
}

#[cfg(target_os = "linux")]
fn real_time(name: &str) -> Option<c_int> {
    // The C library keeps some for itself, so that these are no constants.
    let (first, last) = (libc::SIGRTMIN(), libc::SIGRTMAX());
    let number = match name.strip_prefix("RTMIN") {
        Some(above) => first + offset(above, '+')?,
        None => last - offset(name.strip_prefix("RTMAX")?, '-')?,
    };
    (first..=last).contains(&number).then_some(number)
}

#[cfg(not(target_os = "linux"))]
fn real_time(_: &str) -> Option<c_int> {
    None
}

/// What is to be added or taken away, if anything is.
#[cfg(target_os = "linux")]
fn offset(text: &str, sign: char) -> Option<c_int> {
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.strip_prefix(sign)?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse::<u8>()
        .ok()
        .filter(|_| are_digits)
        .map(c_int::from)
}

impl Signal {
    /// Which programs leave to those who look at them.
    pub(in super::super) fn usual() -> Self {
        Self {
            number: libc::SIGUSR1,
            name: "SIGUSR1".into(),
        }
    }

    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    pub(in super::super) fn is_usual(&self) -> bool {
        self.number == libc::SIGUSR1
    }

    /// What the program does at it by now.
    pub(in super::super) fn used(&self) -> Use {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: it writes what the action is, and changes nothing without a new one.
        let asked = unsafe { libc::sigaction(self.number, ptr::null(), action.as_mut_ptr()) };
        // SAFETY: written, or zero, which is an action, too.
        let action = unsafe { action.assume_init() };
        match action.sa_sigaction {
            _ if asked != 0 => Use::Handled,
            libc::SIG_DFL => Use::Free,
            libc::SIG_IGN => Use::Ignored,
            _ => Use::Handled,
        }
    }

    /// Has a thread of this name call `f` each time the process is sent the signal;
    /// or once for some of them, where they come faster than that. It must be free.
    pub(in super::super) fn each(
        self,
        thread: &str,
        mut f: impl FnMut() + Send + 'static,
    ) -> io::Result<()> {
        let (mut sent, handler) = UnixStream::pair()?;
        // Where the program sets a handler in this very moment, both are called.
        signal_hook::low_level::pipe::register(self.number, handler)?;
        let thread = thread::Builder::new().name(thread.to_owned());
        let run = move || {
            // The others are for the threads of the program.
            Mask::of_the_librarys_threads().without(self.number).set();
            let mut some = [0; 64];
            loop {
                match sent.read(&mut some) {
                    Ok(1..) => f(),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => return,
                }
            }
        };
        signals::blocked(|| thread.spawn(run)).map(drop)
    }
}

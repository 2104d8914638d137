//! What somebody wants to know, by the environment variable `QIO_TASK_DEBUG`
//! and by the functions that stand for its words.

use std::{
    env,
    io::{self, Write},
    sync::{
        Mutex, Once,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};
#[cfg(windows)]
use std::{fs::File, os::windows::io::AsHandle};

use super::signal::{self, Signal};
use crate::base::{G_LOG_DOMAIN, sync::lock};

/// What is wanted. A `u8`, so that to ask for all of it takes one look.
static WANTED: AtomicU8 = AtomicU8::new(UNREAD);

/// The list of unfinished tasks.
pub(super) const INSPECT: u8 = 1;
/// The watch over slow callbacks.
pub(super) const SLOW: u8 = 2;
/// The list, printed at a signal and at the end.
pub(super) const PRINT: u8 = 4;
/// The environment has not been asked.
const UNREAD: u8 = 8;
/// Nobody has seen yet to the signal at which the list is printed.
const SIGNAL: u8 = 16;

/// At which signal the list is to be printed, until somebody sees to it.
static PRINT_AT: Mutex<Option<Signal>> = Mutex::new(None);

/// For how long a callback may hold the loop, in microseconds.
static LIMIT: AtomicU64 = AtomicU64::new(0);

/// 60 in a second.
pub(super) const FRAME: Duration = Duration::from_millis(16);

pub(super) const VARIABLE: &str = "QIO_TASK_DEBUG";

/// What it takes, but for the words of [`signal`].
const HELP: [&str; 2] = [
    "QIO_TASK_DEBUG takes these words, separated by commas:\n",
    "  slow[=MS]       warn of callbacks that hold the main loop for longer than MS
                  milliseconds; 16, a frame, by default
  all             both
  help            this
",
];

/// Whether somebody wants to know of a task that is made now, or that there is one: also
/// where the program wants no list, the signal of which must not end it.
#[inline]
pub(super) fn is_wanted() -> bool {
    // ORDERING: nothing is read through it.
    WANTED.load(Ordering::Relaxed) != 0 && wants(INSPECT | SLOW | SIGNAL)
}

/// Whether somebody wants to know one of `what`.
#[inline]
pub(super) fn wants(what: u8) -> bool {
    if WANTED.load(Ordering::Relaxed) & UNREAD != 0 {
        read_environment();
    }
    // ORDERING: who sees that slow callbacks are wanted sees the limit.
    WANTED.load(Ordering::Acquire) & what != 0
}

/// From now on somebody wants to know `what`, or nobody does.
pub(super) fn want(what: u8, wanted: bool) {
    read_environment();
    set(what, wanted);
}

fn set(what: u8, wanted: bool) {
    if wanted {
        WANTED.fetch_or(what, Ordering::Release);
    } else {
        WANTED.fetch_and(!what, Ordering::Relaxed);
    }
}

#[cold]
pub(super) fn read_environment() {
    static READ: Once = Once::new();
    let mut answer = Answer::default();
    READ.call_once(|| {
        if let Some(words) = env::var_os(VARIABLE) {
            answer = obey(&words.to_string_lossy());
        }
        set(UNREAD, false);
    });
    // Outside of it: the log is foreign code, which may make a task, and so may
    // whoever has stderr locked.
    if answer.help {
        let [beginning, end] = HELP;
        print(&[beginning, signal::HELP, end].concat());
    }
    for complaint in answer.complaints {
        glib::g_warning!(G_LOG_DOMAIN, "{complaint}");
    }
}

/// At which signal the list is to be printed. Says so once.
pub(super) fn take_signal() -> Option<Signal> {
    set(SIGNAL, false);
    lock(&PRINT_AT).take()
}

/// For how long a callback may hold the loop.
pub(super) fn limit() -> Duration {
    Duration::from_micros(LIMIT.load(Ordering::Relaxed))
}

pub(super) fn set_limit(limit: Duration) {
    let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
    // ORDERING: who looks at it has seen first that it is wanted.
    LIMIT.store(micros, Ordering::Relaxed);
}

/// Prints to stderr, which may be closed. At once, so that nothing that others
/// print comes in between.
pub(super) fn print(text: &str) {
    // One that has ended meanwhile may have locked what others print by.
    #[cfg(windows)]
    if crate::base::fork::is_child() {
        if let Ok(stderr) = io::stderr().as_handle().try_clone_to_owned() {
            let _ = File::from(stderr).write_all(text.as_bytes());
        }
        return;
    }
    let _ = io::stderr().write_all(text.as_bytes());
}

/// What is to be said of the variable.
#[derive(Default)]
struct Answer {
    help: bool,
    complaints: Vec<String>,
}

/// Does what the variable says.
fn obey(words: &str) -> Answer {
    let mut answer = Answer::default();
    let (mut tasks, mut signal, mut slow) = (false, None, None);
    for word in words.split([',', ':', ';', ' ', '\t']) {
        match word.parse() {
            Ok(Word::Nothing) => {}
            Ok(Word::Tasks(named)) => {
                tasks = true;
                signal = named.or(signal);
            }
            Ok(Word::Slow(limit)) => slow = Some(limit),
            Ok(Word::All) => {
                tasks = true;
                slow = slow.or(Some(FRAME));
            }
            Ok(Word::Help) => answer.help = true,
            Err(Unknown) => answer.complaints.push(format!(
                "{VARIABLE} has the word \"{word}\", which means nothing; \"help\" tells what does"
            )),
        }
    }
    if tasks {
        *lock(&PRINT_AT) = Some(signal.unwrap_or_else(Signal::usual));
        set(INSPECT | PRINT | SIGNAL, true);
    }
    if let Some(limit) = slow {
        set_limit(limit);
        set(SLOW, true);
    }
    answer
}

/// One word of the variable.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    Nothing,
    Tasks(Option<Signal>),
    Slow(Duration),
    All,
    Help,
}

#[derive(Debug, PartialEq, Eq)]
struct Unknown;

impl std::str::FromStr for Word {
    type Err = Unknown;

    fn from_str(word: &str) -> Result<Self, Unknown> {
        match word.split_once('=') {
            Some(("slow", limit)) => match limit.parse() {
                Ok(limit) => Ok(Self::Slow(Duration::from_millis(limit))),
                Err(_) => Err(Unknown),
            },
            Some(("tasks", signal)) => match signal.parse() {
                Ok(signal) => Ok(Self::Tasks(Some(signal))),
                Err(()) => Err(Unknown),
            },
            Some(_) => Err(Unknown),
            None => match word {
                "" => Ok(Self::Nothing),
                "tasks" => Ok(Self::Tasks(None)),
                "slow" => Ok(Self::Slow(FRAME)),
                "all" => Ok(Self::All),
                "help" => Ok(Self::Help),
                _ => Err(Unknown),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_what_the_help_says() {
        // Between two separators.
        assert_eq!("".parse(), Ok(Word::Nothing));
        assert_eq!("slow".parse(), Ok(Word::Slow(Duration::from_millis(16))));
        assert_eq!("slow=5".parse(), Ok(Word::Slow(Duration::from_millis(5))));
        #[cfg(unix)]
        for usual in ["USR1", "SIGUSR1"] {
            let named = format!("tasks={usual}").parse();
            assert_eq!(named, Ok(Word::Tasks(Some(Signal::usual()))));
        }
        for wrong in ["slow=", "slow=-1", "slow=5ms", "task", "tasks=1", "SLOW"] {
            assert_eq!(wrong.parse::<Word>(), Err(Unknown), "{wrong}");
        }
        for wrong in ["", "SIG", "RTMIN++1", "RTMIN+256", "RTMAX--1", "RTMAX+0"] {
            let wrong = format!("tasks={wrong}");
            assert_eq!(wrong.parse::<Word>(), Err(Unknown), "{wrong}");
        }
    }
}

//! What somebody wants to know, by the environment variable `QIO_TASK_DEBUG`
//! and by the functions that stand for its words.

use std::{
    env, fmt,
    io::{self, Write},
    sync::{
        Once,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

use glib::{ControlFlow, MainContext, MainLoop};

use super::{inspect, slow};
use crate::G_LOG_DOMAIN;

/// What is wanted. A `u8`, so that to ask for all of it takes one look.
static WANTED: AtomicU8 = AtomicU8::new(UNREAD);

/// The list of unfinished tasks.
pub(super) const INSPECT: u8 = 1;
/// The watch over slow callbacks.
pub(super) const SLOW: u8 = 2;
/// The list, printed at a signal and at the end.
const PRINT: u8 = 4;
/// The environment has not been asked.
const UNREAD: u8 = 8;

const VARIABLE: &str = "QIO_TASK_DEBUG";

const HELP: &str = "\
QIO_TASK_DEBUG takes these words, separated by commas:
  tasks      list the unfinished tasks on stderr, at SIGUSR1 and at the end
  slow[=MS]  warn of callbacks that hold the main loop for longer than MS
             milliseconds; 16, a frame, if not told
  all        both
  help       this
";

/// Whether somebody wants to know of a task that is made now.
#[inline]
pub(super) fn is_wanted() -> bool {
    // ORDERING: nothing is read through it.
    WANTED.load(Ordering::Relaxed) != 0 && wants(INSPECT | SLOW)
}

/// Whether somebody wants to know one of `what`.
pub(super) fn wants(what: u8) -> bool {
    if WANTED.load(Ordering::Relaxed) & UNREAD != 0 {
        read_environment();
    }
    WANTED.load(Ordering::Relaxed) & what != 0
}

/// From now on somebody wants to know `what`, or nobody does.
pub(super) fn want(what: u8, wanted: bool) {
    read_environment();
    set(what, wanted);
}

fn set(what: u8, wanted: bool) {
    if wanted {
        WANTED.fetch_or(what, Ordering::Relaxed);
    } else {
        WANTED.fetch_and(!what, Ordering::Relaxed);
    }
}

#[cold]
fn read_environment() {
    static READ: Once = Once::new();
    let mut complaints = Vec::new();
    READ.call_once(|| {
        complaints = env::var(VARIABLE).map_or_else(|_| Vec::new(), |words| obey(&words));
        set(UNREAD, false);
    });
    // Outside of it: the log is foreign code, which may make a task.
    for complaint in complaints {
        glib::g_warning!(G_LOG_DOMAIN, "{complaint}");
    }
}

/// Does what the variable says, and hands back what is to be said of it.
fn obey(words: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for word in words.split([',', ':', ';', ' ', '\t']) {
        let Ok(word) = word.parse() else {
            complaints.push(format!(
                "{VARIABLE} has the word \"{word}\", which means nothing; \"help\" tells what does"
            ));
            continue;
        };
        if matches!(word, Word::Tasks | Word::All) {
            set(INSPECT | PRINT, true);
            complaints.extend(print_at_signal().err());
        }
        match word {
            Word::Nothing | Word::Tasks => {}
            Word::Slow(limit) => watch(limit),
            Word::All => watch(slow::FRAME),
            Word::Help => print(format_args!("{HELP}")),
        }
    }
    complaints
}

fn watch(limit: Duration) {
    slow::set_limit(limit);
    set(SLOW, true);
}

/// One word of the variable.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    Nothing,
    Tasks,
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
            Some(_) => Err(Unknown),
            None => match word {
                "" => Ok(Self::Nothing),
                "tasks" => Ok(Self::Tasks),
                "slow" => Ok(Self::Slow(slow::FRAME)),
                "all" => Ok(Self::All),
                "help" => Ok(Self::Help),
                _ => Err(Unknown),
            },
        }
    }
}

/// Prints the list at each SIGUSR1, from a thread of its own: the main loop may
/// be what hangs.
fn print_at_signal() -> Result<(), String> {
    let context = MainContext::new();
    let signal = glib_unix::signal_source_new(
        rustix::process::Signal::USR1.as_raw(),
        Some("qio-task debug"),
        glib::Priority::DEFAULT,
        || {
            print_list();
            ControlFlow::Continue
        },
    );
    signal.attach(Some(&context));
    let thread = thread::Builder::new().name("qio-task debug".to_owned());
    let started = thread.spawn(move || MainLoop::new(Some(&context), false).run());
    started.map(drop).map_err(|error| {
        format!("{VARIABLE}: no thread could be started to wait for SIGUSR1: {error}")
    })
}

fn print_list() {
    print(format_args!("{}", inspect::List(&inspect::inspect())));
}

/// The main thread ends: prints what is left, if that is wanted.
pub(crate) fn at_exit() {
    if WANTED.load(Ordering::Relaxed) & PRINT != 0 && !inspect::inspect().is_empty() {
        print_list();
    }
}

/// Prints to stderr, which may be closed.
fn print(text: fmt::Arguments<'_>) {
    let _ = io::stderr().write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_what_the_help_says() {
        assert_eq!("slow".parse(), Ok(Word::Slow(Duration::from_millis(16))));
        assert_eq!("slow=5".parse(), Ok(Word::Slow(Duration::from_millis(5))));
        for wrong in ["slow=", "slow=-1", "slow=5ms", "task", "tasks=1", "SLOW"] {
            assert_eq!(wrong.parse::<Word>(), Err(Unknown), "{wrong}");
        }
    }
}

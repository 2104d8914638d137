//! What a task finds of its thread, and what one can do to it.

use std::{ffi::c_int, fs, ptr};

use glib::MainContext;
use rustix::process::getpriority_process;
#[cfg(not(qio_portable))]
use rustix::process::setpriority_process;

#[link(name = "m")]
unsafe extern "C" {
    fn fegetround() -> c_int;
    fn fesetround(rounding: c_int) -> c_int;
}

#[cfg(target_arch = "x86_64")]
const UPWARD: c_int = 0x800;
#[cfg(target_arch = "aarch64")]
const UPWARD: c_int = 0x40_0000;

/// Elsewhere than on Linux the nice value is the process's, and the library lets it be.
const IS_NICE_A_THREADS: bool = cfg!(not(qio_portable));

/// What a task finds, as it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub name: String,
    pub nice: i32,
    pub policy: c_int,
    pub blocked_signals: String,
    /// The address of the thread-default context.
    pub context: usize,
    pub locale: usize,
    pub rounding: c_int,
    /// By arithmetic, and not as it is told.
    pub third: u64,
}

impl State {
    pub fn here() -> Self {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        let line = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().trim().to_owned()
        };
        // SAFETY: each tells what is, and changes nothing.
        let (policy, context, locale, rounding) = unsafe {
            (
                libc::sched_getscheduler(0),
                glib::ffi::g_main_context_get_thread_default().addr(),
                libc::uselocale(ptr::null_mut()).addr(),
                fegetround(),
            )
        };
        let [one, three] = std::hint::black_box([1.0_f64, 3.0]);
        Self {
            name: line("Name:"),
            nice: if IS_NICE_A_THREADS {
                getpriority_process(None).unwrap()
            } else {
                0
            },
            policy,
            blocked_signals: line("SigBlk:"),
            context,
            locale,
            rounding,
            third: std::hint::black_box(one / three).to_bits(),
        }
    }
}

/// Each does something to its thread, and leaves it so.
pub const DEEDS: &[(&str, fn())] = &[
    ("name", rename),
    #[cfg(not(qio_portable))]
    ("nice", be_nice),
    ("policy", be_a_batch),
    ("signals", unblock_signals),
    ("context", push_contexts),
    ("locale", use_locale),
    ("rounding", round_upward),
];

pub fn do_all() {
    for (_, deed) in DEEDS {
        deed();
    }
}

pub fn rename() {
    rustix::thread::set_name(c"renamed").unwrap();
}

#[cfg(not(qio_portable))]
pub fn be_nice() {
    let nice = getpriority_process(None).unwrap();
    setpriority_process(None, nice + 3).unwrap();
}

pub fn be_a_batch() {
    let parameters = libc::sched_param { sched_priority: 0 };
    let place = &raw const parameters;
    // SAFETY: it reads the parameters.
    let set = unsafe {
        if cfg!(qio_portable) {
            libc::pthread_setschedparam(libc::pthread_self(), libc::SCHED_BATCH, place)
        } else {
            libc::sched_setscheduler(0, libc::SCHED_BATCH, place)
        }
    };
    assert_eq!(set, 0);
}

pub fn unblock_signals() {
    let mut none = std::mem::MaybeUninit::uninit();
    // SAFETY: it is emptied before it is read; the mask of a thread is its own.
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
    }
}

/// Two, one within the other.
pub fn push_contexts() {
    for _ in 0..2 {
        // SAFETY: nobody else knows the context. It is never popped here.
        unsafe { glib::ffi::g_main_context_push_thread_default(MainContext::new().as_ptr()) };
    }
}

pub fn use_locale() {
    // SAFETY: the locale is there for ever.
    unsafe {
        let locale = libc::newlocale(libc::LC_ALL_MASK, c"C".as_ptr(), ptr::null_mut());
        assert!(!locale.is_null());
        libc::uselocale(locale);
    }
}

pub fn round_upward() {
    // SAFETY: what computes until the worker returns is what the test means.
    assert_eq!(unsafe { fesetround(UPWARD) }, 0);
}

/// This thread, and those that it starts, may not be made more urgent again.
pub fn give_up_the_right_to_be_urgent() {
    use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
    let mut sets = capabilities(None).unwrap();
    for set in [
        &mut sets.effective,
        &mut sets.permitted,
        &mut sets.inheritable,
    ] {
        set.remove(CapabilitySet::SYS_NICE);
    }
    set_capabilities(None, sets).unwrap();
}

//! The functions of the C library that these tests make fail.
//!
//! The linker takes a definition in the program before one in a library, so
//! std, GLib and this library all call these; `interposed.rs` proves it. Each
//! passes the call on unless a test has asked for a fault, which holds for the
//! whole process: such a test is in a process of its own.
#![allow(unsafe_code)]

use std::{
    ffi::{CStr, c_char, c_int, c_long, c_void},
    fs, io, mem, ptr,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicPtr, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

/// What comes after this program's own definition of a function.
struct Next(&'static CStr, AtomicPtr<c_void>);

impl Next {
    const fn new(name: &'static CStr) -> Self {
        Self(name, AtomicPtr::new(ptr::null_mut()))
    }

    fn get(&self) -> *mut c_void {
        let known = self.1.load(SeqCst);
        if !known.is_null() {
            return known;
        }
        // SAFETY: the name is a C string that lives for ever.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, self.0.as_ptr()) };
        assert!(!found.is_null(), "the C library has no {:?}", self.0);
        self.1.store(found, SeqCst);
        found
    }
}

// `GTask`s.

type NewTask =
    unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void, *mut c_void) -> *mut c_void;

/// The sources of those that were made on this thread.
pub fn sources_of_gtasks() -> Vec<usize> {
    GTASKS.with_borrow(Clone::clone)
}

thread_local! {
    static GTASKS: std::cell::RefCell<Vec<usize>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// In place of GIO's.
///
/// # Safety
///
/// As GIO's.
#[unsafe(no_mangle)]
unsafe extern "C" fn g_task_new(
    source: *mut c_void,
    cancellable: *mut c_void,
    callback: *mut c_void,
    data: *mut c_void,
) -> *mut c_void {
    static NEXT: Next = Next::new(c"g_task_new");
    GTASKS.with_borrow_mut(|gtasks| gtasks.push(source.addr()));
    // SAFETY: GIO's own function, called as its caller has meant it.
    unsafe {
        let next = mem::transmute::<*mut c_void, NewTask>(NEXT.get());
        next(source, cancellable, callback, data)
    }
}

// Threads.

type Start = extern "C" fn(*mut c_void) -> *mut c_void;

static REFUSED: Mutex<fn(usize) -> bool> = Mutex::new(|_| false);
static ASKED: AtomicUsize = AtomicUsize::new(0);
static ASKED_IN_ALL: AtomicUsize = AtomicUsize::new(0);

/// Refuses those threads, counted from 0 and from now on, for which `is_refused`.
pub fn refuse_threads(is_refused: fn(usize) -> bool) {
    let mut refused = REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    *refused = is_refused;
    ASKED.store(0, SeqCst);
}

pub fn allow_threads() {
    refuse_threads(|_| false);
}

/// Threads that are asked for are not there before this is dropped.
pub struct HeldThreads(&'static Mutex<bool>);

static ARE_HELD: Mutex<bool> = Mutex::new(false);
static LET_GO: Condvar = Condvar::new();

/// The system takes very long to start a thread.
pub fn hold_threads() -> HeldThreads {
    *ARE_HELD.lock().unwrap() = true;
    HeldThreads(&ARE_HELD)
}

impl Drop for HeldThreads {
    fn drop(&mut self) {
        *self.0.lock().unwrap() = false;
        LET_GO.notify_all();
    }
}

impl HeldThreads {
    /// Not when somebody has waited for one for so long that this was given up.
    pub fn are_held(&self) -> bool {
        *self.0.lock().unwrap()
    }
}

/// Longer than anything takes but what never comes.
const VERY_LONG: Duration = Duration::from_secs(20);

fn wait_while_held() {
    let held = ARE_HELD.lock().unwrap();
    let (mut held, waited) = LET_GO
        .wait_timeout_while(held, VERY_LONG, |held| *held)
        .unwrap();
    if waited.timed_out() {
        *held = false;
    }
}

/// How often this process has asked for a thread.
pub fn threads_asked_for() -> usize {
    ASKED_IN_ALL.load(SeqCst)
}

/// How many threads this process has, but for the one that starts the library's: it stays.
pub fn threads() -> usize {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let names = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("comm")));
    names
        .filter(|name| !name.as_ref().is_ok_and(|name| name == "qio-spawner\n"))
        .count()
}

#[unsafe(no_mangle)]
extern "C" fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> c_int {
    type Real = extern "C" fn(
        *mut libc::pthread_t,
        *const libc::pthread_attr_t,
        Start,
        *mut c_void,
    ) -> c_int;
    static NEXT: Next = Next::new(c"pthread_create");

    ASKED_IN_ALL.fetch_add(1, SeqCst);
    wait_while_held();
    let is_refused = *REFUSED.lock().unwrap_or_else(PoisonError::into_inner);
    if is_refused(ASKED.fetch_add(1, SeqCst)) {
        return libc::EAGAIN;
    }
    // SAFETY: the function of this name in the C library has this type.
    let real: Real = unsafe { mem::transmute(NEXT.get()) };
    real(thread, attributes, start, argument)
}

// Clocks.

/// What is added to the clocks, in nanoseconds.
static MONOTONIC: AtomicI64 = AtomicI64::new(0);
static REALTIME: AtomicI64 = AtomicI64::new(0);
/// Where the monotonic clock stands, unless it goes.
static FROZEN: AtomicI64 = AtomicI64::new(i64::MIN);

const SECOND: i64 = 1_000_000_000;

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap()
}

/// Moves `CLOCK_MONOTONIC` forward, as no system should.
pub fn jump_monotonic(forward: Duration) {
    MONOTONIC.fetch_add(nanoseconds(forward), SeqCst);
}

/// Moves `CLOCK_REALTIME`, as an administrator may.
pub fn jump_realtime(seconds: i64) {
    REALTIME.fetch_add(seconds * SECOND, SeqCst);
}

/// Stops `CLOCK_MONOTONIC`.
pub fn freeze_monotonic() {
    FROZEN.store(
        real_time(libc::CLOCK_MONOTONIC) + MONOTONIC.load(SeqCst),
        SeqCst,
    );
}

/// Lets it go on from where it stands.
pub fn thaw_monotonic() {
    let stood = FROZEN.swap(i64::MIN, SeqCst);
    MONOTONIC.store(stood - real_time(libc::CLOCK_MONOTONIC), SeqCst);
}

fn split(time: i64) -> libc::timespec {
    libc::timespec {
        tv_sec: time.div_euclid(SECOND),
        tv_nsec: time.rem_euclid(SECOND),
    }
}

fn real_clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> c_int {
    type Real = extern "C" fn(libc::clockid_t, *mut libc::timespec) -> c_int;
    static NEXT: Next = Next::new(c"clock_gettime");
    // SAFETY: the function of this name in the C library has this type.
    let real: Real = unsafe { mem::transmute(NEXT.get()) };
    real(clock, time)
}

fn real_time(clock: libc::clockid_t) -> i64 {
    let mut time = split(0);
    assert_eq!(real_clock_gettime(clock, &raw mut time), 0);
    time.tv_sec * SECOND + time.tv_nsec
}

/// What `clock` is ahead of the kernel's, given what that one shows.
fn ahead(clock: libc::clockid_t, real: i64) -> i64 {
    match clock {
        libc::CLOCK_MONOTONIC => match FROZEN.load(SeqCst) {
            i64::MIN => MONOTONIC.load(SeqCst),
            stands => stands - real,
        },
        libc::CLOCK_REALTIME => REALTIME.load(SeqCst),
        _ => 0,
    }
}

#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> c_int {
    let result = real_clock_gettime(clock, time);
    if result == 0 {
        // SAFETY: the real one has just written to it; null would have failed.
        let time = unsafe { &mut *time };
        let real = time.tv_sec * SECOND + time.tv_nsec;
        *time = split(real + ahead(clock, real));
    }
    result
}

#[unsafe(no_mangle)]
extern "C" fn gettimeofday(time: *mut libc::timeval, _zone: *mut c_void) -> c_int {
    let real = real_time(libc::CLOCK_REALTIME);
    let now = split(real + ahead(libc::CLOCK_REALTIME, real));
    if !time.is_null() {
        let now = libc::timeval {
            tv_sec: now.tv_sec,
            tv_usec: now.tv_nsec / 1000,
        };
        // SAFETY: the caller has passed a place for the time.
        unsafe { time.write(now) };
    }
    0
}

/// Here std waits on its condition variables: until a moment of the monotonic
/// clock, which has to be told to the kernel in the kernel's own time.
#[unsafe(no_mangle)]
extern "C" fn syscall(
    number: c_long,
    a: c_long,
    operation: c_long,
    c: c_long,
    until: *const libc::timespec,
    e: c_long,
    f: c_long,
) -> c_long {
    type Real = extern "C" fn(
        c_long,
        c_long,
        c_long,
        c_long,
        *const libc::timespec,
        c_long,
        c_long,
    ) -> c_long;
    static NEXT: Next = Next::new(c"syscall");
    // SAFETY: the C library's is variadic, and reads all six arguments of a
    // call, however many it was given, from the places where these are.
    let real: Real = unsafe { mem::transmute(NEXT.get()) };
    let is_wait = number == libc::SYS_futex
        && operation & 0x7f == c_long::from(libc::FUTEX_WAIT_BITSET)
        && operation & c_long::from(libc::FUTEX_CLOCK_REALTIME) == 0;
    if !is_wait || until.is_null() {
        return real(number, a, operation, c, until, e, f);
    }
    // SAFETY: this operation takes a time there, which is not null.
    let moment = unsafe { *until };
    let now = real_time(libc::CLOCK_MONOTONIC);
    let moment = moment
        .tv_sec
        .saturating_mul(SECOND)
        .saturating_add(moment.tv_nsec);
    let moment = split(moment.saturating_sub(ahead(libc::CLOCK_MONOTONIC, now)));
    real(number, a, operation, c, &raw const moment, e, f)
}

// Signals and processes.

static SIGNALS: AtomicUsize = AtomicUsize::new(0);

/// How many signals have been handled.
pub fn signals() -> usize {
    SIGNALS.load(SeqCst)
}

/// Handles `SIGUSR1` so that it interrupts calls (no `SA_RESTART`).
pub fn handle_signals() {
    extern "C" fn handle(_: c_int) {
        SIGNALS.fetch_add(1, SeqCst);
    }
    // SAFETY: all zeroes is a valid `sigaction`; the handler only counts,
    // which is safe in a signal handler.
    let result = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handle as extern "C" fn(c_int) as usize;
        libc::sigaction(libc::SIGUSR1, &raw const action, ptr::null_mut())
    };
    assert_eq!(result, 0);
}

/// Sends `SIGUSR1` to the thread of this kernel's number, if it lives.
pub fn signal(thread: libc::pid_t) {
    // SAFETY: numbers alone; the kernel checks that the thread is ours.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, libc::SIGUSR1) };
}

/// What a child does after `fork`, in which this thread alone goes on.
pub enum Forked<'a> {
    /// Becomes another program.
    Exec(&'a [&'a CStr]),
    /// Ends without a destructor.
    ExitAtOnce(c_int),
    /// Ends as a program does that calls `exit`.
    Exit(c_int),
    /// Calls this, and then ends without a destructor.
    Call(&'a dyn Fn() -> c_int),
}

/// Forks; returns the number of the child.
pub fn fork(then: &Forked<'_>) -> rustix::process::Pid {
    let mut argv: Vec<*const c_char> = Vec::new();
    if let Forked::Exec(arguments) = then {
        argv.extend(arguments.iter().map(|argument| argument.as_ptr()));
        argv.push(ptr::null());
    }
    // SAFETY: the child execs or exits with what was made before, or calls
    // what a test vouches for.
    let child = unsafe {
        let child = libc::fork();
        if child == 0 {
            let code = match then {
                Forked::Exec(_) => libc::execv(argv[0], argv.as_ptr()),
                Forked::ExitAtOnce(code) => *code,
                Forked::Exit(code) => libc::exit(*code),
                Forked::Call(call) => call(),
            };
            libc::_exit(code);
        }
        child
    };
    let error = io::Error::last_os_error();
    rustix::process::Pid::from_raw(child).unwrap_or_else(|| panic!("{error}"))
}

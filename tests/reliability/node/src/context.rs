//! As the library's, whose `source` and `wake_up` call C.

#[path = "../../../../src/context/level.rs"]
mod level;
#[path = "../../../../src/context/queue.rs"]
mod queue;
mod source;
#[path = "../../../../src/context/timer.rs"]
mod timer;

use std::sync::OnceLock;

use glib::MainContext;

pub(crate) use level::Level;
pub(crate) use queue::{Due, Queue, Timer};

/// A descriptor that nobody polls: the loops of the stub never sleep.
mod wake_up {
    use std::{io, os::fd::RawFd};

    pub(super) struct WakeUp;

    impl WakeUp {
        #[expect(clippy::unnecessary_wraps)]
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) fn wake(&self) {}

        pub(super) fn clear(&self) {}

        pub(super) fn descriptor(&self) -> RawFd {
            0
        }
    }
}

pub(crate) fn global() -> &'static MainContext {
    static GLOBAL: OnceLock<MainContext> = OnceLock::new();
    GLOBAL.get_or_init(MainContext::new)
}

pub(crate) fn dispatching() -> Option<MainContext> {
    glib::main_current_source()?.context()
}

pub(crate) fn address(context: &MainContext) -> usize {
    context.as_ptr().addr()
}

pub(crate) fn within<R>(address: usize, held: Option<&MainContext>, f: impl FnOnce() -> R) -> R {
    let default = MainContext::thread_default();
    if self::address(default.as_ref().unwrap_or_else(|| global())) == address {
        return f();
    }
    let mut f = Some(f);
    let mut run = || (f.take().expect("called once"))();
    let done = held
        .cloned()
        .or_else(dispatching)
        .filter(|context| self::address(context) == address)
        .and_then(|context| context.with_thread_default(&mut run).ok());
    done.unwrap_or_else(run)
}

//! What a task holds for its user is dropped at some moment, and a destructor
//! may do anything then: end its own task or another, make and wait for tasks,
//! report progress, iterate the context, or panic.
//!
//! Each deed is done at each place where this library drops something.

mod dead;
mod live;
mod panics;

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use gio::prelude::*;
use glib::{MainContext, subclass::prelude::*};
use qio_task::{Builder, Error, Progress, QioTask};

use crate::{
    common::{PATIENCE, iterate},
    ends::{End, Ends},
};

/// What a destructor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    CancelOwn,
    CancelAnother,
    CompleteAnother,
    DropAnother,
    MakeAnother,
    WaitForAnother,
    Report,
    Iterate,
    Panic,
}

/// All but the panic, which has expectations of its own.
const DEEDS: [Deed; 8] = [
    Deed::CancelOwn,
    Deed::CancelAnother,
    Deed::CompleteAnother,
    Deed::DropAnother,
    Deed::MakeAnother,
    Deed::WaitForAnother,
    Deed::Report,
    Deed::Iterate,
];

/// The numbers of the tasks: the one that holds what is dropped, another that
/// waits, and from then on those that are made as it is dropped.
const OWN: usize = 0;
const ANOTHER: usize = 1;
const FIRST_MADE: usize = 2;

/// What a deed is done with; it may be done on any thread.
struct World {
    deed: Deed,
    ends: Ends,
    /// Where the other tasks end.
    context: MainContext,
    own: gio::Cancellable,
    another: gio::Cancellable,
    made: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
}

impl World {
    /// `context` is that of the other tasks; this thread's.
    fn new(deed: Deed, context: &MainContext) -> Self {
        Self {
            deed,
            ends: Ends::default(),
            context: context.clone(),
            own: gio::Cancellable::new(),
            another: gio::Cancellable::new(),
            made: Arc::new(AtomicUsize::new(FIRST_MADE)),
            done: Arc::default(),
        }
    }

    /// A builder of the task whose destructors are tried.
    fn builder(&self) -> Builder {
        QioTask::builder().cancellable(&self.own)
    }

    /// Its callback, which notes the end and then drops `held`.
    fn dropping<T: 'static>(&self, held: Bomb) -> impl FnOnce(Result<T, Error>) + use<T> {
        let note = self.ends.of::<T>(OWN);
        move |result| {
            let _held = held;
            note(result);
        }
    }

    fn bomb(&self) -> Bomb {
        let note = self.ends.of::<()>(ANOTHER);
        let builder = QioTask::builder().cancellable(&self.another);
        let make = || {
            let progress = Progress::new(|_: usize| {});
            (builder.callback(note), progress)
        };
        let (task, progress) = if MainContext::thread_default().as_ref() == Some(&self.context) {
            make()
        } else {
            self.context.with_thread_default(make).unwrap()
        };
        Bomb {
            deed: self.deed,
            ends: self.ends.clone(),
            context: self.context.clone(),
            own: self.own.clone(),
            another: self.another.clone(),
            task: Some(task),
            progress,
            made: self.made.clone(),
            done: self.done.clone(),
        }
    }

    /// The deed has been done once, and every task has ended once.
    #[track_caller]
    fn assert_over(&self, place: &str) {
        let start = std::time::Instant::now();
        while self.ends.len() < self.made.load(SeqCst) || self.done.load(SeqCst) == 0 {
            assert!(start.elapsed() < PATIENCE, "{place}, {:?}", self.deed);
            self.context.iteration(false);
            std::thread::yield_now();
        }
        iterate(&self.context);
        assert_eq!(self.done.load(SeqCst), 1, "{place}, {:?}", self.deed);
        self.ends.assert_once(self.made.load(SeqCst));
        assert_eq!(self.ends.count(End::Spawn), 0);
        self.own.cancel();
        self.another.cancel();
    }
}

/// Does something as it is dropped.
struct Bomb {
    deed: Deed,
    ends: Ends,
    context: MainContext,
    own: gio::Cancellable,
    another: gio::Cancellable,
    task: Option<QioTask<()>>,
    progress: Progress<usize>,
    made: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
}

impl Bomb {
    fn number(&self) -> usize {
        self.made.fetch_add(1, SeqCst)
    }

    /// Makes tasks for this thread, on a context that nobody iterates.
    fn within<R>(f: impl FnOnce() -> R) -> R {
        MainContext::new().with_thread_default(f).unwrap()
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        match self.deed {
            Deed::CancelOwn => self.own.cancel(),
            Deed::CancelAnother => self.another.cancel(),
            Deed::CompleteAnother => {
                if let Some(task) = self.task.take() {
                    task.complete(Ok(()));
                }
            }
            Deed::DropAnother => drop(self.task.take()),
            Deed::MakeAnother => {
                let note = self.ends.of::<()>(self.number());
                let builder = QioTask::builder().name("made");
                builder.callback_on(&self.context, note).complete(Ok(()));
                let note = self.ends.of::<()>(self.number());
                Self::within(|| QioTask::builder().callback(note).complete(Ok(())));
                let note = self.ends.of::<()>(self.number());
                QioTask::builder()
                    .callback_on(&self.context, note)
                    .run_in_thread(|_| Ok(()));
            }
            Deed::WaitForAnother => {
                let note = self.ends.of::<()>(self.number());
                Self::within(|| {
                    let task = QioTask::builder().callback(note);
                    task.run_in_thread(|_| Ok(())).wait();
                });
            }
            Deed::Report => self.progress.report(1),
            Deed::Iterate => iterate(&self.context),
            Deed::Panic => {}
        }
        self.done.fetch_add(1, SeqCst);
        if self.deed == Deed::Panic {
            std::panic::panic_any("a destructor");
        }
    }
}

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct Bombed {
        pub(super) bomb: RefCell<Option<Bomb>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Bombed {
        const NAME: &'static str = "FaultsBombed";
        type Type = super::Bombed;
    }

    impl ObjectImpl for Bombed {
        fn dispose(&self) {
            drop(self.bomb.take());
        }
    }
}

glib::wrapper! {
    /// An object that does something as it is disposed of.
    pub struct Bombed(ObjectSubclass<imp::Bombed>);
}

impl Bombed {
    fn new(bomb: Bomb) -> Self {
        let object: Self = glib::Object::new();
        object.imp().bomb.replace(Some(bomb));
        object
    }
}

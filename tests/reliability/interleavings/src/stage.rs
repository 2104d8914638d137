//! [`Stage`]: a pool, the threads that it starts, and jobs that are counted.

use std::{
    cell::RefCell,
    convert::Infallible,
    io,
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool as Flag, AtomicUsize as Counter},
    },
    time::Duration,
};

use crate::{
    pool::{Job, Next, Pool, StackSize, State},
    sync::{self, Condvar, JoinHandle, Mutex, Ordering, PoisonError, Unseen, lock},
};

/// See the module's documentation.
pub(crate) struct Stage {
    pub(crate) pool: Pool<Counted>,
    /// Whether the system refuses the thread of this number.
    refuses: fn(usize) -> bool,
    /// Whether it refuses all from now on.
    is_over: Flag,
    started: Mutex<Started>,
    /// How many jobs there were. Counted where no other thread may come
    /// between: that makes no interleavings of its own.
    submitted: Counter,
    /// What stack the thread has that runs each of them. Nor does this.
    stack_sizes: Unseen<Vec<StackSize>>,
    ended: Mutex<Ended>,
    /// Signalled as no job is left.
    all_ended: Condvar,
}

/// The threads that the pool has asked for.
struct Started {
    asked: usize,
    /// Those that there are and that have not been joined.
    threads: Vec<JoinHandle<()>>,
}

/// How many jobs have ended, and how.
#[derive(Clone, Copy, Default)]
struct Ended {
    ran: usize,
    refused: usize,
}

/// How a job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Ran,
    Refused,
}

thread_local! {
    /// The stage that this thread is on: the pool starts threads by a function
    /// that is given nothing. (Those of loom are all on one thread.)
    static STAGE: RefCell<Option<Arc<Stage>>> = const { RefCell::new(None) };
}

impl Stage {
    /// A pool whose idle threads stay until [`Stage::end`].
    pub(crate) fn new(max_threads: usize) -> Arc<Self> {
        Self::where_refused(max_threads, |_| false)
    }

    /// A pool which is refused those threads that `refuses` says, from number 0 on.
    pub(crate) fn where_refused(max_threads: usize, refuses: fn(usize) -> bool) -> Arc<Self> {
        let stage = Arc::new(Self {
            pool: Pool {
                state: Mutex::new(State::EMPTY),
                woken: Condvar::new(),
                start_thread,
            },
            refuses,
            is_over: Flag::new(false),
            started: Mutex::new(Started {
                asked: 0,
                threads: Vec::new(),
            }),
            submitted: Counter::new(0),
            stack_sizes: Unseen::new(Vec::new()),
            ended: Mutex::new(Ended::default()),
            all_ended: Condvar::new(),
        });
        stage.pool.set_max_idle_time(Duration::MAX);
        stage.set_max_threads(max_threads);
        STAGE.set(Some(stage.clone()));
        stage
    }

    pub(crate) fn set_max_threads(&self, max: usize) {
        let max = NonZero::new(max).expect("a pool has one at least");
        self.pool.set_max_threads(max);
    }

    /// What stacks the threads have that jobs were run by, in order.
    pub(crate) fn stack_sizes(&self) -> Vec<StackSize> {
        self.stack_sizes.lock().expect("no job panics").clone()
    }

    fn serve(&self, stack_size: StackSize) {
        self.pool.serve::<Infallible>(&mut true, stack_size, |job| {
            let mut sizes = self.stack_sizes.lock().expect("no job panics");
            sizes.push(stack_size);
            drop(sizes);
            job.run();
            Next::Job(None)
        });
    }

    /// Starts a thread that is none of the pool's.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        run: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) -> JoinHandle<()> {
        let stage = self.clone();
        sync::spawn(move || {
            STAGE.set(Some(stage.clone()));
            run(&stage);
        })
    }

    /// Submits a job that does nothing.
    pub(crate) fn submit(self: &Arc<Self>) {
        self.submit_that(|_, _| ());
    }

    /// Submits a job that does `work`, which is told whether it runs.
    pub(crate) fn submit_that(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>, End) + Send + 'static,
    ) {
        self.submit_at(0, work);
    }

    /// Submits a job of this priority that does `work`, which is told whether it runs.
    pub(crate) fn submit_at(
        self: &Arc<Self>,
        priority: i32,
        work: impl FnOnce(&Arc<Self>, End) + Send + 'static,
    ) {
        self.submitted.fetch_add(1, Ordering::Relaxed);
        let stage = self.clone();
        let end = Box::new(move |end| {
            work(&stage, end);
            let mut ended = lock(&stage.ended);
            match end {
                End::Ran => ended.ran += 1,
                End::Refused => ended.refused += 1,
            }
            if ended.ran + ended.refused == stage.submitted() {
                stage.all_ended.notify_all();
            }
        });
        self.pool.submit(Counted { priority, end });
    }

    fn submitted(&self) -> usize {
        self.submitted.load(Ordering::Relaxed)
    }

    /// How many jobs were refused so far.
    pub(crate) fn refused(&self) -> usize {
        lock(&self.ended).refused
    }

    /// Waits until every job has ended, has all threads retire, and checks
    /// that the pool knows of none any more.
    ///
    /// A job that nobody comes for is found by loom, and so is a thread that
    /// stays: both are waited for here, when nobody is left to end that.
    pub(crate) fn end(self: Arc<Self>) {
        let mut ended = lock(&self.ended);
        while ended.ran + ended.refused < self.submitted() {
            let waited = self.all_ended.wait(ended);
            ended = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let refused = ended.refused;
        drop(ended);

        self.pool.set_max_idle_time(Duration::ZERO);
        // Whatever a thread has started is there when it is joined.
        let next = || lock(&self.started).threads.pop();
        while let Some(thread) = next() {
            thread.join().expect("a worker panicked");
        }

        // Only where nobody is alive, idle or on the way does a job ask for a
        // thread, and is refused as soon as that is.
        self.is_over.store(true, Ordering::Relaxed);
        self.submit();
        assert_eq!(self.refused(), refused + 1, "a thread that is gone counts");
        STAGE.set(None);
    }
}

/// Starts a thread of the pool that this thread serves or submits to.
fn start_thread(stack_size: StackSize) {
    let stage = STAGE.with_borrow(Clone::clone).expect("set by the stage");
    let mut started = lock(&stage.started);
    let number = started.asked;
    started.asked += 1;
    if (stage.refuses)(number) || stage.is_over.load(Ordering::Relaxed) {
        drop(started);
        stage.pool.refuse(&io::ErrorKind::WouldBlock.into());
        return;
    }
    let thread = stage.spawn(move |stage| stage.serve(stack_size));
    started.threads.push(thread);
}

/// A job, by what it does as it ends.
pub(crate) struct Counted {
    priority: i32,
    end: Box<dyn FnOnce(End) + Send>,
}

impl Job for Counted {
    fn run(self) {
        (self.end)(End::Ran);
    }

    fn name(&self) -> Option<&str> {
        None
    }

    fn priority(&self) -> i32 {
        self.priority
    }

    fn refuse(self, _: io::Error) {
        (self.end)(End::Refused);
    }
}

/// Where threads wait for each other.
pub(crate) struct Meeting {
    absent: Mutex<usize>,
    complete: Condvar,
}

impl Meeting {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            absent: Mutex::new(threads),
            complete: Condvar::new(),
        }
    }

    /// Is there, and waits for the others.
    pub(crate) fn join(&self) {
        *lock(&self.absent) -= 1;
        self.complete.notify_all();
        self.wait();
    }

    /// Waits until all are there.
    pub(crate) fn wait(&self) {
        let mut absent = lock(&self.absent);
        while *absent > 0 {
            let waited = self.complete.wait(absent);
            absent = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

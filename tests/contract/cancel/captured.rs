//! What a worker has captured, which lies in the place of the result where it has room.

use std::{
    num::NonZero,
    ptr,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use qio_task::{Error, QioTask, Worker, set_max_threads};

use crate::common::{
    busy_worker, iterate, on_context, on_dying_context, passes_in_child, wait_until,
};

/// What a worker has captured: something that is zero-sized, something that must lie on a
/// whole kilobyte, or something that is larger than any result.
trait Captured: Send + Sized + 'static {
    fn make() -> Self;
    fn is_whole(&self) -> bool;
}

struct Nothing;
#[repr(align(1024))]
struct Aligned(u8);
struct Large([u64; 1024]);

impl Captured for Nothing {
    fn make() -> Self {
        Self
    }

    fn is_whole(&self) -> bool {
        true
    }
}

impl Captured for Aligned {
    fn make() -> Self {
        Self(7)
    }

    fn is_whole(&self) -> bool {
        self.0 == 7 && ptr::from_ref(self).addr().is_multiple_of(1024)
    }
}

impl Captured for Large {
    fn make() -> Self {
        Self([7; 1024])
    }

    fn is_whole(&self) -> bool {
        self.0.iter().all(|word| *word == 7)
    }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Zero-sized, too, and counts that it is dropped.
struct Counts;

impl Drop for Counts {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, SeqCst);
    }
}

const SIZES: &str = "cancel::captured::workers_of_any_size_and_alignment_run_or_are_dropped_once";

#[test]
fn workers_of_any_size_and_alignment_run_or_are_dropped_once() {
    fn check<C: Captured>() {
        let dropped = || DROPPED.swap(0, SeqCst);
        let worker = || {
            let (captured, counts) = (C::make(), Counts);
            move |_: &Worker| {
                let _counts = counts;
                assert!(captured.is_whole());
                Ok(())
            }
        };
        let task = || QioTask::builder().callback(|_: Result<(), Error>| {});
        on_context(|context| {
            // Alone, and known to a future that is dropped.
            task().run_in_thread(worker()).wait();
            assert_eq!(dropped(), 1);
            let (task_of_future, future) = QioTask::builder().future::<(), glib::Error>();
            drop(future);
            task_of_future.run_in_thread(worker()).wait();
            assert_eq!(dropped(), 1);
            // In the queue.
            let (gate, busy) = busy_worker();
            let queued = task().run_in_thread(worker());
            queued.cancel();
            assert_eq!(dropped(), 1);
            task().run_in_thread(worker());
            on_dying_context(|_| task().run_in_thread(worker()));
            assert_eq!(dropped(), 1);
            gate.open();
            busy.wait();
            wait_until(|| DROPPED.load(SeqCst) == 1);
            iterate(context);
            assert_eq!(dropped(), 1);
        });
    }
    if passes_in_child(SIZES) {
        return;
    }
    set_max_threads(NonZero::new(1).unwrap());
    check::<Nothing>();
    check::<Aligned>();
    check::<Large>();
}

//! The stacks of the worker threads: as large as the platform gives them, or as was
//! set. Each test is a process of its own, since one that is too small ends it.

#[cfg(unix)]
mod ulimit;

use std::{hint::black_box, num::NonZero, time::Duration};

use qio_task::{Builder, Error, QioTask, set_stack_size, stack_size};

use crate::common::{
    busy_worker, in_child, is_child, on_context, panics::panic_of, passes_in_child,
};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Uses so many bytes of this thread's stack, and not many more.
fn use_stack(bytes: usize) {
    const FRAME: usize = 16 * KIB;

    #[inline(never)]
    fn deeper(left: usize) {
        let mut frame = [0_u8; FRAME];
        black_box(&mut frame);
        if left > FRAME {
            deeper(left - FRAME);
        }
        // After the call: so that it is one, and no jump.
        black_box(&frame);
    }
    deeper(bytes);
}

/// Runs a worker that uses so much.
fn run(builder: Builder, bytes: usize) {
    let task = builder.callback(|result: Result<(), Error>| result.unwrap());
    task.run_in_thread(move |_| {
        use_stack(bytes);
        Ok(())
    })
    .wait();
}

const PLATFORM: &str = "stack::a_worker_has_the_stack_that_the_platform_gives";

#[test]
fn a_worker_has_the_stack_that_the_platform_gives() {
    if passes_in_child(PLATFORM) {
        return;
    }
    on_context(|context| {
        // On Windows it is what the linker was told, a megabyte or two.
        let most = (stack_size() / 2).min(4 * MIB);
        run(QioTask::builder(), most);
        run(QioTask::builder().dedicated_thread(), most);
        let used = context.block_on(qio_task::spawn_blocking(move |_| {
            use_stack(most);
            Ok::<_, glib::Error>(())
        }));
        used.unwrap();
    });
}

const SMALL: &str = "stack::a_stack_that_is_too_small_ends_the_process";

/// So that the other tests fail where the size is not what it is said to be.
#[test]
fn a_stack_that_is_too_small_ends_the_process() {
    if is_child(SMALL) {
        set_stack_size(256 * KIB);
        on_context(|_| run(QioTask::builder(), 4 * MIB));
        return;
    }
    let output = in_child(SMALL);
    assert!(!output.status.success(), "{output:?}");
}

const SET: &str = "stack::what_is_set_holds_for_the_next_worker";

/// Also where threads are there that were started with another size.
#[test]
fn what_is_set_holds_for_the_next_worker() {
    if passes_in_child(SET) {
        return;
    }
    on_context(|_| {
        qio_task::set_max_idle_time(Duration::MAX);
        let (gate, busy) = busy_worker();
        // An idle one, and one that is busy as the size is set.
        run(QioTask::builder(), KIB);
        set_stack_size(64 * MIB);
        assert_eq!(stack_size(), 64 * MIB);
        run(QioTask::builder(), 48 * MIB);
        gate.open();
        busy.wait();
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                QioTask::builder()
                    .callback(|result: Result<(), Error>| result.unwrap())
                    .run_in_thread(|_| {
                        use_stack(48 * MIB);
                        Ok(())
                    })
            })
            .collect();
        tasks.into_iter().for_each(qio_task::Running::wait);
        run(QioTask::builder().dedicated_thread(), 48 * MIB);
        // At the maximum of threads, too.
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        set_stack_size(128 * MIB);
        run(QioTask::builder(), 96 * MIB);
    });
}

const OWN: &str = "stack::a_thread_of_its_own_has_the_stack_that_its_task_asks_for";

#[test]
fn a_thread_of_its_own_has_the_stack_that_its_task_asks_for() {
    if passes_in_child(OWN) {
        return;
    }
    on_context(|_| {
        set_stack_size(MIB);
        run(QioTask::builder().stack_size(64 * MIB), 48 * MIB);
        run(
            QioTask::builder().name("deep").stack_size(64 * MIB),
            48 * MIB,
        );
        let stack_of_others = stack_size();
        assert_eq!(stack_of_others, MIB);
        // One that takes all of the threads that others share.
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (gate, busy) = busy_worker();
        run(QioTask::builder().stack_size(64 * MIB), 48 * MIB);
        gate.open();
        busy.wait();
    });
}

#[test]
fn sizes_that_no_stack_has() {
    let before = stack_size();
    for size in [0, 1, 64 * KIB - 1, usize::MAX, isize::MAX.unsigned_abs()] {
        for message in [
            panic_of(|| set_stack_size(size)),
            panic_of(|| drop(QioTask::builder().stack_size(size))),
        ] {
            assert!(message.contains(&size.to_string()), "{message}");
        }
    }
    assert_eq!(stack_size(), before);
}

const LARGEST: &str = "stack::the_smallest_and_the_largest_are_sizes";

/// None of either size is made here.
#[test]
fn the_smallest_and_the_largest_are_sizes() {
    if passes_in_child(LARGEST) {
        return;
    }
    let largest = if usize::BITS > 32 { 1 << 40 } else { 1 << 30 };
    for size in [64 * KIB, largest] {
        set_stack_size(size);
        assert_eq!(stack_size(), size);
    }
    let message = panic_of(|| set_stack_size(largest + 1));
    assert!(message.contains("bytes <= 1 "), "{message}");
    assert_eq!(stack_size(), largest);
}

//! Tasks that only their group knows besides: it lets go of them before their callback, and counts
//! them until that has returned.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use crate::{
    home::counted,
    node::node::Group,
    support::{Ended, cancel, complete, iterate_until, member, on_context, run_in_thread, wait},
};

#[test]
fn a_member_that_is_completed_here() {
    on_context(|_| {
        let group = Group::new();
        let (count, captured) = counted();
        let counts = group.clone();
        let task = member(&group, move |result: Ended<Vec<u8>>| {
            let _captured = captured;
            assert_eq!(result.unwrap(), [1]);
            assert_eq!((counts.len(), counts.members().len()), (1, 0));
        });
        complete(task, Ok(vec![1]));
        assert_eq!((count.get(), group.len()), (1, 0));
    });
}

#[test]
fn the_last_reference_on_a_group_is_its_members() {
    on_context(|context| {
        for is_completed_here in [true, false] {
            let group = Group::new();
            let (count, captured) = counted();
            let task = member(&group, move |_: Ended<u8>| drop(captured));
            drop(group);
            if is_completed_here {
                complete(task, Ok(1));
            } else {
                run_in_thread(task, |_| 1);
                iterate_until(context, || count.get() == 1);
            }
            assert_eq!(count.get(), 1);
        }
    });
}

#[test]
fn a_callback_that_unwinds_is_counted_until_then() {
    on_context(|_| {
        let group = Group::new();
        let task = member(&group, |_: Ended<u8>| panic!("as it is told"));
        let inline = AssertUnwindSafe(|| complete(task, Ok(1)));
        assert!(catch_unwind(inline).is_err());
        assert_eq!(group.len(), 0);
    });
}

#[test]
fn a_member_that_is_cancelled_by_its_group_as_it_ends() {
    on_context(|context| {
        for is_completed_here in [true, false] {
            let group = Group::new();
            let (count, captured) = counted();
            let task = member(&group, move |_: Ended<Vec<u8>>| drop(captured));
            let shared = group.clone();
            let cancels = thread::spawn(move || shared.cancel());
            if is_completed_here {
                complete(task, Ok(vec![1, 2]));
            } else {
                run_in_thread(task, |_| vec![1, 2]);
            }
            iterate_until(context, || count.get() == 1);
            cancels.join().unwrap();
            iterate_until(context, || group.len() == 0);
        }
    });
}

#[test]
fn a_worker_that_is_waited_for_and_one_that_never_starts() {
    on_context(|context| {
        let group = Group::new();
        let (count, captured) = counted();
        let task = member(&group, move |_: Ended<u8>| drop(captured));
        let node = task.node().clone();
        run_in_thread(task, |_| 1);
        wait(&node);
        assert_eq!(count.get(), 1);
        drop(node);

        group.finish();
        let (count, captured) = counted();
        let task = member(&group, move |_: Ended<u8>| drop(captured));
        cancel(task.node());
        run_in_thread(task, |_| panic!("it started"));
        iterate_until(context, || count.get() == 1);
        iterate_until(context, || group.len() == 0);
    });
}

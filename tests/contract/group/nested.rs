//! A group in a group.

use qio_task::{Error, Group, Latest, QioTask};

use super::{Ends, at_a_gate, member, task};
use crate::common::{Log, iterate, iterate_until, on_context};

#[test]
fn the_members_of_the_inner_are_the_outers() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        let rows = Group::within(&window);
        let cells = Group::within(&rows);
        let task = member(&cells, &ends);
        assert_eq!([&window, &rows, &cells].map(Group::len), [1; 3]);
        let ended = window.ended();
        task.complete(Ok(()));
        assert_eq!([&window, &rows, &cells].map(Group::len), [0; 3]);
        assert!(context.block_on(ended).is_ok());
    });
}

#[test]
fn cancelling_the_outer_reaches_the_leaves_before_it_returns() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        let cells = Group::within(&Group::within(&window));
        let task = member(&cells, &ends);
        window.cancel();
        assert!(task.is_cancelled());
        assert!(!cells.is_closed());
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"]);
    });
}

#[test]
fn cancelling_the_inner_leaves_the_outer_alone() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        let rows = Group::within(&window);
        let (other, task) = (member(&window, &ends), member(&rows, &ends));
        rows.close();
        assert!(task.is_cancelled() && !other.is_cancelled());
        assert!(!window.is_closed());
        iterate(context);
        other.complete(Ok(()));
        assert_eq!(ends.take(), ["cancelled", "ok"]);
    });
}

#[test]
fn where_the_outer_lets_nobody_in_the_inner_does_not_either() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        let before = Group::within(&window);
        window.finish();
        let after = Group::within(&window);
        for group in [before, after] {
            assert!(group.is_closed());
            assert!(member(&group, &ends).is_cancelled());
            assert!(window.is_empty() && group.is_empty());
        }
        iterate(context);
    });
}

#[test]
fn an_error_in_the_inner_is_the_outers() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        window.cancel_on_error(true);
        let rows = Group::within(&window);
        let other = member(&window, &ends);
        drop(member(&rows, &ends));
        assert!(other.is_cancelled());
        iterate(context);
        assert!(context.block_on(window.ended()).is_err());
        assert!(context.block_on(rows.ended()).is_err());
    });
}

/// Two at once in all, one in each row.
#[test]
fn the_limits_of_both_hold() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        window.set_max_threads(2);
        let rows = [(); 3].map(|()| Group::within(&window));
        for row in &rows {
            row.set_max_threads(1);
        }
        let mut gates = Vec::new();
        for row in &rows {
            gates.push(at_a_gate(row, &ends));
            gates.push(at_a_gate(row, &ends));
        }
        // The first of the first two rows.
        let mut gates = gates.into_iter();
        let (first, second) = (gates.next().unwrap(), gates.next().unwrap());
        let (third, fourth) = (gates.next().unwrap(), gates.next().unwrap());
        first.0.wait_for_arrival();
        third.0.wait_for_arrival();
        // A row that is free and was held up by the window goes on by its turn.
        first.0.open();
        second.0.wait_for_arrival();
        third.0.open();
        fourth.0.wait_for_arrival();
        second.0.open();
        let fifth = gates.next().unwrap();
        fifth.0.wait_for_arrival();
        fourth.0.open();
        fifth.0.open();
        let sixth = gates.next().unwrap();
        sixth.0.wait_for_arrival();
        sixth.0.open();
        iterate_until(context, || window.is_empty());
        assert_eq!(ends.take(), ["ok"; 6]);
    });
}

#[test]
fn all_are_cancelled_in_the_order_in_which_they_came() {
    on_context(|context| {
        let (window, log) = (Group::new(), Log::new());
        let rows = Group::within(&window);
        let member = |number: u32| {
            let log = log.clone();
            let group = if number.is_multiple_of(3) {
                &rows
            } else {
                &window
            };
            let builder = QioTask::builder().group(group);
            builder.callback(move |_: Result<(), Error>| log.push(number))
        };
        let mut tasks: Vec<_> = (0..6).map(member).collect();
        // Others take the places of these.
        tasks.remove(3).complete(Ok(()));
        tasks.remove(1).complete(Ok(()));
        tasks.extend((6..9).map(member));
        log.take();
        window.cancel();
        iterate(context);
        assert_eq!(log.take(), [0, 2, 4, 5, 6, 7, 8]);
        drop(tasks);
    });
}

#[test]
fn one_that_is_named_with_the_group_that_it_is_in_counts_once() {
    on_context(|context| {
        let (window, other) = (Group::new(), Group::new());
        let (rows, parts) = (Group::within(&window), Group::within(&other));
        let orders = [
            [&window, &rows, &parts, &other],
            [&other, &parts, &rows, &window],
            [&rows, &window, &other, &parts],
        ];
        for order in orders {
            let builder = order
                .into_iter()
                .fold(QioTask::builder(), qio_task::Builder::group);
            let task = builder.callback(|_: Result<(), Error>| {});
            assert_eq!([&window, &rows, &other, &parts].map(Group::len), [1; 4]);
            window.cancel();
            iterate(context);
            drop(task);
            assert_eq!([&window, &rows, &other, &parts].map(Group::len), [0; 4]);
        }
    });
}

/// Whichever is named first, and what else the task is in.
#[test]
fn a_member_of_the_inner_and_the_outer_counts_once_in_each() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        let rows = Group::within(&window);
        let cells = Group::within(&rows);
        let (other, latest) = (Group::new(), Latest::new());
        let beside = || QioTask::builder().latest(&latest).group(&other);
        for builder in [
            QioTask::builder().group(&cells).group(&window),
            QioTask::builder().group(&window).group(&cells),
            beside().group(&cells).group(&window),
            beside().group(&window).group(&cells),
            beside().group(&cells).latest(&latest).group(&cells),
        ] {
            let task = task(builder, &ends);
            assert_eq!([&window, &rows, &cells].map(Group::len), [1; 3]);
            task.complete(Ok(()));
            assert_eq!([&window, &rows, &cells].map(Group::len), [0; 3]);
            assert_eq!(ends.take(), ["ok"]);
        }
        iterate(context);
    });
}

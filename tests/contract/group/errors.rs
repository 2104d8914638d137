//! The first error of a group is told, and cancels the others where it is to.

use std::{io, panic::Location, time::Duration};

use qio_task::{Error, Group, QioTask};

use super::{Ends, at_a_gate, member};
use crate::common::{iterate, iterate_until, on_context, wait_until};

fn not_found() -> glib::Error {
    glib::Error::new(gio::IOErrorEnum::NotFound, "no such host")
}

#[test]
fn the_first_one_is_told_and_whose_it_was() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let place = Location::caller();
        let builder = QioTask::builder().group(&group).name("lookup");
        let task = builder.callback(|_: Result<(), Error>| {});
        task.complete(Err(not_found()));
        drop(member(&group, &ends));
        let error = context.block_on(group.ended()).unwrap_err();
        assert_eq!(error.task_name(), Some("lookup"));
        assert_eq!(error.location().file(), place.file());
        let Error::Failed(own) = error.error() else {
            panic!("{error:?}");
        };
        assert!(own.matches(gio::IOErrorEnum::NotFound));
        assert_eq!(error.to_string(), "lookup: no such host");
        let again = context.block_on(group.ended()).unwrap_err();
        assert_eq!(
            again.to_string(),
            error.to_string(),
            "the same to all who ask"
        );
    });
}

#[test]
fn what_is_an_error_and_what_is_not() {
    on_context(|context| {
        let ended = |end: &dyn Fn(&Group)| {
            let group = Group::new();
            end(&group);
            let ended = context.block_on(group.ended());
            ended.map_err(|error| error.error().to_string())
        };
        let ends = Ends::new();
        assert_eq!(
            ended(&|group| member(group, &ends).complete(Ok(()))),
            Ok(())
        );
        assert_eq!(
            ended(&|group| {
                let task = member(group, &ends);
                group.cancel();
                iterate(context);
                drop(task);
            }),
            Ok(()),
            "who was cancelled has done as it was told"
        );
        assert_eq!(
            ended(&|group| drop(member(group, &ends))),
            Err(Error::<io::Error>::Abandoned.to_string())
        );
        let timed_out = Error::<io::Error>::TimedOut.to_string();
        for return_on_cancel in [true, false] {
            assert_eq!(
                ended(&|group| {
                    let builder = QioTask::builder().group(group);
                    builder
                        .timeout(Duration::from_millis(1))
                        .return_on_cancel(return_on_cancel)
                        .callback(|_: Result<(), Error>| {})
                        .run_in_thread(|worker| {
                            while !worker.is_cancelled() {}
                            Ok(())
                        });
                }),
                Err(timed_out.clone())
            );
        }
        let own_words = ended(&|group| {
            let builder = QioTask::builder().group(group);
            let task = builder.callback(|_: Result<(), Error<io::Error>>| {});
            task.complete(Err(io::Error::other("the disk is full")));
        });
        assert_eq!(own_words, Err("the disk is full".to_owned()));
    });
}

#[test]
fn a_panic_is_one() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        member(&group, &ends)
            .run_in_thread(|_| panic!("out of cheese"))
            .wait();
        let error = context.block_on(group.ended()).unwrap_err();
        assert_eq!(error.to_string(), "the worker panicked: out of cheese");
    });
}

/// As it comes up: the loop is not iterated between.
#[test]
fn it_cancels_the_others_where_it_is_to() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.cancel_on_error(true);
        let (gate, running) = at_a_gate(&group, &ends);
        gate.wait_for_arrival();
        let other = member(&group, &ends);
        member(&group, &ends)
            .run_in_thread(|_| Err(not_found()))
            .wait_for_worker();
        wait_until(|| other.is_cancelled());
        gate.open();
        iterate_until(context, || ends.len() == 3);
        let mut all = ends.take();
        all.sort_unstable();
        assert_eq!(all, ["cancelled", "cancelled", "failed"]);
        let error = context.block_on(group.ended()).unwrap_err();
        assert_eq!(error.to_string(), "no such host");
        assert!(group.is_closed(), "those that come are others, too");
        drop((running, other));
    });
}

#[test]
fn a_cancelled_member_cancels_no_others() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.cancel_on_error(true);
        let (gate, running) = at_a_gate(&group, &ends);
        let other = member(&group, &ends);
        gate.wait_for_arrival();
        running.cancel();
        gate.open();
        iterate_until(context, || ends.len() == 1);
        assert!(!other.is_cancelled());
        other.complete(Ok(()));
        assert_eq!(ends.take(), ["cancelled", "ok"]);
    });
}

/// Late results are dropped without a word, and their errors, too.
#[test]
fn a_late_error_is_none() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let task = member(&group, &ends);
        group.cancel();
        task.complete(Err(not_found()));
        assert!(context.block_on(group.ended()).is_ok());
        assert_eq!(ends.take(), ["cancelled"]);
    });
}

/// It fails before the others are made.
#[test]
fn an_early_error_cancels_those_that_come_later() {
    on_context(|context| {
        let (window, ends) = (Group::new(), Ends::new());
        window.cancel_on_error(true);
        let rows = Group::within(&window);
        drop(member(&rows, &ends));
        let late = member(&window, &ends).run_in_thread(|_| panic!("it started"));
        assert!(window.is_closed() && rows.is_closed());
        iterate(context);
        assert_eq!(ends.take(), ["abandoned", "cancelled"]);
        drop(late);
    });
}

/// The group asks for its words before the task ends.
#[test]
fn an_error_whose_words_panic() {
    #[derive(Debug)]
    struct Mute;
    impl std::fmt::Display for Mute {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("as it is told");
        }
    }
    impl std::error::Error for Mute {}

    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let log = ends.clone();
        QioTask::builder()
            .group(&group)
            .callback(move |end: Result<(), Error<io::Error>>| {
                log.push(if end.is_err() { "failed" } else { "ok" });
            })
            .run_in_thread(|_| Err(io::Error::other(Mute)))
            .wait();
        assert_eq!(ends.take(), ["failed"]);
        member(&group, &ends).run_in_thread(|_| Ok(())).wait();
        let error = context.block_on(group.ended()).unwrap_err();
        assert_eq!(error.to_string(), "the operation failed");
    });
}

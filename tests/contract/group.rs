//! Tasks in a group: each is as without one, and the group can cancel them, let no more in, and
//! tell when all are over.

#[path = "group/ended.rs"]
mod ended;
#[path = "group/errors.rs"]
mod errors;
#[path = "group/lends.rs"]
mod lends;
#[path = "group/limit.rs"]
mod limit;
#[path = "group/nested.rs"]
mod nested;

use std::{ops::ControlFlow, thread, time::Duration};

use glib::{MainContext, prelude::*};
use qio_task::{Builder, Error, Group, GroupEnded, QioTask, Running};
use static_assertions::assert_impl_all;

use crate::common::{Gate, Log, flag, gate, iterate, iterate_until, on_context, on_dying_context};

assert_impl_all!(Group: Clone, Send, Sync, Unpin);
assert_impl_all!(GroupEnded: Send, Sync, Unpin, futures::future::FusedFuture);

/// How tasks end, in a word each.
type Ends = Log<&'static str>;

fn word(end: &Result<(), Error>) -> &'static str {
    match end {
        Ok(()) => "ok",
        Err(Error::Failed(_)) => "failed",
        Err(Error::Cancelled) => "cancelled",
        Err(Error::TimedOut) => "timed out",
        Err(Error::Abandoned) => "abandoned",
        Err(Error::Panicked(_)) => "panicked",
        Err(_) => "other",
    }
}

/// A member that nobody completes, which says how it ends.
fn member(group: &Group, ends: &Ends) -> QioTask<()> {
    task(QioTask::builder().group(group), ends)
}

fn task(builder: Builder, ends: &Ends) -> QioTask<()> {
    let ends = ends.clone();
    builder.callback(move |end| ends.push(word(&end)))
}

/// A member whose worker stands at a gate.
fn at_a_gate(group: &Group, ends: &Ends) -> (Gate, Running) {
    let (gate, wait) = gate();
    let running = member(group, ends).run_in_thread(move |_| {
        wait();
        Ok(())
    });
    (gate, running)
}

#[test]
fn a_member_is_as_without_a_group() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        member(&group, &ends).complete(Ok(()));
        assert_eq!(ends.take(), ["ok"], "inline, before it returns");
        member(&group, &ends).complete_in_idle(Ok(()));
        drop(member(&group, &ends));
        member(&group, &ends).run_in_thread(|_| Ok(())).wait();
        assert_eq!(ends.take(), ["ok"]);
        iterate(context);
        assert_eq!(ends.take(), ["ok", "abandoned"]);
        assert!(group.is_empty());
    });
}

#[test]
fn a_member_counts_until_its_callback_and_its_worker_have_returned() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let task = member(&group, &ends);
        assert_eq!(group.len(), 1);
        task.complete_in_idle(Ok(()));
        assert_eq!(group.len(), 1, "its callback has not been called");
        let (inside, seen) = flag();
        let builder = QioTask::builder().group(&group);
        let shared = group.clone();
        let nested = builder.callback(move |_: Result<(), Error>| inside.set(shared.len() == 2));
        nested.complete(Ok(()));
        assert!(seen.get(), "its callback has not returned");
        iterate(context);
        assert!(group.is_empty());

        let (gate, running) = at_a_gate(&group, &ends);
        gate.wait_for_arrival();
        running.cancel();
        iterate(context);
        assert_eq!(ends.take(), ["ok", "cancelled"]);
        assert_eq!(group.len(), 1, "its worker stands at the gate");
        gate.open();
        running.wait_for_worker();
        iterate_until(context, || group.is_empty());
    });
}

#[test]
fn cancel_ends_all_that_are_in_it_and_lets_others_in() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let by_hand = member(&group, &ends);
        let driven =
            member(&group, &ends).poll_every(Duration::from_hours(1), || ControlFlow::Continue(()));
        let (gate, _running) = at_a_gate(&group, &ends);
        gate.wait_for_arrival();
        group.cancel();
        group.cancel();
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"; 3]);
        member(&group, &ends).complete(Ok(()));
        assert_eq!(ends.take(), ["ok"]);
        assert!(!group.is_closed());
        gate.open();
        drop((by_hand, driven));
        iterate_until(context, || group.is_empty());
    });
}

#[test]
fn what_comes_after_finish_never_starts_and_the_others_go_on() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let (gate, running) = at_a_gate(&group, &ends);
        group.finish();
        group.finish();
        assert!(group.is_closed());
        let late = member(&group, &ends);
        assert!(late.is_cancelled());
        let builder = QioTask::builder().group(&group).return_on_cancel(false);
        let log = ends.clone();
        let slow = builder.callback(move |end: Result<(), Error>| log.push(word(&end)));
        let workers = [late, slow].map(|task| task.run_in_thread(|_| panic!("it started")));
        assert_eq!(group.len(), 1);
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"; 2]);
        gate.open();
        running.wait();
        assert_eq!(ends.take(), ["ok"]);
        workers.into_iter().for_each(Running::wait);
    });
}

#[test]
fn close_ends_those_that_are_in_it_and_those_that_come() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let by_hand = member(&group, &ends);
        group.close();
        group.close();
        let late = member(&group, &ends);
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"; 2]);
        assert!(group.is_empty() && group.is_closed());
        late.complete(Ok(()));
        by_hand.complete(Ok(()));
        assert!(ends.is_empty());
    });
}

#[test]
fn a_task_may_be_in_several() {
    on_context(|context| {
        let (window, kind, ends) = (Group::new(), Group::new(), Ends::new());
        let log = ends.clone();
        let builder = QioTask::builder().group(&window).group(&kind).group(&kind);
        let task = builder.callback(move |end: Result<(), Error>| log.push(word(&end)));
        assert_eq!((window.len(), kind.len()), (1, 1));
        window.close();
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"]);
        assert_eq!((window.len(), kind.len()), (0, 0));
        drop(task);
    });
}

#[test]
fn with_the_last_handle_gone_the_members_go_on() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let (gate, running) = at_a_gate(&group, &ends);
        drop(group);
        gate.open();
        running.wait();
        iterate(context);
        assert_eq!(ends.take(), ["ok"]);
    });
}

#[test]
fn a_window_that_is_disposed_of_closes_its_group() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let window = gio::SimpleAction::new("window", None);
        group.close_on_dispose(&window);
        let task = member(&group, &ends);
        assert!(!group.is_closed());
        drop(window);
        assert!(group.is_closed());
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"]);
        drop(task);
    });
}

/// What is known of GTK's windows here: the name of their type, and a signal.
mod window {
    use glib::{subclass::Signal, subclass::prelude::*};
    use std::sync::OnceLock;

    #[derive(Default)]
    pub struct Imp;

    #[glib::object_subclass]
    impl ObjectSubclass for Imp {
        const NAME: &'static str = "GtkWindow";
        type Type = Window;
    }

    impl ObjectImpl for Imp {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<[Signal; 1]> = OnceLock::new();
            SIGNALS.get_or_init(|| [Signal::builder("unrealize").build()])
        }
    }

    glib::wrapper! {
        pub struct Window(ObjectSubclass<Imp>);
    }
}

#[test]
fn a_gtk_window_that_is_destroyed_closes_its_group_whoever_has_it_still() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let window: window::Window = glib::Object::new();
        group.close_on_dispose(&window);
        let log = ends.clone();
        let builder = QioTask::builder().group(&group).source(&window);
        let task = builder.callback(move |_, end| log.push(word(&end)));
        window.emit_by_name::<()>("unrealize", &[]);
        assert!(group.is_closed());
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"]);
        drop((window, task));
    });
}

#[test]
fn an_object_that_outlives_the_group_closes_nothing() {
    crate::common::fatal_warnings();
    let window = gio::SimpleActionGroup::new();
    let group = Group::new();
    group.close_on_dispose(&window);
    drop(group);
    drop(window);
}

#[test]
fn members_whose_context_dies_leave() {
    let group = Group::new();
    let (gate, wait) = gate();
    let running = on_dying_context(|_| {
        let ends = Ends::new();
        let by_hand = member(&group, &ends);
        let _running = member(&group, &ends).run_in_thread(move |_| {
            wait();
            Ok(())
        });
        gate.wait_for_arrival();
        assert_eq!(group.len(), 2);
        // It does not keep the context alive any more.
        by_hand.poll_every(Duration::from_hours(1), || ControlFlow::Continue(()))
    });
    drop(running);
    assert_eq!(group.len(), 1, "its worker stands at the gate");
    gate.open();
    // What the loop drove was abandoned with it.
    assert!(MainContext::new().block_on(group.ended()).is_err());
}

#[test]
fn from_any_thread_and_in_the_midst_of_a_close() {
    on_context(|context| {
        for _ in 0..200 {
            let (group, ends) = (Group::new(), Ends::new());
            let shared = group.clone();
            let closing = thread::spawn(move || shared.close());
            let workers: Vec<_> = (0..4)
                .map(|_| member(&group, &ends).run_in_thread(|_| Ok(())))
                .collect();
            closing.join().unwrap();
            context.block_on(group.ended()).unwrap();
            // Those that came too late to be let in it does not wait for.
            iterate_until(context, || ends.len() == workers.len());
            iterate(context);
            assert_eq!(ends.len(), workers.len());
            assert!(
                ends.take()
                    .iter()
                    .all(|end| ["ok", "cancelled"].contains(end))
            );
        }
    });
}

/// Others let go of one that was not let in, as it is delivered.
#[test]
fn one_that_was_not_let_in_is_not_counted() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.finish();
        let (sender, tasks) = std::sync::mpsc::channel::<QioTask<()>>();
        let lets_go = thread::spawn(move || tasks.into_iter().for_each(drop));
        for _ in 0..2_000 {
            sender.send(member(&group, &ends)).unwrap();
            iterate_until(context, || !ends.is_empty());
            ends.take();
            assert_eq!(group.len(), 0);
        }
        drop(sender);
        lets_go.join().unwrap();
    });
}

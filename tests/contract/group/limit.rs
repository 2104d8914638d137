//! As many workers of a group are at work as there may be, and no more.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use qio_task::{Error, Group, QioTask, Running};

use super::{Ends, at_a_gate, member, word};
use crate::common::{
    Dropped, Gate, busy_worker, count, gate, iterate, iterate_until, on_context, passes_in_child,
};
#[cfg(target_os = "linux")]
use crate::common::{Log, is_child, refusal};

/// Counts how many are at work, and how many were at most.
#[derive(Default)]
struct AtWork {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtWork {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn it_is_asked_for() {
    let group = Group::new();
    assert_eq!(group.max_threads(), None);
    group.set_max_threads(4);
    assert_eq!(group.max_threads(), Some(4));
    let computing = Group::computing();
    assert_eq!(
        computing.max_threads(),
        std::thread::available_parallelism().ok().map(Into::into)
    );
}

#[test]
fn never_more_and_whatever_way_they_end() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(3);
        let at_work = Arc::new(AtWork::default());
        {
            for number in 0..60 {
                let at_work = at_work.clone();
                let log = ends.clone();
                let mut builder = QioTask::builder().group(&group);
                if number % 5 == 0 {
                    builder = builder.dedicated_thread();
                }
                builder
                    .callback(move |end: Result<(), Error>| log.push(word(&end)))
                    .run_in_thread(move |_| {
                        at_work.enter();
                        std::thread::yield_now();
                        at_work.leave();
                        match number % 3 {
                            0 => Ok(()),
                            1 => Err(glib::Error::new(gio::IOErrorEnum::Failed, "as told")),
                            _ => panic!("as told"),
                        }
                    });
            }
        }
        iterate_until(context, || group.is_empty());
        assert_eq!(ends.len(), 60);
        // That it is not fewer is what the next test is about.
        assert!(at_work.most.load(Ordering::SeqCst) <= 3);
    });
}

/// Each waits at its gate, so that all places are taken for as long as there is work.
#[test]
fn exactly_as_many_while_there_is_work() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(2);
        let gates: Vec<_> = (0..5).map(|_| at_a_gate(&group, &ends)).collect();
        let mut at_work = VecDeque::new();
        for (gate, _) in gates {
            gate.wait_for_arrival();
            at_work.push_back(gate);
            if at_work.len() == 2 {
                at_work.pop_front().unwrap().open();
            }
        }
        at_work.pop_front().unwrap().open();
        iterate_until(context, || group.is_empty());
        assert_eq!(ends.take(), ["ok"; 5]);
    });
}

#[test]
fn by_priority_and_then_in_order() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (gate, _first) = at_a_gate(&group, &ends);
        gate.wait_for_arrival();
        let (started, starts) = mpsc::channel();
        let priorities = [200, 0, 200, -10, 0];
        for (number, priority) in (0..).zip(priorities) {
            let started = started.clone();
            QioTask::builder()
                .group(&group)
                .priority(priority.into())
                .callback(|_: Result<(), Error>| {})
                .run_in_thread(move |_| {
                    started.send(number).unwrap();
                    Ok(())
                });
        }
        gate.open();
        iterate_until(context, || group.is_empty());
        drop(started);
        assert_eq!(starts.iter().collect::<Vec<_>>(), [3, 1, 4, 0, 2]);
    });
}

#[test]
fn one_that_waits_is_told_at_once_and_the_next_moves_up() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (gate, _first) = at_a_gate(&group, &ends);
        gate.wait_for_arrival();
        let (captured, drops) = Dropped::anywhere();
        let waiting = |builder: qio_task::Builder| {
            let log = ends.clone();
            let builder = builder.group(&group);
            builder.callback(move |end: Result<(), Error>| log.push(word(&end)))
        };
        let cancelled = waiting(QioTask::builder()).run_in_thread(move |_| {
            drop(captured);
            panic!("it started")
        });
        waiting(QioTask::builder().timeout(Duration::from_millis(1)))
            .run_in_thread(|_| panic!("it started"));
        let (next, _next) = at_a_gate(&group, &ends);
        cancelled.cancel();
        assert_eq!(count(&drops), 1, "before `cancel` returns");
        iterate_until(context, || ends.len() == 2);
        assert_eq!(ends.take(), ["cancelled", "timed out"]);
        gate.open();
        next.wait_for_arrival();
        next.open();
        iterate_until(context, || group.is_empty());
    });
}

/// Its file is open, or its memory is in use, until then.
#[test]
fn a_cancelled_worker_keeps_its_place_until_it_has_returned() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (first, running) = at_a_gate(&group, &ends);
        first.wait_for_arrival();
        let (second, _second) = at_a_gate(&group, &ends);
        running.cancel();
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"]);
        // Others run meanwhile, of which this group is no concern.
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| Ok(()))
            .wait();
        assert!(!second.has_arrived());
        first.open();
        second.wait_for_arrival();
        second.open();
        iterate_until(context, || group.is_empty());
    });
}

#[test]
fn a_raised_limit_holds_at_once() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let gates: Vec<_> = (0..3).map(|_| at_a_gate(&group, &ends).0).collect();
        gates[0].wait_for_arrival();
        group.set_max_threads(usize::MAX);
        gates[1].wait_for_arrival();
        gates[2].wait_for_arrival();
        gates.into_iter().for_each(Gate::open);
        iterate_until(context, || group.is_empty());
    });
}

/// One that was set while workers were at work counts them.
#[test]
fn a_lowered_limit_waits_for_those_that_are_too_many() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        let [first, second] = [(); 2].map(|()| at_a_gate(&group, &ends).0);
        first.wait_for_arrival();
        second.wait_for_arrival();
        group.set_max_threads(1);
        let (third, _third) = at_a_gate(&group, &ends);
        first.open();
        iterate_until(context, || group.len() == 2);
        assert!(!third.has_arrived());
        second.open();
        third.wait_for_arrival();
        third.open();
        iterate_until(context, || group.is_empty());
    });
}

#[test]
fn one_groups_limit_holds_up_no_other() {
    on_context(|context| {
        let (full, free, ends) = (Group::new(), Group::new(), Ends::new());
        full.set_max_threads(1);
        free.set_max_threads(1);
        let (gate, _busy) = at_a_gate(&full, &ends);
        let waiting = member(&full, &ends).run_in_thread(|_| Ok(()));
        member(&free, &ends).run_in_thread(|_| Ok(())).wait();
        assert_eq!(ends.take(), ["ok"]);
        gate.open();
        waiting.wait();
        iterate_until(context, || full.is_empty());
    });
}

/// It holds no thread: of the one that there is others make use.
#[test]
fn one_that_waits_for_its_place_holds_no_thread() {
    if passes_in_child("group::limit::one_that_waits_for_its_place_holds_no_thread") {
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(2.try_into().unwrap());
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (gate, _busy) = at_a_gate(&group, &ends);
        gate.wait_for_arrival();
        let waiting: Vec<Running> = (0..10)
            .map(|_| member(&group, &ends).run_in_thread(|_| Ok(())))
            .collect();
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| Ok(()))
            .wait();
        gate.open();
        iterate_until(context, || group.is_empty());
        drop(waiting);
    });
}

/// It has its place, and waits for a thread as it is cancelled.
#[test]
fn one_that_is_cancelled_before_it_has_a_thread_gives_its_place_back() {
    let name = "group::limit::one_that_is_cancelled_before_it_has_a_thread_gives_its_place_back";
    if passes_in_child(name) {
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(1.try_into().unwrap());
        let (gate, busy) = busy_worker();
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let cancelled = member(&group, &ends).run_in_thread(|_| panic!("it started"));
        let next = member(&group, &ends).run_in_thread(|_| Ok(()));
        cancelled.cancel();
        gate.open();
        busy.wait();
        iterate_until(context, || group.is_empty());
        assert_eq!(ends.take(), ["cancelled", "ok"]);
        drop(next);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_refused_thread_gives_its_place_back() {
    let name = "group::limit::a_refused_thread_gives_its_place_back";
    if !is_child(name) {
        return refusal::in_child_with_large_stacks(name);
    }
    refusal::start_glib();
    on_context(|context| {
        let (group, ends) = (Group::new(), Log::new());
        group.set_max_threads(1);
        refusal::refuse_threads();
        for _ in 0..5 {
            let log = ends.clone();
            let builder = QioTask::builder().group(&group);
            builder
                .callback(move |end: Result<(), Error>| {
                    log.push(matches!(end, Err(Error::Spawn(_))));
                })
                .run_in_thread(|_| Ok(()));
        }
        iterate_until(context, || ends.len() == 5);
        refusal::allow_threads();
        assert_eq!(ends.take(), [true; 5]);
        assert!(group.is_empty());
        member(&group, &Ends::new())
            .run_in_thread(|_| Ok(()))
            .wait();
    });
}

/// All that waits is closed with the group; nothing of it ever starts.
#[test]
fn those_that_wait_end_with_their_group() {
    on_context(|context| {
        let (group, ends) = (Group::new(), Ends::new());
        group.set_max_threads(1);
        let (gate, wait) = gate();
        member(&group, &ends).run_in_thread(move |_| {
            wait();
            Ok(())
        });
        gate.wait_for_arrival();
        for _ in 0..100 {
            member(&group, &ends).run_in_thread(|_| panic!("it started"));
        }
        group.close();
        iterate_until(context, || ends.len() == 101);
        gate.open();
        context.block_on(group.ended()).unwrap();
        assert_eq!(ends.take(), ["cancelled"; 101]);
    });
}

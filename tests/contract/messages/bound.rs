//! No more than the bound wait, and who sends more waits for room.

use std::{
    cell::OnceCell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use qio_task::{Cancelled, Messages, QioTask, TrySendError};

use super::{END, iterate, sender, task};
use crate::common::{Dropped, Log, count, iterate_until, on_context, panics::panic_of, wait_until};

#[test]
fn as_many_as_the_bound_wait_and_no_more() {
    for bound in [1, 2, 3, 100] {
        on_context(|context| {
            let log = Log::new();
            let messages = sender(bound, &log);
            let sent = Arc::new(AtomicUsize::new(0));
            let sends = thread::spawn({
                let (messages, sent) = (messages.clone(), sent.clone());
                move || {
                    for value in 0..300 {
                        messages.send(value).unwrap();
                        sent.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
            wait_until(|| count(&sent) == bound);
            // It would have gone on by now.
            thread::sleep(Duration::from_millis(20));
            assert_eq!(count(&sent), bound);
            assert_eq!(messages.try_send(7), Err(TrySendError::Full(7)));
            iterate_until(context, || log.len() == 300);
            sends.join().unwrap();
            assert!(log.take().into_iter().eq(0..300));
        });
    }
}

/// A value, of which it is known how many there are.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(live: &Arc<AtomicUsize>) -> Self {
        live.fetch_add(1, Ordering::SeqCst);
        Self(live.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn what_is_being_delivered_counts_as_well() {
    const BOUND: usize = 10;
    on_context(|context| {
        let live = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let received = Log::new();
        let messages = Messages::new(BOUND, {
            let (live, most, received) = (live.clone(), most.clone(), received.clone());
            move |value: Counted| {
                thread::sleep(Duration::from_micros(100));
                most.fetch_max(count(&live), Ordering::SeqCst);
                drop(value);
                received.push(());
            }
        });
        let sends = thread::spawn(move || {
            for _ in 0..500 {
                messages.send(Counted::new(&live)).unwrap();
            }
        });
        iterate_until(context, || received.len() == 500);
        sends.join().unwrap();
        // One more is in the hand of who sends.
        assert!(count(&most) <= BOUND + 1, "{most:?}");
    });
}

#[test]
fn a_sender_goes_on_while_the_callback_stays_with_one_message() {
    on_context(|context| {
        let log = Log::new();
        let seen = log.clone();
        let sent = Arc::new(AtomicUsize::new(0));
        let messages = Messages::new(100, {
            let sent = sent.clone();
            move |value: u32| {
                // Room for one was made, which is far from half of the bound.
                if value == 1 {
                    wait_until(|| count(&sent) > 100);
                }
                seen.push(value);
            }
        });
        let sends = thread::spawn(move || {
            for value in 0..200 {
                messages.send(value).unwrap();
                sent.fetch_add(1, Ordering::SeqCst);
            }
        });
        thread::sleep(Duration::from_millis(20));
        iterate_until(context, || log.len() == 200);
        sends.join().unwrap();
        assert!(log.take().into_iter().eq(0..200));
    });
}

#[test]
fn at_home_those_that_wait_are_delivered_first() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(2, &log);
        for value in 0..5 {
            messages.send(value).unwrap();
        }
        assert_eq!(log.len(), 4, "{log:?}");
        assert_eq!(messages.try_send(5), Ok(()));
        assert_eq!(messages.try_send(6), Err(TrySendError::Full(6)));
        iterate(context);
        assert!(log.take().into_iter().eq(0..6));
    });
}

#[test]
fn in_its_own_callback_a_full_bound_is_refused() {
    on_context(|context| {
        let log = Log::new();
        let seen = log.clone();
        let own = Rc::new(OnceCell::<Messages<u32>>::new());
        let messages = Messages::new(3, {
            let own = own.clone();
            move |value: u32| {
                let own = own.get().unwrap();
                if value == 0 {
                    // This one counts until the callback has returned.
                    own.send(1).unwrap();
                    own.send(2).unwrap();
                    let panic = panic_of(|| own.send(3).unwrap());
                    assert!(panic.contains("room"), "{panic}");
                    assert_eq!(own.try_send(3), Err(TrySendError::Full(3)));
                }
                seen.push(value);
            }
        });
        assert!(own.set(messages.clone()).is_ok());
        messages.send(0).unwrap();
        iterate(context);
        assert_eq!(log.take(), [0, 1, 2]);
    });
}

#[test]
fn what_is_refused_comes_back_or_is_dropped() {
    on_context(|context| {
        let messages = Messages::new(1, |_: Dropped| {});
        let (first, first_dropped) = Dropped::anywhere();
        messages.send(first).unwrap();
        let (second, second_dropped) = Dropped::anywhere();
        let Err(TrySendError::Full(second)) = messages.try_send(second) else {
            panic!("it is full");
        };
        assert_eq!(count(&second_dropped), 0);
        let task = QioTask::builder()
            .messages(&messages)
            .callback(|_: Result<(), qio_task::Error>| {});
        task.complete(Ok(()));
        assert_eq!(count(&first_dropped), 1);
        let refused = messages.try_send(second).unwrap_err();
        assert!(matches!(&refused, TrySendError::Cancelled(_)));
        let second = refused.into_inner();
        assert_eq!(count(&second_dropped), 0);
        assert_eq!(messages.send(second), Err(Cancelled));
        assert_eq!(count(&second_dropped), 1);
        iterate(context);
    });
}

#[test]
fn a_value_whose_destructor_panics_is_refused_all_the_same() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    on_context(|_| {
        let messages = Messages::new(1, |bomb: Bomb| std::mem::forget(bomb));
        QioTask::builder()
            .messages(&messages)
            .callback(|_: Result<(), qio_task::Error>| {})
            .complete(Ok(()));
        assert_eq!(messages.send(Bomb), Err(Cancelled));
    });
}

#[test]
fn values_without_a_size_are_counted_too() {
    on_context(|context| {
        let log = Log::new();
        let told = log.clone();
        let messages = Messages::new(usize::MAX, move |(): ()| told.push(0));
        let task = task(QioTask::builder().messages(&messages), &log);
        for _ in 0..1000 {
            messages.send(()).unwrap();
        }
        task.complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(log.len(), 1001);
        assert_eq!(log.take().pop(), Some(END));
    });
}

#[test]
fn a_bound_of_nothing_is_refused_where_it_is_asked_for() {
    on_context(|_| {
        let panic = panic_of(|| drop(Messages::new(0, |_: u32| {})));
        assert!(panic.contains("bound"), "{panic}");
    });
    let panic = panic_of(|| drop(Messages::<u32>::stream(0)));
    assert!(panic.contains("bound"), "{panic}");
}

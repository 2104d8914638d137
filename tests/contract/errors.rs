//! What an error says, and what it becomes in the terms of others.

use std::{convert::Infallible, error::Error as _, io};

use gio::IOErrorEnum;
use qio_task::{Cancelled, Error, QioTask};

use crate::common::{Log, on_context};

#[test]
fn an_error_of_the_operation_keeps_its_domain_and_code() {
    let own = glib::Error::new(gio::ResolverError::NotFound, "no such host");
    let error = glib::Error::from(Error::Failed(own));
    assert!(error.matches(gio::ResolverError::NotFound), "{error:?}");
    assert_eq!(error.message(), "no such host");
}

#[test]
fn every_other_end_has_a_code_of_gio() {
    let refused = io::Error::from(io::ErrorKind::WouldBlock);
    let ends: [(Error, IOErrorEnum, &str); 5] = [
        (Error::Cancelled, IOErrorEnum::Cancelled, "cancelled"),
        (Error::TimedOut, IOErrorEnum::TimedOut, "timed out"),
        (Error::Abandoned, IOErrorEnum::Closed, "abandoned"),
        (
            Error::Panicked("the roof is on fire".to_owned()),
            IOErrorEnum::Failed,
            "the roof is on fire",
        ),
        (Error::Spawn(refused), IOErrorEnum::WouldBlock, "no thread"),
    ];
    for (end, code, words) in ends {
        let said = end.to_string();
        assert!(said.contains(words), "{said}");
        let error = glib::Error::from(end);
        assert!(error.matches(code), "{error:?}");
        assert_eq!(error.message(), said);
    }
}

#[test]
fn an_error_of_the_operation_speaks_for_itself() {
    let cause = io::Error::other("the disk is full");
    let failed = Error::Failed(io::Error::other(cause));
    assert_eq!(failed.to_string(), "the disk is full");
    let refused = Error::<io::Error>::Spawn(io::Error::other("no more"));
    assert_eq!(refused.source().unwrap().to_string(), "no more");
    assert!(Error::<io::Error>::Cancelled.source().is_none());
}

#[test]
fn a_worker_returns_early_in_the_terms_of_its_own_errors() {
    let checked = Err(Cancelled);
    let as_io = || -> Result<(), io::Error> { Ok(checked?) };
    let error = as_io().unwrap_err();
    // Not one that the standard library's loops retry on.
    assert_ne!(error.kind(), io::ErrorKind::Interrupted);
    assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&Cancelled));
    let as_glib = || -> Result<(), glib::Error> { Ok(checked?) };
    assert!(as_glib().unwrap_err().matches(IOErrorEnum::Cancelled));
    let as_any = || -> Result<(), Box<dyn std::error::Error>> { Ok(checked?) };
    assert!(as_any().unwrap_err().is::<Cancelled>());
}

#[test]
fn a_panic_keeps_the_words_that_it_has() {
    let said = |worker: fn()| {
        on_context(|_| {
            let said = Log::new();
            let log = said.clone();
            QioTask::builder()
                .callback(move |result: Result<(), Error>| log.push(result.unwrap_err()))
                .run_in_thread(move |_| {
                    worker();
                    Ok(())
                })
                .wait();
            match said.take().as_slice() {
                [Error::Panicked(words)] => words.clone(),
                other => panic!("{other:?}"),
            }
        })
    };
    assert_eq!(said(|| panic!("plain")), "plain");
    assert_eq!(
        said(|| panic!("made up of {} pieces", std::process::id().min(2))),
        "made up of 2 pieces"
    );
    assert_eq!(
        said(|| std::panic::panic_any(7_u32)),
        "a panic without a message"
    );
}

/// What is left are the ends that a task has by itself.
#[test]
fn a_worker_that_can_not_fail() {
    on_context(|context| {
        let counted = context.block_on(qio_task::spawn_infallible(|worker| {
            assert!(!worker.is_cancelled());
            7
        }));
        assert_eq!(counted.unwrap(), 7);
        let error = context
            .block_on(qio_task::spawn_infallible(|_| panic!("no number")))
            .map(|(): ()| ())
            .unwrap_err();
        assert!(matches!(&error, Error::Panicked(words) if words == "no number"));
    });
}

#[test]
fn an_end_that_the_task_has_by_itself_is_the_same_in_the_terms_of_others() {
    type Any = Box<dyn std::error::Error>;
    let refused = io::Error::other("no more");
    let ends: [Error<Infallible>; 5] = [
        Error::Cancelled,
        Error::TimedOut,
        Error::Abandoned,
        Error::Panicked("on fire".to_owned()),
        Error::Spawn(refused),
    ];
    for end in ends {
        let words = end.to_string();
        assert_eq!(end.flatten::<Any>().to_string(), words);
    }
}

//! Objects that are `Send`, but have a handler that is not.

use gio::prelude::*;
use qio_task::{Error, QioTask};

use crate::common::{
    Dropped, count, has_aborted, in_child, is_child, iterate, iterate_until, on_context,
};

/// One with a handler that captures `local`, and is dropped with it.
fn with_local_handler(local: Dropped) -> gio::Cancellable {
    let object = gio::Cancellable::new();
    object.connect_cancelled_local(move |_| drop(local));
    object
}

const LAST: &str = "misuse::objects::the_last_reference_is_dropped_by_a_worker";

#[test]
fn the_last_reference_is_dropped_by_a_worker() {
    if is_child(LAST) {
        on_context(|_| {
            let object = with_local_handler(Dropped::here().0);
            QioTask::builder()
                .callback(|_: Result<bool, Error>| {})
                .run_in_thread(move |_| Ok(object.is_cancelled()))
                .wait();
        });
        return;
    }
    let output = in_child(LAST);
    assert!(has_aborted(output.status), "{output:?}");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("on a different thread"), "{words}");
}

#[test]
fn the_object_is_the_source_too() {
    on_context(|context| {
        let (local, dropped) = Dropped::here();
        let object = with_local_handler(local);
        let in_worker = object.clone();
        let running = QioTask::new(&object, |_, is_cancelled: Result<bool, Error>| {
            assert!(!is_cancelled.unwrap());
        })
        .run_in_thread(move |_| Ok(in_worker.is_cancelled()));
        drop(object);
        iterate_until(context, || running.is_finished());
        iterate(context);
        assert_eq!(count(&dropped), 1);
    });
}

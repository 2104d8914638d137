//! An application is held until a task's callback and its worker have ended.

use std::{cell::Cell, rc::Rc};

use gio::prelude::*;
use qio_task::{Error, QioTask};

use crate::common::{Gate, gate, passes_in_child};

/// Runs an application that `activate`s and has nothing else to stay for.
fn run(activate: impl Fn(&gio::Application) + 'static) {
    let flags = gio::ApplicationFlags::NON_UNIQUE;
    let application = gio::Application::new(Some("io.github.qio_task.Hold"), flags);
    application.set_inactivity_timeout(0);
    application.connect_activate(activate);
    let code = application.run_with_args::<&str>(&[]);
    assert_eq!(code, glib::ExitCode::SUCCESS);
}

/// A task of the application whose worker stands at a gate; and whether its callback was called.
fn hold(application: &gio::Application, is_cancelled: bool) -> (Gate, Rc<Cell<bool>>) {
    let told = Rc::new(Cell::new(false));
    let (gate, wait) = gate();
    let seen = told.clone();
    let running = QioTask::builder()
        .hold(application)
        .callback(move |_: Result<(), Error>| seen.set(true))
        .run_in_thread(move |_| {
            wait();
            Ok(())
        });
    gate.wait_for_arrival();
    if is_cancelled {
        running.cancel();
    }
    (gate, told)
}

#[test]
fn until_the_callback_was_called() {
    if passes_in_child("hold::until_the_callback_was_called") {
        return;
    }
    let told = Rc::new(Cell::new(false));
    let seen = told.clone();
    run(move |application| {
        let (gate, told) = hold(application, false);
        let seen = seen.clone();
        // As it is iterated.
        glib::idle_add_local_once(move || {
            assert!(!told.get());
            gate.open();
            glib::timeout_add_local(std::time::Duration::from_millis(1), move || {
                seen.set(told.get());
                (!told.get()).into()
            });
        });
    });
    // It may have ended just before the timer looked.
    drop(told);
}

#[test]
fn until_the_worker_has_returned() {
    if passes_in_child("hold::until_the_worker_has_returned") {
        return;
    }
    let returned = Rc::new(Cell::new(false));
    let seen = returned.clone();
    run(move |application| {
        let (gate, told) = hold(application, true);
        let returned = seen.clone();
        let mut rounds = 0;
        let mut gate = Some(gate);
        glib::timeout_add_local(std::time::Duration::from_millis(1), move || {
            rounds += u32::from(told.get());
            if rounds < 20 {
                return glib::ControlFlow::Continue;
            }
            // Its callback was called long ago, and the application is there still.
            returned.set(true);
            if let Some(gate) = gate.take() {
                gate.open();
            }
            glib::ControlFlow::Break
        });
    });
    assert!(returned.get());
}

#[test]
fn quit_ends_it_all_the_same() {
    if passes_in_child("hold::quit_ends_it_all_the_same") {
        return;
    }
    let gates = Rc::new(Cell::new(None));
    let kept = gates.clone();
    run(move |application| {
        kept.set(Some(hold(application, false)));
        let application = application.clone();
        glib::idle_add_local_once(move || application.quit());
    });
    drop(gates);
}

//! A task's group is told, and what it waits for because of that.

use glib::MainContext;
use qio_task::{Group, Messages, QioTask, Running, TaskState};

use crate::{
    common::{
        Gate, gate, is_child, on_context,
        process::{Process, wait_for_parent},
        wait_until,
    },
    views::{any_end, on_inspected_context, only_task_on, states_on, tasks_on},
};

fn at_a_gate(group: &Group) -> (Gate, Running) {
    let (gate, wait) = gate();
    let running = QioTask::builder()
        .group(group)
        .callback(any_end::<()>())
        .run_in_thread(move |_| {
            wait();
            Ok(())
        });
    (gate, running)
}

#[test]
fn by_its_name_or_by_where_it_was_made() {
    on_inspected_context(|context| {
        let group = Group::new();
        let line = line!() - 1;
        let task = QioTask::builder().group(&group).callback(any_end::<()>());
        let place = format!("made at {}:{line}:21", file!());
        assert_eq!(only_task_on(context).group(), Some(place));
        assert_eq!(group.name(), None);
        task.complete(Ok(()));

        group.set_name("thumb\nnails");
        assert_eq!(group.name().as_deref(), Some("thumb\nnails"));
        let task = QioTask::builder().group(&group).callback(any_end::<()>());
        let info = only_task_on(context);
        assert_eq!(info.group().as_deref(), Some(r#""thumb\nnails""#));
        assert!(
            info.to_string().contains(r#", group "thumb\nnails""#),
            "{info}"
        );
        task.complete(Ok(()));

        let task = QioTask::builder().callback(any_end::<()>());
        assert_eq!(only_task_on(context).group(), None);
        task.complete(Ok(()));
        assert_eq!(Group::computing().name().as_deref(), Some("computing"));
    });
}

#[test]
fn one_that_waits_for_its_place() {
    on_inspected_context(|context| {
        let group = Group::new();
        group.set_max_threads(1);
        let (first, running) = at_a_gate(&group);
        first.wait_for_arrival();
        let (second, other) = at_a_gate(&group);
        assert_eq!(
            states_on(context),
            [TaskState::Running, TaskState::WaitingForGroup]
        );
        let line = tasks_on(context)[1].to_string();
        assert!(line.contains(": waiting for its group, "), "{line}");
        first.open();
        running.wait();
        second.wait_for_arrival();
        assert_eq!(states_on(context), [TaskState::Running]);
        second.open();
        other.wait();
    });
}

#[test]
fn one_that_waits_to_go_on() {
    on_inspected_context(|context| {
        let group = Group::new();
        group.set_max_threads(1);
        let (awaited, pass) = gate();
        let running = QioTask::builder()
            .callback_on(&MainContext::new(), any_end::<()>())
            .run_in_thread(move |_| {
                pass();
                Ok(())
            });
        awaited.wait_for_arrival();
        let ended = running.worker_ended();
        let waiting = QioTask::builder()
            .group(&group)
            .callback(any_end::<()>())
            .run_in_thread(move |_| {
                MainContext::new().block_on(ended);
                Ok(())
            });
        let (other, other_running) = at_a_gate(&group);
        other.wait_for_arrival();
        assert_eq!(states_on(context), [TaskState::Running; 2]);
        awaited.open();
        wait_until(|| states_on(context)[0] == TaskState::WaitingForGroup);
        let has_number = tasks_on(context)[0].thread_id().is_some();
        let has_none = cfg!(any(target_os = "netbsd", target_os = "dragonfly"));
        assert!(has_number || has_none, "in its thread");
        other.open();
        waiting.wait();
        other_running.wait();
    });
}

const LIST: &str = "groups::the_list_says_how_many_each_has";

#[test]
fn the_list_says_how_many_each_has() {
    if is_child(LIST) {
        on_context(|_| {
            let group = Group::new();
            group.set_max_threads(1);
            group.set_name("thumbnails");
            let (gate, _running) = at_a_gate(&group);
            gate.wait_for_arrival();
            let _others: Vec<_> = (0..3).map(|_| at_a_gate(&group)).collect();
            eprintln!("hanging");
            wait_for_parent();
            group.close();
        });
        return;
    }
    let process = Process::of_test(LIST, Some("tasks"));
    process.line_with(&["hanging"]);
    process.signal();
    process.line_with(&[r#"group "thumbnails": 4 tasks, 3 waiting for it"#]);
    let (rest, status) = process.end();
    assert!(status.success(), "{rest:#?}");
}

#[test]
fn one_that_waits_for_room_among_its_messages() {
    on_inspected_context(|context| {
        let messages = Messages::new(1, |_: u32| ());
        let running = QioTask::builder()
            .messages(&messages)
            .callback(any_end::<()>())
            .run_in_thread(move |_| {
                (0..2).try_for_each(|number| messages.send(number))?;
                Ok(())
            });
        wait_until(|| states_on(context) == [TaskState::Sending]);
        let line = only_task_on(context).to_string();
        assert!(
            line.contains(": waiting for its messages to be taken in thread "),
            "{line}"
        );
        running.wait();
    });
}

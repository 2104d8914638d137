//! The state machine of a task under every sequence of what may happen to it:
//! its lock makes each race one of these.

use crate::state::{Interrupt, State, Verdict};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Start,
    Complete { success: bool },
    Interrupt(Interrupt),
    Take,
    Bury,
}

const EVENTS: [Event; 7] = [
    Event::Start,
    Event::Complete { success: true },
    Event::Complete { success: false },
    Event::Interrupt(Interrupt::Cancelled),
    Event::Interrupt(Interrupt::TimedOut),
    Event::Take,
    Event::Bury,
];

/// As many as it takes for each of them to come before and after each other.
const LENGTH: usize = 6;

#[test]
fn every_sequence_of_events() {
    let mut tried = 0;
    for check_cancellable in [false, true] {
        tried += try_from(&mut Vec::new(), check_cancellable);
    }
    println!("{tried} sequences of up to {LENGTH} events");
}

/// Tries `events`, and all that begin with them. How many those are.
fn try_from(events: &mut Vec<Event>, check_cancellable: bool) -> usize {
    run(events, check_cancellable);
    if events.len() == LENGTH {
        return 1;
    }
    let is_completed = events
        .iter()
        .any(|event| matches!(event, Event::Complete { .. }));
    let mut tried = 1;
    for event in EVENTS {
        // A completer ends once, which its type sees to.
        if is_completed && matches!(event, Event::Complete { .. } | Event::Start) {
            continue;
        }
        events.push(event);
        tried += try_from(events, check_cancellable);
        events.pop();
    }
    tried
}

/// Plays `events`, and checks each answer against what happened before.
fn run(events: &[Event], check_cancellable: bool) {
    let mut state = State::new(check_cancellable);
    let mut is_sent = false;
    for (index, event) in events.iter().enumerate() {
        let before = &events[..index];
        let mut send = |sends| {
            assert!(!(is_sent && sends), "one is on its way: {events:?}");
            is_sent |= sends;
        };
        match *event {
            Event::Start => {
                let is_first = !before.contains(&Event::Start);
                let starts = is_first && decided(before, check_cancellable).is_none();
                let starts = starts && !before.contains(&Event::Bury);
                assert_eq!(state.start_worker(), starts, "{events:?}");
            }
            Event::Complete { success } => send(state.complete(success)),
            Event::Interrupt(why) => send(state.interrupt(why)),
            Event::Take => {
                let verdict = decided(before, check_cancellable).filter(|_| !is_over(before));
                assert_eq!(state.take(), verdict, "{events:?}");
                is_sent = false;
            }
            Event::Bury => {
                state.bury();
                is_sent = false;
            }
        }
        let so_far = &events[..=index];
        assert_eq!(is_sent, is_due(so_far, check_cancellable), "{events:?}");
        assert_eq!(state.is_taken(), is_over(so_far), "{events:?}");
    }
}

/// What has been decided: by the first to come, but a success gives way to an
/// interrupt, when that is to be checked, until it has been delivered.
fn decided(events: &[Event], check_cancellable: bool) -> Option<Verdict> {
    let mut verdict = None;
    for (index, event) in events.iter().enumerate() {
        let may_give_way = check_cancellable
            && verdict == Some(Verdict::Completed)
            && events.contains(&Event::Complete { success: true });
        match *event {
            _ if is_over(&events[..index]) => {}
            Event::Complete { .. } if verdict.is_none() => verdict = Some(Verdict::Completed),
            Event::Interrupt(why) if verdict.is_none() || may_give_way => {
                verdict = Some(Verdict::Interrupted(why));
            }
            _ => {}
        }
    }
    verdict
}

/// Whether the callback has been taken, or buried.
fn is_over(events: &[Event]) -> bool {
    let mut is_decided = false;
    for event in events {
        match event {
            Event::Bury => return true,
            Event::Take if is_decided => return true,
            Event::Complete { .. } | Event::Interrupt(_) => is_decided = true,
            Event::Take | Event::Start => {}
        }
    }
    false
}

/// Whether a delivery has to be on its way: something was decided, or left,
/// since the last one came.
fn is_due(events: &[Event], check_cancellable: bool) -> bool {
    let last = events
        .iter()
        .rposition(|event| matches!(event, Event::Take | Event::Bury));
    let (before, since) = events.split_at(last.map_or(0, |last| last + 1));
    since.iter().any(|event| match event {
        Event::Complete { .. } => true,
        Event::Interrupt(_) => !is_over(before) && decided(before, check_cancellable).is_none(),
        _ => false,
    })
}

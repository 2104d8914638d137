//! The state of a task under every sequence of what may happen to it, beside a model that
//! has a field for each fact: each race is one of these, as each change is one step.

use crate::{
    state::{Interrupt, Interrupted, Leftover, State, Taken, Verdict},
    sync::alone,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    SubmitWorker,
    SubmitWorkerAlone,
    StartWorker,
    Complete {
        success: bool,
    },
    Interrupt(Interrupt),
    Take,
    /// The callback has returned.
    Finish,
    Withdraw,
    TakeBack,
    TakeResult,
}

const EVENTS: [Event; 12] = [
    Event::SubmitWorker,
    Event::SubmitWorkerAlone,
    Event::StartWorker,
    Event::Complete { success: true },
    Event::Complete { success: false },
    Event::Interrupt(Interrupt::Cancelled),
    Event::Interrupt(Interrupt::TimedOut),
    Event::Take,
    Event::Finish,
    Event::Withdraw,
    Event::TakeBack,
    Event::TakeResult,
];

/// As many as it takes for each of them to come before and after each other.
const LENGTH: usize = 6;

#[test]
fn every_sequence_of_events() {
    let mut tried = 0;
    for keeps_success in [false, true] {
        tried += try_from(&mut Vec::new(), Model::new(keeps_success));
    }
    println!("{tried} sequences of {LENGTH} events");
}

/// Tries all sequences that begin with `events`, after which `model` is what it is. How
/// many those are.
fn try_from(events: &mut Vec<Event>, model: Model) -> usize {
    if events.len() == LENGTH {
        let events = events.clone();
        alone(move || run(&events, model.keeps_success));
        return 1;
    }
    let mut tried = 0;
    for event in EVENTS {
        if !model.may(event) {
            continue;
        }
        let mut after = model;
        after.answer(event);
        events.push(event);
        tried += try_from(events, after);
        events.pop();
    }
    tried
}

/// Plays `events`, and compares each answer, and all that one may ask afterwards.
fn run(events: &[Event], keeps_success: bool) {
    let state = State::new(keeps_success);
    let mut model = Model::new(keeps_success);
    for (index, event) in events.iter().enumerate() {
        let so_far = &events[..=index];
        assert_eq!(answer(&state, *event), model.answer(*event), "{so_far:?}");
        assert_eq!(state.verdict(), { model }.take(), "{so_far:?}");
        assert_eq!(state.is_taken(), model.is_over, "{so_far:?}");
        assert_eq!(state.is_finished(), model.is_finished, "{so_far:?}");
        assert_eq!(state.is_taken_back(), model.is_taken_back, "{so_far:?}");
        let is_interrupted = [state.is_interrupted(), state.was_interrupted()];
        assert_eq!(is_interrupted, [model.is_interrupted; 2], "{so_far:?}");
        // One that does not end is one that loom calls a deadlock.
        if model.is_worker_over() {
            state.wait_for_worker(None);
        }
        if model.is_finished {
            state.wait_for_callback(None);
        }
    }
}

/// What is answered to an event.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Whether(bool),
    Interrupted(Interrupted),
    Taken(Option<Taken>),
    Leftover(Option<Leftover>),
}

fn answer(state: &State, event: Event) -> Answer {
    match event {
        Event::SubmitWorker => Answer::Whether(state.submit_worker()),
        Event::SubmitWorkerAlone => Answer::Whether(state.submit_worker_alone()),
        Event::StartWorker => Answer::Whether(state.start_worker()),
        Event::Complete { success } => {
            let is_wanted = state.complete(success);
            if !is_wanted {
                state.end_late();
            }
            Answer::Whether(is_wanted)
        }
        Event::Interrupt(why) => Answer::Interrupted(state.interrupt(why)),
        Event::Take => Answer::Taken(state.take()),
        Event::Finish => {
            state.finish();
            Answer::Whether(true)
        }
        Event::Withdraw => Answer::Leftover(state.withdraw()),
        Event::TakeBack => Answer::Whether(state.take_back()),
        Event::TakeResult => Answer::Whether(state.take_result()),
    }
}

/// Where the worker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worker {
    None,
    Waiting,
    Running,
    Over,
}

/// What is known of a task.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one for each fact")]
struct Model {
    keeps_success: bool,
    verdict: Option<Verdict>,
    worker: Worker,
    /// Whether the completer has ended, and if so whether with a success.
    completed: Option<bool>,
    has_result: bool,
    is_interrupted: bool,
    is_sent: bool,
    is_taken_back: bool,
    /// Whether the callback was taken, or is not to be called.
    is_over: bool,
    is_finished: bool,
}

impl Model {
    fn new(keeps_success: bool) -> Self {
        Self {
            keeps_success,
            verdict: None,
            worker: Worker::None,
            completed: None,
            has_result: false,
            is_interrupted: false,
            is_sent: false,
            is_taken_back: false,
            is_over: false,
            is_finished: false,
        }
    }

    /// Whether this may happen: there is one completer, and it ends once.
    fn may(&self, event: Event) -> bool {
        match event {
            Event::SubmitWorker | Event::SubmitWorkerAlone => {
                self.worker == Worker::None && self.completed.is_none()
            }
            Event::StartWorker => self.worker != Worker::None,
            Event::Complete { .. } => {
                self.completed.is_none() && matches!(self.worker, Worker::None | Worker::Running)
            }
            Event::Finish => self.is_over && !self.is_finished,
            // Who asks is who has decided, and could not send.
            Event::TakeResult => self.is_sent,
            Event::Interrupt(_) | Event::Take | Event::Withdraw | Event::TakeBack => true,
        }
    }

    fn answer(&mut self, event: Event) -> Answer {
        match event {
            Event::SubmitWorker | Event::SubmitWorkerAlone => {
                let waits = !self.is_decided();
                self.worker = if waits { Worker::Waiting } else { Worker::Over };
                Answer::Whether(waits)
            }
            Event::StartWorker => {
                let starts = self.worker == Worker::Waiting;
                if starts {
                    self.worker = Worker::Running;
                }
                Answer::Whether(starts)
            }
            Event::Complete { success } => {
                self.completed = Some(success);
                self.worker = Worker::Over;
                let is_wanted = !self.is_decided();
                if is_wanted {
                    self.verdict = Some(Verdict::Completed);
                    self.has_result = true;
                    self.is_sent = true;
                }
                Answer::Whether(is_wanted)
            }
            Event::Interrupt(why) => Answer::Interrupted(self.interrupt(why)),
            Event::Take => Answer::Taken(self.take()),
            Event::Finish => {
                self.is_finished = true;
                Answer::Whether(true)
            }
            Event::Withdraw => Answer::Leftover(self.withdraw()),
            Event::TakeBack => {
                self.is_taken_back |= self.is_sent;
                Answer::Whether(self.is_sent)
            }
            Event::TakeResult => Answer::Whether(std::mem::take(&mut self.has_result)),
        }
    }

    /// The first to come decides; but a success gives way, unless it is to be kept.
    fn interrupt(&mut self, why: Interrupt) -> Interrupted {
        if self.is_over {
            return Interrupted::default();
        }
        self.is_interrupted = true;
        let is_first = self.verdict.is_none();
        let gives_way = self.verdict == Some(Verdict::Completed)
            && self.completed == Some(true)
            && !self.keeps_success;
        if is_first || gives_way {
            self.verdict = Some(Verdict::Interrupted(why));
        }
        self.is_sent |= is_first;
        Interrupted {
            send: is_first,
            drop_worker: is_first && self.stop_waiting(),
        }
    }

    fn take(&mut self) -> Option<Taken> {
        let verdict = self.verdict.filter(|_| !self.is_over)?;
        self.is_over = true;
        Some(Taken {
            verdict,
            has_result: std::mem::take(&mut self.has_result),
        })
    }

    fn withdraw(&mut self) -> Option<Leftover> {
        if self.is_over {
            return None;
        }
        self.is_over = true;
        self.is_finished = true;
        self.is_interrupted = true;
        Some(Leftover {
            has_result: std::mem::take(&mut self.has_result),
            has_worker: self.stop_waiting(),
        })
    }

    /// A worker that waits for a thread never runs. Whether there was one.
    fn stop_waiting(&mut self) -> bool {
        let was_waiting = self.worker == Worker::Waiting;
        if was_waiting {
            self.worker = Worker::Over;
        }
        was_waiting
    }

    fn is_decided(&self) -> bool {
        self.verdict.is_some() || self.is_over
    }

    /// Whether the worker has returned, or never will run.
    fn is_worker_over(&self) -> bool {
        self.is_finished
            || match self.worker {
                Worker::None | Worker::Waiting => self.is_decided(),
                Worker::Running => false,
                Worker::Over => true,
            }
    }
}

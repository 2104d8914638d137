//! The state of a task under every sequence of what may happen to it, beside a model that
//! has a field for each fact: each race is one of these, as each change is one step.

use crate::{
    state::{
        Completed, Interrupt, Interrupted, Leftover, State, Submitted, Taken, Traits, Verdict,
    },
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
    Commit,
    Drive,
    Take,
    /// The callback has returned.
    Finish,
    Withdraw,
    TakeBack,
    TakeResult,
}

const EVENTS: [Event; 14] = [
    Event::SubmitWorker,
    Event::SubmitWorkerAlone,
    Event::StartWorker,
    Event::Complete { success: true },
    Event::Complete { success: false },
    Event::Interrupt(Interrupt::Cancelled),
    Event::Interrupt(Interrupt::TimedOut),
    Event::Commit,
    Event::Drive,
    Event::Take,
    Event::Finish,
    Event::Withdraw,
    Event::TakeBack,
    Event::TakeResult,
];

/// As many as there is time for.
const LENGTH: usize = 5;

#[test]
fn every_sequence_of_events() {
    let mut tried = 0;
    for bits in 0..4 {
        let traits = Traits {
            keeps_success: bits & 1 != 0,
            returns_first: bits & 2 != 0,
        };
        tried += try_from(&mut Vec::new(), Model::new(traits));
    }
    println!("{tried} sequences of {LENGTH} events");
}

/// Tries all sequences that begin with `events`, after which `model` is what it is. How
/// many those are.
fn try_from(events: &mut Vec<Event>, model: Model) -> usize {
    if events.len() == LENGTH {
        let events = events.clone();
        alone(move || run(&events, model.traits));
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
fn run(events: &[Event], traits: Traits) {
    let state = State::new(traits);
    let mut model = Model::new(traits);
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
            state.wait_for_worker_end(|| false);
        }
        if model.is_worker_over() || model.is_finished {
            state.wait_for_worker(None, || false);
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
    Submitted(Submitted),
    Completed(Completed),
    Interrupted(Interrupted),
    Taken(Option<Taken>),
    Leftover(Option<Leftover>),
}

fn answer(state: &State, event: Event) -> Answer {
    match event {
        Event::SubmitWorker => Answer::Submitted(state.submit_worker()),
        Event::SubmitWorkerAlone => Answer::Submitted(state.submit_worker_alone()),
        Event::StartWorker => Answer::Whether(state.start_worker()),
        Event::Complete { success } => {
            let completed = state.complete(success);
            if completed != Completed::Wanted {
                state.end_late();
            }
            Answer::Completed(completed)
        }
        Event::Interrupt(why) => Answer::Interrupted(state.interrupt(why)),
        Event::Commit => Answer::Whether(state.commit()),
        Event::Drive => Answer::Whether(state.drive()),
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
    traits: Traits,
    verdict: Option<Verdict>,
    worker: Worker,
    /// Whether the completer has ended, and if so whether with a success.
    completed: Option<bool>,
    has_result: bool,
    is_interrupted: bool,
    /// What decides as the completer ends.
    will_be: Option<Interrupt>,
    is_committed: bool,
    is_sent: bool,
    is_taken_back: bool,
    /// Whether the callback was taken, or is not to be called.
    is_over: bool,
    is_finished: bool,
}

impl Model {
    fn new(traits: Traits) -> Self {
        Self {
            traits,
            verdict: None,
            worker: Worker::None,
            completed: None,
            has_result: false,
            is_interrupted: false,
            will_be: None,
            is_committed: false,
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
            Event::Drive => self.worker == Worker::None && self.completed.is_none(),
            // A worker does, and only while its function is called.
            Event::Commit => self.worker == Worker::Running && self.completed.is_none(),
            Event::Interrupt(_) | Event::Take | Event::Withdraw | Event::TakeBack => true,
        }
    }

    fn answer(&mut self, event: Event) -> Answer {
        match event {
            Event::SubmitWorker | Event::SubmitWorkerAlone => {
                let is_late = self.is_decided();
                self.worker = Worker::Over;
                Answer::Submitted(if is_late {
                    Submitted::Late
                } else if self.supersede() {
                    Submitted::Superseded
                } else {
                    self.worker = Worker::Waiting;
                    Submitted::Waits
                })
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
                Answer::Completed(if self.is_decided() {
                    Completed::Late
                } else if self.supersede() {
                    Completed::Superseded
                } else {
                    self.verdict = Some(Verdict::Completed);
                    self.has_result = true;
                    self.is_sent = true;
                    Completed::Wanted
                })
            }
            Event::Drive => {
                self.traits.returns_first = false;
                Answer::Whether(!self.is_decided() && self.supersede())
            }
            Event::Commit => {
                let is_free = !self.is_decided() && !self.is_interrupted;
                self.is_committed |= is_free;
                self.traits.keeps_success |= is_free;
                Answer::Whether(is_free)
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
        if self.is_over || self.is_committed {
            return Interrupted::default();
        }
        self.is_interrupted = true;
        let is_first = self.verdict.is_none();
        if is_first && self.traits.returns_first && self.worker != Worker::Waiting {
            self.will_be.get_or_insert(why);
            return Interrupted::default();
        }
        let gives_way = self.verdict == Some(Verdict::Completed)
            && self.completed == Some(true)
            && !self.traits.keeps_success;
        if is_first || gives_way {
            self.verdict = Some(Verdict::Interrupted(why));
        }
        self.is_sent |= is_first;
        Interrupted {
            send: is_first,
            drop_worker: is_first && self.stop_waiting(),
        }
    }

    /// The completer has ended: what was to decide then does. Whether there was something.
    fn supersede(&mut self) -> bool {
        let verdict = self.will_be.map(Verdict::Interrupted);
        self.is_sent |= verdict.is_some();
        self.verdict = verdict;
        verdict.is_some()
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
        match self.worker {
            Worker::None | Worker::Waiting => self.is_decided(),
            Worker::Running => false,
            Worker::Over => true,
        }
    }
}

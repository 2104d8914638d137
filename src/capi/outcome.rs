//! [`Outcome`]: what the function of a task asks for.

use std::mem;

use super::{
    c_types::OwnedData,
    check::{Checked, ENDED},
    host::HostError,
};

/// A result, an error, both or none, as they were set.
pub(super) struct Outcome {
    pub(super) result: OwnedData,
    pub(super) error: HostError,
}

/// What was set for the function of a task, in the order in which it is freed.
pub(super) struct Outcomes {
    /// What the function is told.
    told: Outcome,
    /// What was set too late, after the task was ended from outside.
    late: Option<Outcome>,
}

impl Outcome {
    fn failed(error: HostError) -> Self {
        let result = OwnedData::NOTHING;
        Self { result, error }
    }
}

impl Outcomes {
    pub(super) fn new() -> Self {
        Self {
            told: Outcome::failed(HostError::NONE),
            late: None,
        }
    }

    pub(super) fn told(&mut self) -> &mut Outcome {
        &mut self.told
    }

    pub(super) fn error(&self) -> &HostError {
        &self.told.error
    }

    pub(super) fn is_failed(&self) -> bool {
        self.told.error.is_some()
    }

    /// Where an error or a result is set, in a task that has ended or not.
    pub(super) fn open(&mut self, is_ended: bool) -> Checked<&mut Outcome> {
        match &mut self.late {
            Some(late) => Ok(late),
            None if is_ended => Err(ENDED),
            None => Ok(&mut self.told),
        }
    }

    /// The task is ended from outside, whatever has been set.
    pub(super) fn fail(&mut self, error: HostError) {
        self.late = Some(mem::replace(&mut self.told, Outcome::failed(error)));
    }
}

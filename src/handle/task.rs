//! [`Task`]: a task whose outcome is set piece by piece, and which is completed
//! where its completer says.
//!
//! One that is only completed by hand is a call, and needs no more. One that a
//! loop, a thread, a cancellable or a timeout may end has a [`Core`], a task of
//! this library, which decides how it ends.

use std::{
    ffi::{CStr, CString},
    mem,
    sync::Arc,
    time::Instant,
};

use glib::{MainContext, Priority};

use super::{Handle, Share};
use crate::{
    QioTask,
    capi::{Callback, Host, Owned},
    control::Control,
    held::{self, Held},
    state::Interrupt,
};

/// What decides how a task ends. In success and in failure it brings the
/// completer's share home.
pub(super) type Core = QioTask<Share, Share>;

/// A task of this library that ends as the one with the handle does.
pub(super) type Face = QioTask<(), glib::Error>;

/// A result, or the assertion that has failed.
pub(crate) type Checked<R> = Result<R, &'static str>;

pub(super) const ENDED: &str = "task has not ended";

/// See the module's documentation. The order of the fields is the order in
/// which they are freed.
pub(crate) struct Task {
    extra: Option<Box<Extra>>,
    /// `None` for the global default one.
    pub(super) context: Option<MainContext>,
    func: Callback,
    _opaque: Owned,
    outcome: Outcome,
    /// What was set too late, after the task was ended from outside.
    late: Option<Box<Outcome>>,
    source: Owned,
    pub(super) shares: u8,
    /// Whether its completer has yet to complete it or to hand it on.
    is_held: bool,
    /// Whether its function is being called, or was.
    is_ended: bool,
}

/// What few tasks have.
#[derive(Default)]
pub(crate) struct Extra {
    pub(crate) worker_data: Option<Owned>,
    progress: Option<Progress>,
    pub(crate) name: Option<CString>,
    pub(crate) priority: Option<Priority>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) cancellable: Option<gio::Cancellable>,
    /// While the task is held.
    core: Option<Core>,
    control: Option<Arc<Control>>,
    /// The task as GIO sees it.
    face: Option<Face>,
}

/// What the function of a task asks for.
pub(crate) struct Outcome {
    pub(crate) result: Owned,
    pub(crate) error: Owned,
}

impl Outcome {
    fn failed(error: Owned) -> Self {
        let result = Owned::NOTHING;
        Self { result, error }
    }
}

/// What is told of the progress of a task.
pub(super) type Report = Arc<dyn Fn(Handle, f64) + Send + Sync>;

struct Progress {
    report: Report,
    /// Not told yet.
    fraction: Option<f64>,
}

/// What is called next for a task that ends.
pub(super) enum Call {
    Progress(Report, f64),
    End(Callback, Option<(Face, Result<(), glib::Error>)>),
}

impl Task {
    #[inline]
    pub(crate) fn new(source: Owned, func: Callback, opaque: Owned) -> Self {
        Self {
            extra: None,
            context: MainContext::thread_default(),
            func,
            _opaque: opaque,
            outcome: Outcome::failed(Owned::NOTHING),
            late: None,
            source,
            shares: 1,
            is_held: true,
            is_ended: false,
        }
    }

    pub(crate) fn source(&self) -> &Owned {
        &self.source
    }

    pub(crate) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    pub(crate) fn name(&self) -> Option<&CStr> {
        self.extra.as_ref()?.name.as_deref()
    }

    pub(super) fn priority(&self) -> Priority {
        let given = self.extra.as_ref().and_then(|extra| extra.priority);
        given.unwrap_or(Priority::DEFAULT_IDLE)
    }

    pub(super) fn context(&self) -> &MainContext {
        self.context.as_ref().unwrap_or_else(|| held::global())
    }

    pub(super) fn control(&self) -> Option<&Arc<Control>> {
        self.extra.as_ref()?.control.as_ref()
    }

    /// What cancels the task, unless it is too late for that.
    pub(super) fn canceller(&mut self, handle: Handle) -> Option<Arc<Control>> {
        if self.is_held && self.control().is_none() {
            self.arm_held(handle);
        }
        self.control().cloned()
    }

    /// The control of a task whose worker can be waited for.
    pub(super) fn thread(&self) -> Checked<Arc<Control>> {
        let has_worker = |extra: &&Box<Extra>| extra.worker_data.is_some();
        let extra = self.extra.as_ref().filter(has_worker);
        match extra.and_then(|extra| extra.control.clone()) {
            _ if self.is_ended => Err(ENDED),
            Some(control) => Ok(control),
            None => Err("task runs in a thread"),
        }
    }

    /// Makes a core that ends the task on its context.
    pub(super) fn arm(&mut self, handle: Handle) -> Core {
        let mut builder = QioTask::builder().priority(self.priority());
        if let Some(extra) = &self.extra {
            if let Some(name) = &extra.name {
                builder = builder.name(&name.to_string_lossy());
            }
            if let Some(cancellable) = &extra.cancellable {
                builder = builder.cancellable(cancellable);
            }
            if let Some(deadline) = extra.deadline {
                builder = builder.timeout(deadline.saturating_duration_since(Instant::now()));
            }
        }
        let mut core = builder.callback_on(self.context(), move |result| handle.end(result));
        // The task holds the context itself, and lets go of it in its turn.
        drop(core.release_context());
        self.extra().control = Some(core.control().clone());
        self.shares += 1;
        core
    }

    /// Lets others end the task while its completer holds it.
    pub(crate) fn arm_held(&mut self, handle: Handle) {
        let core = self.arm(handle);
        self.extra().core = Some(core);
    }

    pub(crate) fn check_held(&self) -> Checked<()> {
        match (self.is_held, self.is_ended) {
            (true, _) => Ok(()),
            (false, true) => Err(ENDED),
            (false, false) => Err("task has not been handed on"),
        }
    }

    /// Uses the completer up, and hands out its share; with the core, if there is one.
    #[inline]
    pub(super) fn hand_on(&mut self, handle: Handle) -> Checked<(Share, Option<Core>)> {
        self.check_held()?;
        self.is_held = false;
        let core = self.extra.as_mut().and_then(|extra| extra.core.take());
        Ok((Share(handle), core))
    }

    /// Has the task end on another context, which is exchanged for the last
    /// one. There is no core any more when it has ended before.
    pub(super) fn move_to(
        &mut self,
        handle: Handle,
        context: &mut Option<MainContext>,
        core: Option<Core>,
    ) -> Option<Core> {
        let cancelled = match core {
            None => false,
            Some(core) => {
                let is_late = |deadline| Instant::now() >= deadline;
                let timed_out = self.extra().deadline.is_some_and(is_late);
                let cancelled = core.is_cancelled() && !timed_out;
                if !core.withdraw() {
                    return None;
                }
                self.shares -= 1;
                cancelled
            }
        };
        mem::swap(&mut self.context, context);
        let mut core = self.arm(handle);
        if cancelled {
            core.control().interrupt(Interrupt::Cancelled);
        }
        Some(core)
    }

    /// What an error or a result is set in: that of a task that was ended from
    /// outside comes too late.
    pub(crate) fn slot(&mut self) -> Checked<&mut Outcome> {
        match &mut self.late {
            Some(late) => Ok(late),
            None if self.is_ended => Err(ENDED),
            None => Ok(&mut self.outcome),
        }
    }

    pub(crate) fn outcome(&mut self) -> &mut Outcome {
        &mut self.outcome
    }

    pub(super) fn is_failed(&self) -> bool {
        self.outcome.error.is_some()
    }

    /// Ends the task from outside, whatever has been set.
    pub(super) fn fail(&mut self, error: Owned) {
        let late = mem::replace(&mut self.outcome, Outcome::failed(error));
        self.late = Some(Box::new(late));
    }

    /// Has `report` told of the progress of the task, from now on. Hands back
    /// what was.
    pub(crate) fn set_progress(&mut self, report: Report) -> Option<Report> {
        let fraction = None;
        let last = self.extra().progress.replace(Progress { report, fraction });
        last.map(|last| last.report)
    }

    /// Takes in what is reported. Says whether that has to be sent.
    pub(super) fn report(&mut self, fraction: f64) -> bool {
        let is_wanted = self
            .control()
            .is_none_or(|control| !control.is_interrupted());
        let progress = self
            .extra
            .as_mut()
            .and_then(|extra| extra.progress.as_mut());
        match progress {
            Some(progress) if is_wanted && !self.is_ended => {
                progress.fraction.replace(fraction).is_none()
            }
            _ => false,
        }
    }

    pub(super) fn take_progress(&mut self) -> Option<(Report, f64)> {
        let progress = self.extra.as_mut()?.progress.as_mut()?;
        let fraction = progress.fraction.take()?;
        Some((progress.report.clone(), fraction))
    }

    /// What is called next, as the task ends.
    #[inline]
    pub(super) fn next_call(&mut self) -> Call {
        if let Some((report, fraction)) = self.take_progress() {
            return Call::Progress(report, fraction);
        }
        self.is_ended = true;
        let face = self.extra.as_mut().and_then(|extra| extra.face.take());
        let outcome = |face| match &self.outcome.error {
            error if error.is_some() => (face, Err(Host::describe(error))),
            _ => (face, Ok(())),
        };
        Call::End(self.func, face.map(outcome))
    }

    /// The task as GIO sees it, on a thread that has its context for default.
    pub(crate) fn async_result(&mut self) -> Option<gio::AsyncResult> {
        let is_made = self
            .extra
            .as_ref()
            .is_some_and(|extra| extra.face.is_some());
        if !is_made && !self.is_ended {
            let held = Held::try_current().filter(|held| held.get() == self.context())?;
            let mut builder = QioTask::builder().priority(self.priority());
            if let Some(name) = self.name() {
                builder = builder.name(&name.to_string_lossy());
            }
            let face = match Host::object(&self.source) {
                Some(object) => builder.source(&object).callback(|_, _| ()),
                None => builder.callback(|_| ()),
            };
            drop(held);
            self.extra().face = Some(face);
        }
        self.extra.as_ref()?.face.as_ref()?.find_async_result()
    }
}

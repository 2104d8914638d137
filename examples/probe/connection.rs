//! [`Connection`]: the object that every task of a URL is about.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use glib::subclass::prelude::*;
use qio_task::{Builder, Error, QioTask};
use rustls::ClientConfig;

use crate::{
    record::{Failure, Reached, Record, Step, one_line},
    socket::Socket,
    target::Target,
};

/// What all connections have in common.
#[derive(Debug, Clone)]
pub struct Common {
    pub cancellable: gio::Cancellable,
    /// For each step.
    pub timeout: Duration,
    /// There when a target needs it.
    pub tls: Option<Arc<ClientConfig>>,
    /// The sub-protocols that a WebSocket server may choose from.
    pub protocols: Vec<String>,
    /// Whether the handshake is all that a WebSocket server is asked for.
    pub handshake_only: bool,
}

glib::wrapper! {
    /// A connection on its way to a URL. Its property `status` tells the step
    /// that is under way, for whoever shows it.
    pub struct Connection(ObjectSubclass<imp::Connection>);
}

mod imp {
    use std::cell::{OnceCell, RefCell};

    use glib::{prelude::*, subclass::prelude::*};

    use super::{Common, Record, Socket, Target, UnderWay};

    #[derive(Default, glib::Properties)]
    #[properties(wrapper_type = super::Connection)]
    pub struct Connection {
        #[property(get, set)]
        status: RefCell<String>,
        pub(super) given: OnceCell<(Target, Common)>,
        pub(super) under_way: RefCell<Option<UnderWay>>,
        pub(super) record: RefCell<Record>,
        /// Open until the probe has ended, as is every socket that is watched.
        pub(super) socket: RefCell<Option<Socket>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Connection {
        const NAME: &'static str = "ProbeConnection";
        type Type = super::Connection;
    }

    #[glib::derived_properties]
    impl ObjectImpl for Connection {}
}

/// The step that has begun and not ended.
#[derive(Debug, Clone, Copy)]
pub struct UnderWay {
    step: Step,
    since: Instant,
    /// How long it took, when that is known before it ends.
    took: Option<Duration>,
}

impl UnderWay {
    fn new(step: Step) -> Self {
        Self {
            step,
            since: Instant::now(),
            took: None,
        }
    }
}

/// How a step ends: what the next one needs, and what is worth telling.
pub type Outcome<T> = Result<(T, String), Error<io::Error>>;

impl Connection {
    pub fn new(target: Target, common: Common) -> Self {
        let this: Self = glib::Object::new();
        this.imp().record.borrow_mut().url = one_line(&target.text);
        this.imp().given.get_or_init(|| (target, common));
        this
    }

    fn given(&self) -> &(Target, Common) {
        self.imp().given.get().expect("`new` has set it")
    }

    pub fn target(&self) -> &Target {
        &self.given().0
    }

    pub fn common(&self) -> &Common {
        &self.given().1
    }

    /// Begins a step: its time and its timeout count from now on.
    pub fn begin(&self, step: Step) {
        self.imp().under_way.replace(Some(UnderWay::new(step)));
        self.set_status(step.name());
    }

    fn under_way(&self) -> UnderWay {
        let under_way = *self.imp().under_way.borrow();
        under_way.unwrap_or_else(|| UnderWay::new(Step::Lookup))
    }

    /// The step has done its work: what is waited for from now on is not timed.
    pub fn stop_clock(&self) {
        if let Some(under_way) = &mut *self.imp().under_way.borrow_mut() {
            under_way.took.get_or_insert(under_way.since.elapsed());
        }
    }

    /// A builder for a task of the step that is under way. A step may be made
    /// of several tasks: its timeout counts once for all of them.
    pub fn task(&self) -> Builder {
        self.task_within(Duration::MAX)
    }

    /// Likewise, for a task that has a limit of its own, too.
    pub fn task_within(&self, limit: Duration) -> Builder {
        let UnderWay { step, since, .. } = self.under_way();
        let Common {
            cancellable,
            timeout,
            ..
        } = self.common();
        QioTask::builder()
            .name(step.name())
            .cancellable(cancellable)
            .timeout(timeout.saturating_sub(since.elapsed()).min(limit))
    }

    /// Records that the step under way has been reached.
    pub fn reached(&self, detail: &str) {
        let UnderWay { step, since, took } = self.under_way();
        let time = took.unwrap_or_else(|| since.elapsed());
        let detail = one_line(detail);
        self.imp()
            .record
            .borrow_mut()
            .steps
            .push(Reached { step, time, detail });
    }

    /// Records what the step under way failed of.
    pub fn failed(&self, error: &Error<io::Error>) {
        let failure = Failure::new(self.under_way().step, error, self.common().timeout);
        self.set_status(format!("{}: {}", failure.step, failure.reason));
        self.imp().record.borrow_mut().error = Some(failure);
    }

    /// Holds the connected socket.
    pub fn hold(&self, socket: Socket, peer: SocketAddr) {
        self.imp().record.borrow_mut().peer = Some(peer);
        self.imp().socket.replace(Some(socket));
    }

    /// Lets go of the socket.
    pub fn close(&self) {
        self.imp().socket.take();
    }

    /// What is known of the URL so far.
    pub fn record(&self) -> Record {
        let mut record = self.imp().record.borrow().clone();
        record.ok = record.error.is_none() && record.steps.len() == self.target().steps().len();
        record
    }
}

//! Objects: each has memory of its own, so that one which is lost is seen.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

#[derive(Clone)]
pub struct Object(Arc<()>);

impl Object {
    pub fn new() -> Self {
        Self(Arc::new(()))
    }
}

#[derive(Clone)]
pub struct AsyncResult;

pub struct SignalHandlerId;

#[derive(Clone, Default)]
pub struct Cancellable(Arc<AtomicBool>);

impl Cancellable {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn disconnect(&self, _: SignalHandlerId) {}
}

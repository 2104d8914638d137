//! What the library does by functions of C.

use std::{ffi::CStr, os::fd::RawFd, sync::Arc, time::Duration};

use glib::{ControlFlow, MainContext, Priority};

use crate::stub::AnySource;

pub(super) trait Dispatch: Send + Sync + 'static {
    fn prepare(&self) -> Prepared;
    fn check(&self, is_woken: bool) -> bool;
    fn dispatch(self: &Arc<Self>) -> ControlFlow;
    fn destroyed(&self);
}

pub(super) enum Prepared {
    Ready,
    Within(Duration),
    Sleeps,
}

struct Attached<D>(Arc<D>, bool);

impl<D: Dispatch> AnySource for Attached<D> {
    fn is_ready(&self) -> bool {
        matches!(self.0.prepare(), Prepared::Ready) || self.0.check(self.1)
    }

    fn dispatch(&self) -> ControlFlow {
        self.0.dispatch()
    }

    fn destroyed(&self) {
        self.0.destroyed();
    }
}

pub(super) fn attach<D: Dispatch>(
    value: &Arc<D>,
    context: &MainContext,
    priority: Priority,
    _: &'static CStr,
    descriptor: Option<RawFd>,
) {
    let source = Attached(value.clone(), descriptor.is_some());
    context.attach(priority, Arc::new(source));
}

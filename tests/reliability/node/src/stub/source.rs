//! [`Source`]: a counted reference on a `GSource`.
#![allow(unsafe_code)]

use std::{ffi::c_int, ptr};

use super::{
    context::MainContext,
    ffi::{self, GSource},
};

pub struct Source(pub(super) *mut GSource);

// SAFETY: its count is atomic, and what changes of it has a lock.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

impl Clone for Source {
    fn clone(&self) -> Self {
        // SAFETY: this reference keeps it.
        unsafe { ffi::g_source_ref(self.0) };
        Self(self.0)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // SAFETY: it is this one's reference.
        unsafe { ffi::g_source_unref(self.0) };
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.0, other.0)
    }
}

impl Source {
    fn fields(&self) -> std::sync::MutexGuard<'_, ffi::Fields> {
        // SAFETY: this reference keeps it.
        unsafe { ffi::fields(self.0) }
    }

    pub fn context(&self) -> Option<MainContext> {
        self.fields().context.upgrade()
    }

    pub fn attach(&self, context: Option<&MainContext>) {
        let context = context.expect("the library names one");
        let mut fields = self.fields();
        fields.context = context.downgrade();
        context.add(fields.priority, self.clone());
    }

    pub fn destroy(&self) {
        if let Some(context) = self.context() {
            context.remove(self);
        }
        self.end();
    }

    /// Lets go of its callback, after which it is not dispatched any more.
    pub(super) fn end(&self) {
        let callback = {
            let mut fields = self.fields();
            fields.is_destroyed = true;
            fields.callback.take()
        };
        if let Some((data, Some(notify))) = callback {
            // SAFETY: they belong together, and this is called once.
            unsafe { notify(data) };
        }
    }

    /// Whether there is something to do. Each descriptor can be read.
    pub(super) fn is_ready(&self) -> bool {
        let polled = {
            let fields = self.fields();
            if fields.is_destroyed {
                return false;
            }
            fields.polled.clone()
        };
        // SAFETY: the functions are the source's own. What they find at the descriptors is
        // written by who owns the context.
        unsafe {
            let functions = &*(*self.0).functions;
            let mut timeout: c_int = -1;
            let prepared = functions.prepare.expect("it has one")(self.0, &raw mut timeout);
            for descriptor in polled {
                (*descriptor).revents = 1;
            }
            prepared != 0 || functions.check.expect("it has one")(self.0) != 0
        }
    }

    /// Says whether it goes on.
    pub(super) fn dispatch(&self) -> bool {
        let callback = self.fields().callback;
        let data = callback.map_or(ptr::null_mut(), |(data, _)| data);
        // SAFETY: the functions are the source's own.
        unsafe {
            let dispatch = (*(*self.0).functions).dispatch.expect("it has one");
            dispatch(self.0, None, data) != 0
        }
    }
}

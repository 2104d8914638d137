//! How a task is bound to its context, which may end it from then on.

use std::{ffi::CString, mem};

use gio::prelude::*;
use glib::MainContext;

use super::{
    check::{Checked, ENDED},
    handle::Handle,
    inner::{Inner, builder_like, named_builder, new_inner},
    messages::MessagesOfNode,
    task::{FullTask, TaskRef},
};
use crate::{Builder, Group, base::state::Interrupt, node::node::NodeRef, observe};

impl Handle {
    /// Binds a task that was just made to its context, with a builder that has the same name and
    /// cancellable.
    pub(super) fn bind_new(
        self,
        name: Option<CString>,
        cancellable: Option<gio::Cancellable>,
        builder: Builder,
    ) -> Checked<()> {
        self.check(|task| {
            task.name = name;
            task.cancellable = cancellable;
            task.bind(self, builder);
            Ok(())
        })
    }

    /// Lets those see a new task who look: of a plain one there is nothing to see.
    #[inline]
    pub(super) fn let_be_seen(self) {
        if observe::is_wanted() {
            self.be_seen();
        }
    }

    #[cold]
    fn be_seen(self) {
        let _ = self.check(|task| task.bound(self).map(drop));
    }
}

impl FullTask {
    /// Binds it to its context.
    fn bind(&mut self, handle: Handle, mut builder: Builder) -> &NodeRef {
        if let Some(messages) = &self.messages {
            builder = builder.own_messages(MessagesOfNode::new(handle, &messages.queue));
        }
        let inner = new_inner(builder, self.context(), move |result| {
            handle.inner_ended(result);
        });
        if let Some(group) = &self.group {
            self.cancels = group.inner().cancels();
            inner.join_group(group.inner());
        }
        if let Some(messages) = &self.messages {
            messages.queue.set_level(inner.node().level.clone());
        }
        self.references += 1;
        let inner = self.inner.insert(inner);
        self.node.insert(inner.node().clone())
    }

    /// The node of a task that its holder has, which is bound now, if it was not before.
    pub(super) fn bound(&mut self, handle: Handle) -> Checked<&NodeRef> {
        if self.inner.is_none() {
            self.bind(handle, named_builder(None));
        }
        self.node.as_ref().ok_or(ENDED)
    }

    /// As [`take_over`](Self::take_over), for what needs an [`Inner`].
    pub(super) fn take_over_bound(&mut self, handle: Handle) -> Checked<Inner<TaskRef>> {
        self.completion.check_held()?;
        self.bound(handle)?;
        self.take_over()?.ok_or(ENDED)
    }

    /// Binds a task that its holder has to `context` instead of its own, which is
    /// returned: to let go of it may run foreign code. One that has ended is bound to
    /// nothing then.
    pub(super) fn move_to(
        &mut self,
        handle: Handle,
        context: Option<MainContext>,
    ) -> Option<MainContext> {
        let cancellable = self.cancellable.as_ref();
        let is_cancelled = cancellable.is_some_and(CancellableExt::is_cancelled);
        let node = self.node.as_ref();
        // Else its end may be under way, and only to withdraw it tells.
        let is_open = node.is_some_and(|node| !node.is_interrupted());
        if is_open && !is_cancelled && self.context == context {
            // Those who look go on to see the same one.
            return context;
        }
        let mut builder = node.map_or_else(|| named_builder(None), builder_like);
        if let Some(cancellable) = cancellable {
            builder = builder.cancellable(cancellable);
        }
        // By its group, if by nothing else that is looked at below.
        let was_interrupted = node.is_some_and(|node| node.state.is_interrupted());
        let inner = self.inner.take();
        let withdrawn = match inner.map(Inner::withdraw) {
            Some(None) => return context,
            withdrawn => withdrawn,
        };
        self.references -= usize::from(withdrawn.is_some());
        let last = mem::replace(&mut self.context, context);
        let (is_cancelled, cancels) = (self.is_cancelled, self.cancels);
        let group = self.group.as_ref().map(Group::inner);
        let node = self.bind(handle, builder);
        // Who cancels it may have listed the one before, and have found it withdrawn.
        let was_listed = group.is_some_and(|group| group.cancels() != cancels);
        // What has ended the one before ends this one too, before a worker starts: the
        // cancellable has done so by itself.
        if is_cancelled {
            node.interrupt(Interrupt::Cancelled);
        }
        node.check_deadline();
        if was_interrupted || was_listed {
            node.interrupt(Interrupt::Cancelled);
        }
        // Last, so that the group does not end meanwhile.
        drop(withdrawn);
        last
    }
}

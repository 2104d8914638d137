//! Tasks that the loop drives.

use std::{
    io::{Read, Write},
    ops::ControlFlow,
    os::unix::net::UnixStream,
    sync::Arc,
    time::Duration,
};

use glib::IOCondition;
use qio_task::Watch;

use super::{WHO, World};
use crate::{
    event::What,
    program::{Driver, End, Go, Slot, Thread},
};

impl World {
    pub(super) fn take_watch(&self, slot: Slot) -> Option<Watch> {
        self.state().slots[slot as usize].as_mut()?.watch.take()
    }

    pub(super) fn drive(self: &Arc<Self>, slot: Slot, driver: Driver, by: Thread) -> Option<()> {
        {
            let state = self.state();
            let kept = state.slots[slot as usize].as_ref()?;
            let is_here = match kept.home {
                Some(home) => home == by,
                None => state.owner(kept.context) == Some(by),
            };
            // What drives it would stay on this thread, and the free context does not.
            (is_here && !kept.is_free).then_some(())?;
        }
        let (id, task) = self.take_task(slot)?;
        // One that is leaked leaks nothing else.
        let world = Arc::downgrade(self);
        let (ready, watch) = match driver {
            Driver::Descriptor => {
                let (ready, watched) = UnixStream::pair().expect("there are descriptors");
                let mut reader = watched.try_clone().expect("there are descriptors");
                let watch = task.watch_fd(watched, IOCondition::IN, move |_| {
                    let mut go = [0];
                    let read = reader.read(&mut go);
                    let world = world.upgrade().filter(|_| read.is_ok());
                    let world = world.expect("a step wrote this");
                    let default = world.default_context().map(|context| context.id);
                    world.log(WHO.get(), What::Driven(id, default));
                    match go {
                        [0] => ControlFlow::Continue(()),
                        [1] => ControlFlow::Break(world.result(id, End::Ok)),
                        _ => ControlFlow::Break(world.result(id, End::Fail)),
                    }
                });
                let ready = Arc::new(ready);
                self.state().ends.push(ready.clone());
                (Some(ready), watch)
            }
            Driver::Hourly => {
                let hour = Duration::from_hours(1);
                let watch = task.poll_every(hour, || ControlFlow::Continue(()));
                (None, watch)
            }
        };
        let mut state = self.state();
        let kept = state.slots[slot as usize].as_mut()?;
        kept.ready = ready;
        kept.watch = Some(watch);
        Some(())
    }

    pub(super) fn make_ready(&self, slot: Slot, go: Go) -> Option<()> {
        let ready = self.state().slots[slot as usize].as_ref()?.ready.clone()?;
        // The other end may be gone.
        let _ = (&*ready).write(&[match go {
            Go::On => 0,
            Go::Break(End::Ok) => 1,
            Go::Break(End::Fail) => 2,
        }]);
        Some(())
    }
}

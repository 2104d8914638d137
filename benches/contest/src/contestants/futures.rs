//! What the contestants share whose tasks are futures: they are awaited on the
//! default main context, as an application does.

use std::ops::ControlFlow;

use gio::CancellableFuture;
use glib::MainContext;

/// Calls `done` on this thread when `future`, which is under way, is ready.
pub fn then(future: impl Future + 'static, done: impl FnOnce() + 'static) {
    MainContext::default().spawn_local(async move {
        future.await;
        done();
    });
}

/// Calls `again` on this thread each time that a future of `spawn`'s is ready,
/// until it breaks. One future awaits them all, as a loop in an application does.
pub fn in_turn<F: Future>(
    spawn: impl Fn() -> F + 'static,
    mut again: impl FnMut() -> ControlFlow<()> + 'static,
) {
    MainContext::default().spawn_local(async move {
        loop {
            spawn().await;
            if again().is_break() {
                break;
            }
        }
    });
}

/// As [`then`], and earlier when `cancellable` is cancelled. `done` learns which.
pub fn then_unless_cancelled(
    cancellable: &gio::Cancellable,
    future: impl Future + 'static,
    done: impl FnOnce(bool) + 'static,
) {
    let future = CancellableFuture::new(future, cancellable.clone());
    MainContext::default().spawn_local(async move {
        done(future.await.is_err());
    });
}

/// Implements [`Cancel`](super::Cancel) with `gio::CancellableFuture` over what
/// `$spawn` starts.
macro_rules! cancel_with_gio {
    ($contestant:ty, $spawn:expr) => {
        impl super::Cancel for $contestant {
            type Running = ::gio::Cancellable;
            type Waiting = ();

            fn run(
                work: impl FnOnce(&dyn Fn() -> bool) + Send + 'static,
                done: impl FnOnce(bool) + 'static,
            ) -> ::gio::Cancellable {
                use ::gio::prelude::CancellableExt;

                let cancellable = ::gio::Cancellable::new();
                let future = $spawn({
                    let cancellable = cancellable.clone();
                    move || work(&|| cancellable.is_cancelled())
                });
                super::futures::then_unless_cancelled(&cancellable, future, done);
                cancellable
            }

            fn cancel(task: &::gio::Cancellable) {
                ::gio::prelude::CancellableExt::cancel(task);
            }

            fn wait_on(
                cancellable: &::gio::Cancellable,
                blocked: impl FnOnce() + Send + 'static,
                done: impl FnOnce(bool) + 'static,
            ) {
                super::futures::then_unless_cancelled(cancellable, $spawn(blocked), done);
            }
        }
    };
}
pub(super) use cancel_with_gio;

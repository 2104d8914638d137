//! Waits for visitors in a `gio::CancellableFuture`: cancelling it ends the future, with
//! it the task, and with that the call that the worker is blocked in.

use std::{
    error::Error,
    io,
    net::{Ipv4Addr, TcpListener, TcpStream},
};

use futures::channel::oneshot;
use gio::{CancellableFuture, Cancelled, prelude::*};
use qio_task::TaskFuture;

fn main() -> Result<(), Box<dyn Error>> {
    glib::MainContext::default().block_on(keep_open())
}

async fn keep_open() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let closing_time = gio::Cancellable::new();

    let door = Door::open(&listener)?;
    let visit = qio_task::spawn_blocking(move |_| TcpStream::connect(address));
    let visitor = CancellableFuture::new(door.visitor, closing_time.clone()).await??;
    println!("a visitor from {visitor}");
    drop(visit.await?);

    let Door {
        visitor,
        watched,
        left,
    } = Door::open(&listener)?;
    glib::spawn_future_local(glib::clone!(
        #[strong]
        closing_time,
        async move {
            // Not before the worker is at the door, to show that it leaves.
            let _ = watched.await;
            closing_time.cancel();
        }
    ));
    // Once this has been awaited, the task's future is gone.
    match CancellableFuture::new(visitor, closing_time).await {
        Ok(visitor) => println!("a visitor from {}", visitor?),
        Err(Cancelled) => println!("closed"),
    }
    println!("the worker: {}", left.await?);
    Ok(())
}

/// A task whose worker waits for a visitor.
struct Door {
    /// Where the next one comes from.
    visitor: TaskFuture<String, glib::Error>,
    /// Resolved as the worker begins to wait.
    watched: oneshot::Receiver<()>,
    /// Resolved as it has waited, with the reason.
    left: oneshot::Receiver<String>,
}

impl Door {
    fn open(listener: &TcpListener) -> io::Result<Self> {
        let listener = listener.try_clone()?;
        let (watch, watched) = oneshot::channel();
        let (leave, left) = oneshot::channel();
        let visitor = qio_task::spawn_blocking(move |worker| {
            let socket = socket_of(listener)?;
            let _ = watch.send(());
            // What GIO blocks in ends with the task, by this cancellable.
            let connection = socket.accept(Some(worker.cancellable()));
            let _ = leave.send(match &connection {
                Ok(_) => "here is one".to_owned(),
                Err(error) => error.to_string(),
            });
            let visitor = connection?.remote_address()?;
            Ok(visitor.to_string().into())
        });
        Ok(Self {
            visitor,
            watched,
            left,
        })
    }
}

#[cfg(unix)]
fn socket_of(listener: TcpListener) -> Result<gio::Socket, glib::Error> {
    gio::Socket::from_fd(listener.into())
}

#[cfg(windows)]
fn socket_of(listener: TcpListener) -> Result<gio::Socket, glib::Error> {
    gio::Socket::from_socket(listener.into())
}

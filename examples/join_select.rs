//! Asks servers of its own, two at a time, by `futures::join!` and `select!`: the task of
//! the slower one is cancelled, and hangs up.

use std::{
    error::Error,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
};

use futures::{join, select};
use gio::prelude::*;
use qio_task::TaskFuture;

fn main() -> Result<(), Box<dyn Error>> {
    glib::MainContext::default().block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (one, one_served) = serve(|mut asker| asker.write_all(b"one"))?;
    let (two, two_served) = serve(|mut asker| asker.write_all(b"two"))?;
    let (first, second) = join!(ask(one), ask(two));
    println!("both: {} and {}", first?, second?);
    let (one_served, two_served) = join!(one_served, two_served);
    one_served.and(two_served)?;

    let (connected, is_connected) = mpsc::channel();
    let (slow, hung_up) = serve(move |mut asker| {
        let _ = connected.send(());
        // Says nothing, and waits until nobody asks any more.
        asker.read_to_end(&mut Vec::new()).map(|_| ())
    })?;
    let (quick, served) = serve(move |mut asker| {
        let _ = is_connected.recv();
        asker.write_all(b"quick")
    })?;
    println!("first: {}", first_of(slow, quick).await?);
    served.await?;
    hung_up.await?;
    println!("the slow one: nobody asks any more");
    Ok(())
}

/// The answer that comes first. As this returns, the other future is dropped: its task is
/// cancelled, and so is what its worker is blocked in.
async fn first_of(one: SocketAddr, other: SocketAddr) -> Result<String, Box<dyn Error>> {
    let (mut one, mut other) = (ask(one), ask(other));
    // Without `fuse()`: a `TaskFuture` knows whether it has ended.
    let answer = select! {
        answer = one => answer?,
        answer = other => answer?,
    };
    Ok(answer)
}

/// Reads what the server at `address` has to say.
fn ask(address: SocketAddr) -> TaskFuture<String, glib::Error> {
    qio_task::spawn_blocking(move |worker| {
        // What GIO blocks in ends with the task, by this cancellable.
        let cancellable = Some(worker.cancellable());
        let client = gio::SocketClient::new();
        let connection = client.connect_to_host(&address.to_string(), 0, cancellable)?;
        let answer = gio::DataInputStream::new(&connection.input_stream());
        let line = answer.read_line_utf8(cancellable)?;
        Ok(line.unwrap_or_default().to_string())
    })
}

/// Starts a server that takes one connection, and what tells when it has ended.
fn serve(
    handle: impl FnOnce(TcpStream) -> io::Result<()> + Send + 'static,
) -> io::Result<(SocketAddr, TaskFuture<(), io::Error>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let served = qio_task::spawn_blocking(move |_| handle(listener.accept()?.0));
    Ok((address, served))
}

//! The step *lookup*: `getaddrinfo` blocks, so it runs in a worker thread.

use std::net::{SocketAddr, ToSocketAddrs};

use crate::connection::{Connection, Outcome};

pub fn run(
    connection: &Connection,
    done: impl FnOnce(&Connection, Outcome<Vec<SocketAddr>>) + 'static,
) {
    let host = connection.target().host_name();
    let port = connection.target().port;
    connection
        .task()
        .source(connection)
        .callback(|connection, found| done(connection, found))
        .run_in_thread(move |_| {
            let addresses: Vec<_> = (host.as_str(), port).to_socket_addrs()?.collect();
            let detail = match addresses.len() {
                1 => "1 address".to_owned(),
                many => format!("{many} addresses"),
            };
            Ok((addresses, detail))
        });
}

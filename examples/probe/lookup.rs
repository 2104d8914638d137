//! The step *lookup*: `getaddrinfo` blocks, so it runs in a worker thread.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
};

use crate::{
    connection::{Connection, Outcome},
    zone,
};

pub fn run(
    connection: &Connection,
    done: impl FnOnce(&Connection, Outcome<Vec<SocketAddr>>) + 'static,
) {
    let host = connection.target().host_name();
    let port = connection.target().port;
    let zone = connection.target().zone.clone();
    connection
        .task()
        .source(connection)
        .callback(|connection, found| done(connection, found))
        .run_in_thread(move |_| {
            let addresses = find(&host, port, zone.as_deref())?;
            let detail = match addresses.len() {
                1 => "1 address".to_owned(),
                many => format!("{many} addresses"),
            };
            Ok((addresses, detail))
        });
}

fn find(host: &str, port: u16, zone: Option<&str>) -> io::Result<Vec<SocketAddr>> {
    let mut addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    if let Some(zone) = zone {
        let number = zone::scope_id(zone)?;
        for address in &mut addresses {
            if let SocketAddr::V6(address) = address {
                address.set_scope_id(number);
            }
        }
    }
    Ok(addresses)
}

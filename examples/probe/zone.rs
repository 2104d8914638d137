//! The zone of an IPv6 address: the network interface that it is of.

use std::{
    borrow::Cow,
    io,
    net::{SocketAddr, ToSocketAddrs},
};

use percent_encoding::percent_decode_str;

/// Takes the zone out of a URL, whose grammar has none.
///
/// It may be written as everywhere else, `[fe80::1%eth0]`, or as RFC 6874 has it, with the
/// sign encoded: `[fe80::1%25eth0]`.
pub fn take(text: &str) -> Result<(Cow<'_, str>, Option<String>), String> {
    let Some((before, zone, after)) = split(text) else {
        return Ok((text.into(), None));
    };
    let zone = match zone.strip_prefix("25") {
        // Else it is the interface of this number.
        Some(encoded) if !encoded.is_empty() => percent_decode_str(encoded).decode_utf8_lossy(),
        _ => zone.into(),
    };
    if zone.is_empty() {
        return Err("the address has no zone after its \"%\"".to_owned());
    }
    Ok((format!("{before}{after}").into(), Some(zone.into_owned())))
}

/// What is before a zone and its sign, the zone, and what is after it.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let begin = text.find("://")? + "://".len();
    let end = text[begin..]
        .find(['/', '?', '#'])
        .map_or(text.len(), |length| begin + length);
    let host = text[begin..end]
        .rfind('@')
        .map_or(begin, |at| begin + at + 1);
    if !text[host..end].starts_with('[') {
        return None;
    }
    let close = host + text[host..end].find(']')?;
    let sign = host + text[host..close].find('%')?;
    Some((&text[..sign], &text[sign + 1..close], &text[close..]))
}

/// The number of the interface, as `scope_id` of an address has it. This may block.
pub fn scope_id(zone: &str) -> io::Result<u32> {
    if let Ok(number) = zone.parse() {
        return Ok(number);
    }
    // The system's own lookup takes names of interfaces, with addresses of this kind only.
    let found = (format!("fe80::1%{zone}").as_str(), 0).to_socket_addrs();
    let address = found.ok().and_then(|mut addresses| addresses.next());
    match address {
        Some(SocketAddr::V6(address)) if address.scope_id() != 0 => Ok(address.scope_id()),
        _ => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("there is no network interface \"{zone}\""),
        )),
    }
}

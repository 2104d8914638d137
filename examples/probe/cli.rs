//! The command line.

use std::{num::NonZeroU16, path::PathBuf, time::Duration};

use clap::Parser;

/// Finds out how far a connection to each URL gets.
///
/// The steps are lookup, connect, tls, and http or websocket. A step that fails is named
/// with the reason, on the standard error.
///
/// Exits with 0 when every URL reached its last step, 1 when one did not, 2 for
/// bad usage and 130 after Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "probe", version)]
pub struct Options {
    /// What to probe: tcp://, tls://, https://, ws:// or wss://
    ///
    /// Without any, a server of its own on the loopback address, with every scheme. An IPv6
    /// address may have a zone: tcp://[fe80::1%eth0]:22.
    #[allow(clippy::doc_markdown, reason = "it is printed as it is")]
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,

    /// How long each step may take, fractions allowed
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,

    /// How many URLs are probed at once
    #[arg(long, value_name = "N", default_value = "32")]
    pub parallel: NonZeroU16,

    /// Print one JSON object a URL, each on a line
    #[arg(long)]
    pub json: bool,

    /// Trust the certificates of this PEM file, and not the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Don't check certificates
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,

    /// The certificate to show a server that demands one, of this PEM file
    ///
    /// Those of its issuers may follow in the file.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,

    /// The private key of that certificate, of this PEM file; without a passphrase
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,

    /// Ask WebSocket servers for this sub-protocol, which they have to choose
    ///
    /// Given more than once, they have to choose one of them.
    #[arg(long, value_name = "NAME", value_parser = token)]
    pub protocol: Vec<String>,

    /// Ask WebSocket servers for no more than the handshake: neither ping nor echo
    #[arg(long)]
    pub handshake_only: bool,
}

/// A word of an HTTP header.
fn token(text: &str) -> Result<String, String> {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    match text {
        "" => Err("it is empty".to_owned()),
        text if text.chars().all(is_allowed) => Ok(text.to_owned()),
        _ => Err("it has a character that no sub-protocol has".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        // A millisecond is the resolution of the main loop.
        Ok(duration) if duration >= Duration::from_millis(1) => Ok(duration),
        Ok(_) => Err("less than a millisecond".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

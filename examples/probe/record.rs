//! [`Record`]: what is known of a URL at the end.

use std::{fmt, io, net::SocketAddr, time::Duration};

use qio_task::Error;
use serde::Serialize;

/// A step on the way to a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Making sense of the URL itself.
    Url,
    Lookup,
    Connect,
    Tls,
    Http,
    WebSocket,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Lookup => "lookup",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::WebSocket => "websocket",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How far a URL got: one line of the table, one object of `--json`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Record {
    pub url: String,
    /// Whether it reached its last step.
    pub ok: bool,
    pub peer: Option<SocketAddr>,
    pub steps: Vec<Reached>,
    pub error: Option<Failure>,
}

/// A step that was reached.
#[derive(Debug, Clone, Serialize)]
pub struct Reached {
    pub step: Step,
    #[serde(rename = "ms", serialize_with = "milliseconds")]
    pub time: Duration,
    /// What was found there, such as a status line.
    pub detail: String,
}

/// The step that was not.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub step: Step,
    pub kind: Kind,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Failed,
    TimedOut,
    Cancelled,
}

impl Record {
    pub fn malformed(url: &str, reason: String) -> Self {
        Self {
            url: one_line(url),
            error: Some(Failure {
                step: Step::Url,
                kind: Kind::Failed,
                reason,
            }),
            ..Self::default()
        }
    }
}

impl Failure {
    pub fn new(step: Step, error: &Error<io::Error>, timeout: Duration) -> Self {
        let (kind, reason) = match error {
            Error::Cancelled => (Kind::Cancelled, "cancelled".to_owned()),
            Error::TimedOut => {
                let reason = format!("no answer within {} s", timeout.as_secs_f64());
                (Kind::TimedOut, reason)
            }
            Error::Failed(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                (Kind::Failed, "the server closed the connection".to_owned())
            }
            Error::Failed(error) if error.kind() == io::ErrorKind::ConnectionReset => (
                Kind::Failed,
                "the server broke the connection off".to_owned(),
            ),
            other => (Kind::Failed, other.to_string()),
        };
        Self {
            step,
            kind,
            reason: one_line(&reason),
        }
    }
}

/// Text from elsewhere, without what would steer a terminal.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { '\u{fffd}' } else { char })
        .collect()
}

fn milliseconds<S: serde::Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    // A microsecond is fine enough.
    to.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}

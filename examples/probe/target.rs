//! [`Target`]: a URL that can be probed.

use url::{Host, Position, Url};

use crate::{record::Step, zone};

/// A URL of a scheme that is known here, with a host and a port.
#[derive(Debug, Clone)]
pub struct Target {
    /// As it was given.
    pub text: String,
    pub host: Host<String>,
    /// The network interface that an IPv6 address is of, by name or number. It is part
    /// neither of the host's name nor of the URL: no server knows ours.
    pub zone: Option<String>,
    pub port: u16,
    pub has_tls: bool,
    pub last: Last,
    url: Url,
}

/// What follows once the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    Nothing,
    Http,
    WebSocket,
}

impl Target {
    pub fn parse(text: &str) -> Result<Self, String> {
        let (plain, zone) = zone::take(text)?;
        let url = Url::parse(&plain).map_err(|error| error.to_string())?;
        let (has_tls, last) = match url.scheme() {
            "tcp" => (false, Last::Nothing),
            "tls" => (true, Last::Nothing),
            "https" => (true, Last::Http),
            "ws" => (false, Last::WebSocket),
            "wss" => (true, Last::WebSocket),
            other => {
                return Err(format!(
                    "unknown scheme {other:?}; there are tcp, tls, https, ws and wss"
                ));
            }
        };
        let host = match url.host() {
            None | Some(Host::Domain("")) => return Err("no host".to_owned()),
            Some(host) => host.to_owned(),
        };
        let port = url.port_or_known_default().ok_or("no port")?;
        Ok(Self {
            text: text.to_owned(),
            host,
            zone,
            port,
            has_tls,
            last,
            url,
        })
    }

    /// The host as `getaddrinfo` takes it, without the brackets of a URL.
    pub fn host_name(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// Host and port as a `Host:` header has them.
    pub fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// What an HTTP request asks for.
    pub fn path(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    /// Every step on the way, in order.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Lookup, Step::Connect];
        steps.extend(self.has_tls.then_some(Step::Tls));
        steps.extend(match self.last {
            Last::Nothing => None,
            Last::Http => Some(Step::Http),
            Last::WebSocket => Some(Step::WebSocket),
        });
        steps
    }
}

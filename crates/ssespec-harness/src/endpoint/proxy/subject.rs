//! The proxy that is tested, and where its two ends are.

use std::net::SocketAddr;
use std::time::Duration;

use ssespec_net::Trust;
use ssespec_scenario::{AskVersion, PassageAsk};

use super::super::exchange::{Asked, Version};
use super::super::target::TargetError;
use crate::builtin::Address;
use crate::process::quoted;

/// A proxy between our client and our origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxySubject {
    via: Address,
    /// Where the client comes in, as the user gave it.
    pub via_url: String,
    /// Where the proxy forwards to: our origin listens there.
    pub origin: SocketAddr,
    /// The shell command that starts the proxy, once the origin listens.
    pub start: Option<String>,
    /// Whose certificates are accepted.
    pub trust: Trust,
    /// For how long streams are silent that are to outlast it.
    pub idle: Duration,
}

impl ProxySubject {
    /// A proxy at this URL, in front of this address.
    ///
    /// # Errors
    /// When it is no absolute HTTP URL.
    pub fn new(via: &str, origin: SocketAddr) -> Result<Self, TargetError> {
        let plain = via.bytes().all(|byte| byte.is_ascii_graphic());
        let address = Address::parse(via).filter(|_| plain);
        Ok(Self {
            via: address.ok_or_else(|| TargetError::Url(via.to_owned()))?,
            via_url: via.to_owned(),
            origin,
            start: None,
            trust: Trust::System,
            idle: Duration::from_secs(3),
        })
    }

    /// Host and port of the proxy.
    pub(super) fn door(&self) -> (String, u16) {
        self.via.host_and_port()
    }

    /// Whether the client speaks TLS with the proxy.
    pub(super) fn is_https(&self) -> bool {
        self.via.https
    }

    /// The request for this path below the URL.
    pub(super) fn asked(&self, ask: &PassageAsk, path: &str) -> Asked {
        let mut headers: Vec<(String, Vec<u8>)> = vec![
            ("Accept".to_owned(), b"text/event-stream".to_vec()),
            ("Cache-Control".to_owned(), b"no-cache".to_vec()),
        ];
        for (name, value) in &ask.header {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            headers.push((name.clone(), value.0.as_bytes().to_vec()));
        }
        let mut body = ask.body.as_ref().map(|it| it.0.clone().into_bytes()).unwrap_or_default();
        if ask.chunked {
            headers.push(("Transfer-Encoding".to_owned(), b"chunked".to_vec()));
            let halves = body.split_at(body.len() / 2);
            let chunks = [halves.0, halves.1, b""].map(ssespec_net::chunk);
            body = chunks.concat();
        }
        let base = self.via.target.split(['?', '#']).next().unwrap_or_default();
        Asked {
            method: ask.method.clone().unwrap_or_else(|| "GET".to_owned()),
            address: Address {
                target: format!("{}{path}", base.trim_end_matches('/')),
                ..self.via.clone()
            },
            headers,
            body,
            version: match ask.version {
                Some(AskVersion::Http10) => Version::Http10,
                Some(AskVersion::Http2) => Version::Http2,
                None => Version::Http11,
            },
        }
    }

    /// How a person reproduces a case.
    pub(super) fn command_line(&self, id: &str) -> String {
        let mut command =
            format!("ssespec test proxy --via {} --origin {}", quoted(&self.via_url), self.origin);
        if let Some(start) = &self.start {
            command.push_str(&format!(" --start {}", quoted(start)));
        }
        format!("{command} --run {}", quoted(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_below_the_url() {
        let origin = SocketAddr::from(([127, 0, 0, 1], 9000));
        let subject = ProxySubject::new("http://localhost:8080/sse/?x=1", origin).expect("a URL");
        let ask = PassageAsk { chunked: true, ..PassageAsk::default() };
        let asked = subject.asked(&ask, "/c/1");
        assert_eq!(asked.address.target, "/sse/c/1");
        assert!(asked.body.ends_with(b"0\r\n\r\n"));
        assert!(ProxySubject::new("localhost:8080", origin).is_err());
    }
}

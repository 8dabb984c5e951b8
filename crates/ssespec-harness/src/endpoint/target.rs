//! The endpoint that is tested, and how it is asked.

use std::time::Duration;

use ssespec_net::Trust;

use super::gauge::Gauge;
use crate::builtin::Address;

/// An endpoint, and how it is asked for its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(crate) address: Address,
    /// The URL as the user gave it.
    pub url: String,
    /// The method.
    pub method: String,
    /// Headers of the user's, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// Whose certificates are accepted.
    pub trust: Trust,
    /// The HTTP version, where the user insists on one.
    pub http: Option<HttpChoice>,
    /// How long the plain stream is watched.
    pub watch: Duration,
    /// After how many events it is left before that, and without which what rests on events is
    /// not believed.
    pub min_events: Option<u32>,
    /// A request that makes the server emit.
    pub trigger: Option<Trigger>,
    /// Where the server shows how many streams are open.
    pub gauge: Option<Gauge>,
}

/// The HTTP version that the user insists on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpChoice {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: in cleartext by prior knowledge, over TLS by ALPN.
    Http2,
}

/// A request that makes the server emit: sent once a second while streams are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    pub(crate) method: String,
    pub(crate) address: Address,
}

/// Why a target cannot be used: the user's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The text is no absolute HTTP URL.
    #[error("`{0}` is no URL with `http://` or `https://`")]
    Url(String),
    /// The trigger is not a method and a URL.
    #[error("the trigger `{0}` is not a method and a URL")]
    Trigger(String),
    /// The gauge is not a URL.
    #[error("the gauge `{0}` is no URL with `http://` or `https://`")]
    Gauge(String),
    /// A header is not `Name: value`.
    #[error("the header `{0}` is not `Name: value`")]
    Header(String),
    /// A method is no token.
    #[error("`{0}` is no method")]
    Method(String),
}

impl TargetError {
    /// How to mend it.
    pub fn help(&self) -> String {
        match self {
            Self::Url(text) if !text.contains("://") => {
                format!("give the whole URL of the stream, such as `http://{text}`")
            }
            Self::Url(_) => "give the whole URL of the stream".to_owned(),
            Self::Trigger(_) => "write it as `--trigger 'POST http://HOST/PATH'`".to_owned(),
            Self::Gauge(_) => {
                "write it as `--gauge 'http://HOST/metrics#NAME'`, with the name of the metric"
                    .to_owned()
            }
            Self::Header(_) => "write it as `-H 'Authorization: Bearer …'`".to_owned(),
            Self::Method(_) => "give a method such as `POST`".to_owned(),
        }
    }
}

impl Target {
    /// A GET of this URL, watched for five seconds.
    ///
    /// # Errors
    /// When it is no absolute HTTP URL.
    pub fn new(url: &str) -> Result<Self, TargetError> {
        let plain = url.bytes().all(|byte| byte.is_ascii_graphic());
        let address = Address::parse(url).filter(|_| plain);
        let address = address.ok_or_else(|| TargetError::Url(url.to_owned()))?;
        Ok(Self {
            address,
            url: url.to_owned(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: None,
            trust: Trust::System,
            http: None,
            watch: Duration::from_secs(5),
            min_events: None,
            trigger: None,
            gauge: None,
        })
    }

    /// Adds a header, written as `Name: value`.
    ///
    /// # Errors
    /// When it is not written so, or could not be sent.
    pub fn header(&mut self, line: &str) -> Result<(), TargetError> {
        let wrong = || TargetError::Header(line.to_owned());
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let value = value.trim();
        if !is_token(name) || value.bytes().any(|byte| byte < b' ' && byte != b'\t') {
            return Err(wrong());
        }
        self.headers.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Takes another method.
    ///
    /// # Errors
    /// When it is no token.
    pub fn method(&mut self, method: &str) -> Result<(), TargetError> {
        if !is_token(method) {
            return Err(TargetError::Method(method.to_owned()));
        }
        method.clone_into(&mut self.method);
        Ok(())
    }
}

impl std::str::FromStr for Trigger {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError::Trigger(text.to_owned());
        let (method, url) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let address = Address::parse(url.trim()).filter(|_| is_token(method)).ok_or_else(wrong)?;
        Ok(Self { method: method.to_owned(), address })
    }
}

fn is_token(text: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_urls_are_targets() {
        assert!(Target::new("https://example.org/events?x=1").is_ok());
        for wrong in ["", "localhost:8080/events", "ftp://a/", "http://", "http://a b/"] {
            assert!(Target::new(wrong).is_err(), "{wrong}");
        }
        let help = Target::new("localhost:8080/x").unwrap_err().help();
        assert!(help.contains("http://localhost:8080/x"), "{help}");
    }

    #[test]
    fn headers_and_triggers_are_taken_apart() {
        let mut target = Target::new("http://a/").expect("a URL");
        assert!(target.header("X-A:  b ").is_ok());
        assert_eq!(target.headers, [("X-A".to_owned(), "b".to_owned())]);
        for wrong in ["X-A", ": b", "X A: b", "X: a\r\nB: c"] {
            assert!(target.header(wrong).is_err(), "{wrong}");
        }
        assert!("POST http://a/b".parse::<Trigger>().is_ok());
        for wrong in ["http://a/b", "POST a/b", "P@ST http://a/"] {
            assert!(wrong.parse::<Trigger>().is_err(), "{wrong}");
        }
    }
}

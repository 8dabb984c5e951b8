//! The URL of a stream, taken apart, and the request for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::template::{PUBLISH_VARIABLES, STREAM_VARIABLES, Template, TemplateError, Values};

/// An `http` or `https` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether it is `https`.
    pub tls: bool,
    /// Host and port as they go into `Host`.
    pub authority: String,
    /// Path and query.
    pub target: String,
    /// The host, an IPv6 literal without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a URL or a header cannot be used; the user's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text is no absolute URL.
    #[error("`{0}` is no URL with `http://` or `https://`")]
    NotAUrl(String),
    /// The header is not `Name: value`.
    #[error("the header `{0}` is not `Name: value`")]
    Header(String),
    /// The method is no token.
    #[error("`{0}` is no method")]
    Method(String),
    /// A text has a variable that cannot be filled in.
    #[error("{error} in {place}, at its byte {}", .error.at.start + 1)]
    Template {
        /// Which text.
        place: String,
        /// What is wrong with it.
        error: TemplateError,
    },
}

impl AddressError {
    /// How to mend it.
    pub fn help(&self) -> String {
        match self {
            Self::NotAUrl(text) if !text.contains("://") => {
                format!("give the whole URL of the stream, such as `http://{text}`")
            }
            Self::NotAUrl(_) => "give the whole URL of the stream".to_owned(),
            Self::Header(_) => "write it as `-H 'Authorization: Bearer …'`".to_owned(),
            Self::Template { error, .. } => error.help.clone(),
            Self::Method(_) => "give a method such as `POST`".to_owned(),
        }
    }
}

impl Address {
    /// Takes the URL of a stream apart.
    ///
    /// # Errors
    /// When it is no absolute `http` or `https` URL, or has a variable that there is not.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        Self::parse_with(url, STREAM_VARIABLES)
    }

    /// The same, with other variables.
    ///
    /// # Errors
    /// When it is no absolute `http` or `https` URL, or has a variable that there is not.
    pub fn parse_with(url: &str, variables: &[&str]) -> Result<Self, AddressError> {
        let wrong = || AddressError::NotAUrl(url.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let tls = scheme.eq_ignore_ascii_case("https");
        let plain = url.bytes().all(|byte| byte.is_ascii_graphic());
        if !(tls || scheme.eq_ignore_ascii_case("http")) || !plain {
            return Err(wrong());
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (authority, if tls { 443 } else { 80 }),
        };
        let host = host.trim_matches(['[', ']']);
        if host.is_empty() {
            return Err(wrong());
        }
        check("the URL", url, variables)?;
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self {
            tls,
            authority: authority.to_owned(),
            target: format!("{slash}{target}"),
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.target)
    }
}

/// How a stream is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    method: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    /// What it may name.
    variables: &'static [&'static str],
}

impl Default for Request {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: None,
            variables: STREAM_VARIABLES,
        }
    }
}

impl Request {
    /// That of a publisher.
    pub fn of_publisher() -> Self {
        let method = "POST".to_owned();
        Self { method, variables: PUBLISH_VARIABLES, ..Self::default() }
    }

    /// Takes another method.
    ///
    /// # Errors
    /// When it is no token.
    pub fn method(&mut self, method: &str) -> Result<(), AddressError> {
        if !is_token(method) {
            return Err(AddressError::Method(method.to_owned()));
        }
        method.clone_into(&mut self.method);
        Ok(())
    }

    /// Adds a header, written as `Name: value`.
    ///
    /// # Errors
    /// When it is not written so, or could not be sent.
    pub fn header(&mut self, line: &str) -> Result<(), AddressError> {
        let wrong = || AddressError::Header(line.to_owned());
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let value = value.trim();
        if !is_token(name) || value.bytes().any(|byte| byte < b' ' && byte != b'\t') {
            return Err(wrong());
        }
        check(&format!("the header `{name}`"), value, self.variables)?;
        self.headers.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Gives it a body.
    ///
    /// # Errors
    /// When it has a variable that there is not.
    pub fn body(&mut self, body: String) -> Result<(), AddressError> {
        check("the body", &body, self.variables)?;
        self.body = Some(body);
        Ok(())
    }

    /// Whether it, or the address, takes a credential.
    pub fn needs_credential(&self, target: &str) -> bool {
        let headers = self.headers.iter().map(|(_, value)| value.as_str());
        let mut all = headers.chain(self.body.as_deref()).chain([target]);
        all.any(|text| {
            Template::parse(text, STREAM_VARIABLES).is_ok_and(|it| it.needs_credential())
        })
    }

    /// The request of each stream.
    pub(crate) fn compile(&self, address: &Address) -> RequestTemplate {
        // What cannot be read was refused before.
        let read = |text: &str| Template::parse(text, self.variables).unwrap_or_default();
        let body = read(self.body.as_deref().unwrap_or_default());
        let plain = Self { body: body.plain().map(str::to_owned), ..self.clone() };
        let by_user =
            self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let adds_length = body.plain().is_none() && !by_user;
        let with_body = if self.body.is_some() { &plain } else { self };
        let wire = with_body.to_wire(address);
        let head = wire.split_once("\r\n\r\n").map_or("", |(head, _)| head);
        RequestTemplate { head: read(head), body, adds_length }
    }

    /// The request as it is sent, its variables not filled in.
    pub fn to_wire(&self, address: &Address) -> String {
        let mut wire = format!("{} {} HTTP/1.1\r\n", self.method, address.target);
        let mut add = |name: &str, value: &str| {
            if !self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                wire.push_str(&format!("{name}: {value}\r\n"));
            }
        };
        add("Host", &address.authority);
        add("Accept", "text/event-stream");
        add("Cache-Control", "no-store");
        add("User-Agent", concat!("ssespec-load/", env!("CARGO_PKG_VERSION")));
        if let Some(body) = &self.body {
            add("Content-Length", &body.len().to_string());
        }
        for (name, value) in &self.headers {
            wire.push_str(&format!("{name}: {value}\r\n"));
        }
        wire.push_str("\r\n");
        wire.push_str(self.body.as_deref().unwrap_or_default());
        wire
    }
}

fn check(place: &str, text: &str, variables: &[&str]) -> Result<(), AddressError> {
    match Template::parse(text, variables) {
        Ok(_) => Ok(()),
        Err(error) => Err(AddressError::Template { place: place.to_owned(), error }),
    }
}

/// A request whose variables are to be filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTemplate {
    head: Template,
    body: Template,
    /// Whether the length of the body is still to be said.
    adds_length: bool,
}

impl RequestTemplate {
    /// The request, where it is the same for all streams.
    pub(crate) fn plain(&self) -> Option<String> {
        Some(format!("{}\r\n\r\n{}", self.head.plain()?, self.body.plain()?))
    }

    /// The request with these values.
    pub(crate) fn render(&self, values: Values<'_>) -> String {
        let (mut out, body) = (self.head.render(values), self.body.render(values));
        if self.adds_length {
            out.push_str(&format!("\r\nContent-Length: {}", body.len()));
        }
        out.push_str("\r\n\r\n");
        out.push_str(&body);
        out
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
    fn urls_are_taken_apart() {
        let address = Address::parse("http://[::1]:8080?x=1#y").unwrap();
        assert_eq!((address.host.as_str(), address.port), ("::1", 8080));
        assert_eq!(address.target, "/?x=1");
        assert_eq!(address.to_string(), "http://[::1]:8080/?x=1");
        assert_eq!(Address::parse("HTTP://a").unwrap().port, 80);
        for wrong in ["a", "ftp://a", "http://", "http://a b", "http://a:x/", "http://:1/"] {
            assert!(matches!(Address::parse(wrong), Err(AddressError::NotAUrl(_))), "{wrong}");
        }
        let secure = Address::parse("https://a/b").unwrap();
        assert_eq!((secure.tls, secure.port), (true, 443));
        assert_eq!(secure.to_string(), "https://a/b");
    }

    #[test]
    fn variables_are_filled_in_for_each_stream() {
        let mut request = Request::default();
        request.header("Authorization: Bearer {credential}").unwrap();
        request.body("{\"n\":{stream}}".to_owned()).unwrap();
        let address = Address::parse("http://a/t/{stream%2}").unwrap();
        assert!(request.needs_credential(&address.target));
        let wire = request.compile(&address).render(Values {
            own: 15,
            credential: "x",
            ..Values::default()
        });
        assert!(wire.starts_with("GET /t/1 HTTP/1.1\r\n"), "{wire}");
        assert!(wire.contains("\r\nAuthorization: Bearer x\r\n"), "{wire}");
        assert!(wire.ends_with("\r\nContent-Length: 8\r\n\r\n{\"n\":15}"), "{wire}");
        let error = Address::parse("http://a/{strem}").unwrap_err();
        assert_eq!(error.to_string(), "there is no variable `{strem}` in the URL, at its byte 10");
        // What has no variable is the same for all.
        let plain = Request::default();
        let address = Address::parse("http://a/{{x}").unwrap();
        let wire = plain.compile(&address).plain().unwrap();
        assert!(wire.starts_with("GET /{x} HTTP/1.1\r\n") && wire.ends_with("\r\n\r\n"));
    }

    #[test]
    fn headers_of_the_user_come_in_place_of_ours() {
        let mut request = Request::default();
        request.header("accept: */*").unwrap();
        request.method("POST").unwrap();
        request.body("{}".to_owned()).unwrap();
        let wire = request.to_wire(&Address::parse("http://a:1/b").unwrap());
        assert!(wire.starts_with("POST /b HTTP/1.1\r\nHost: a:1\r\n"), "{wire}");
        assert!(!wire.contains("text/event-stream"), "{wire}");
        assert!(wire.ends_with("Content-Length: 2\r\naccept: */*\r\n\r\n{}"), "{wire}");
        for wrong in ["x", "a b: c", "a: b\r\nc: d", "a: {b}"] {
            assert!(request.header(wrong).is_err(), "{wrong}");
        }
    }
}

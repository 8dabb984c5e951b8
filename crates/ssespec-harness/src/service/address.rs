//! Where a service listens, and where the resources of its streams are.

use std::fmt;
use std::str::FromStr;

/// The address of a test service, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The URL of its status, and of the creation of streams: as it was given.
    pub(crate) fn base(&self) -> &str {
        &self.0
    }

    /// What a `Location` stands for. One that begins with `http:` is complete; any other is put
    /// behind the address of the service, whatever its path: that is what services are written
    /// for.
    pub(crate) fn resource(&self, location: &str) -> String {
        let location = location.trim();
        if has_http_scheme(location) {
            return location.to_owned();
        }
        format!("{}/{}", self.0.trim_end_matches('/'), location.trim_start_matches('/'))
    }
}

fn has_http_scheme(url: &str) -> bool {
    url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
}

impl FromStr for Address {
    type Err = String;

    /// Takes an absolute `http` URL.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    fn from_str(text: &str) -> Result<Self, String> {
        let uri: http::Uri =
            text.parse().map_err(|error| format!("`{text}` is no URL: {error}"))?;
        match (uri.scheme_str(), uri.host()) {
            (Some("http"), Some(host)) if !host.is_empty() => Ok(Self(text.to_owned())),
            (Some("https"), _) => {
                Err(format!("`{text}` is not in cleartext, and the contract is plain HTTP"))
            }
            _ => Err(format!("`{text}` is no absolute HTTP URL")),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_complete_or_put_behind_the_address() {
        for (base, location, expected) in [
            ("http://h:1", "/streams/1", "http://h:1/streams/1"),
            ("http://h:1/", "/streams/1", "http://h:1/streams/1"),
            ("http://h:1", "streams/1", "http://h:1/streams/1"),
            ("http://h:1/sse", "/streams/1", "http://h:1/sse/streams/1"),
            ("http://h:1", "http://other:2/s", "http://other:2/s"),
            ("http://h:1", "HTTP://other:2/s", "HTTP://other:2/s"),
            ("http://h:1", "?id=1", "http://h:1/?id=1"),
        ] {
            let address: Address = base.parse().unwrap();
            assert_eq!(address.resource(location), expected);
        }
    }

    #[test]
    fn only_absolute_http_urls_are_addresses() {
        for good in ["http://127.0.0.1:8000", "http://localhost/", "http://[::1]:80/a?b"] {
            assert!(good.parse::<Address>().is_ok(), "{good}");
        }
        for bad in ["", "localhost:8000", "/a", "https://h", "ftp://h", "http://", "http://a b"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}

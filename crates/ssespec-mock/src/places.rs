//! Where the URLs of a run are, and what the names in braces stand for.

use std::net::SocketAddr;

/// Where a run is to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placement {
    /// Where the page is that opens the stream.
    pub page: PageAt,
    /// Whether the stream is to have another origin than the page.
    pub cross_origin: bool,
}

/// Where the page is that opens a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PageAt {
    /// No page opens it: the client is not in a browser.
    #[default]
    Nowhere,
    /// At an origin that the subject has chosen.
    Fixed(String),
    /// On any of the mock's origins.
    Anywhere,
}

/// What the names in braces stand for in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The origin of the URL that the subject is told.
    pub own: SocketAddr,
    /// The other one.
    pub other: SocketAddr,
    /// The origin of the page that opens the stream, where there is one.
    pub page: Option<String>,
    /// The part of the path that all URLs of the run begin with.
    pub path: String,
    /// Where certificates are that no client should accept.
    pub flawed: FlawedDoors,
}

/// Where the mock shows certificates that no client should accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlawedDoors {
    /// One from a CA that nobody trusts.
    pub untrusted: SocketAddr,
    /// One for another host.
    pub misnamed: SocketAddr,
    /// One whose time is over.
    pub expired: SocketAddr,
}

impl Places {
    /// Puts the run's own places where their names stand: `{url}`, `{path}`, `{other-url}`,
    /// `{untrusted-url}`, `{misnamed-url}`, `{expired-url}` and `{page}`. Where no page opens the
    /// stream, `{page}` is `*`.
    pub fn fill_in(&self, text: &str) -> String {
        let secure = |address: SocketAddr| format!("https://{address}{}", self.path);
        text.replace("{url}", &format!("{}{}", origin(self.own), self.path))
            .replace("{path}", &self.path)
            .replace("{untrusted-url}", &secure(self.flawed.untrusted))
            .replace("{misnamed-url}", &secure(self.flawed.misnamed))
            .replace("{expired-url}", &secure(self.flawed.expired))
            .replace("{other-url}", &format!("{}{}", origin(self.other), self.path))
            .replace("{page}", self.page.as_deref().unwrap_or("*"))
    }
}

/// An origin as a URL has it.
pub fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_filled_in() {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let flawed = FlawedDoors { untrusted: at(3), misnamed: at(4), expired: at(5) };
        let path = "/c/x".to_owned();
        let mut places = Places { own: at(1), other: at(2), page: None, path, flawed };
        assert_eq!(
            places.fill_in("{untrusted-url} {misnamed-url} {expired-url}"),
            "https://127.0.0.1:3/c/x https://127.0.0.1:4/c/x https://127.0.0.1:5/c/x"
        );
        let filled = places.fill_in("{url}/a {path}/b {other-url}/c {page} {else}");
        assert_eq!(filled, "http://127.0.0.1:1/c/x/a /c/x/b http://127.0.0.1:2/c/x/c * {else}");
        places.page = Some("http://page.test".to_owned());
        assert_eq!(places.fill_in("{page}"), "http://page.test");
    }
}

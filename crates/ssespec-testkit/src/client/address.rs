//! HTTP and HTTPS URLs, and references such as a `Location` holds.

use crate::defect::{Defect, Switch};

/// An absolute `http` or `https` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Whether it is an `https` URL.
    pub(super) is_secure: bool,
    /// Host and port.
    pub(super) authority: String,
    path: String,
    pub(super) query: Option<String>,
    fragment: Option<String>,
}

impl Address {
    /// Reads an absolute URL.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let is_secure = scheme.eq_ignore_ascii_case("https");
        if !is_secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let (rest, fragment) = cut(rest, '#');
        let (rest, query) = cut(rest, '?');
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        if authority.is_empty() {
            return None;
        }
        Some(Self {
            is_secure,
            authority: authority.to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
        })
    }

    /// Its origin.
    pub(super) fn origin(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// The host, without its port and without brackets.
    pub(super) fn host(&self) -> &str {
        let host = match self.authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => host,
            _ => &self.authority,
        };
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// What goes into the request line.
    pub(super) fn target(&self, switch: Switch) -> String {
        let mut target = self.path.clone();
        if let Some(query) = &self.query {
            target.push('?');
            target.push_str(query);
        }
        if let Some(fragment) = self.fragment.as_ref().filter(|_| switch.has(Defect::FragmentSent))
        {
            target.push('#');
            target.push_str(fragment);
        }
        if switch.has(Defect::QueryEscapedTwice) {
            target = target.replace('%', "%25");
        }
        let mut sendable = String::new();
        for byte in target.bytes() {
            if byte.is_ascii_graphic() {
                sendable.push(char::from(byte));
            } else {
                sendable.push_str(&format!("%{byte:02X}"));
            }
        }
        sendable
    }

    /// The URL that a `Location` names (`response.redirect`), if this client can follow it.
    /// `first` is the URL that the redirects began with.
    pub(super) fn follow(&self, location: &str, first: &Self, switch: Switch) -> Option<Self> {
        let unescaped;
        let location = if switch.has(Defect::LocationUnescaped) {
            unescaped = unescape(location);
            &unescaped
        } else {
            location
        };
        let base =
            if switch.has(Defect::LocationResolvedAgainstTheFirstUrl) { first } else { self };
        let mut next = if location.contains("://") {
            Self::parse(location)?
        } else if switch.has(Defect::RelativeLocationRefused) {
            return None;
        } else {
            base.resolve(location, switch)
        };
        if switch.has(Defect::RedirectStaysAtItsOrigin) {
            next.authority.clone_from(&self.authority);
            next.is_secure = self.is_secure;
        }
        if switch.has(Defect::RedirectCarriesTheQuery) && next.query.is_none() {
            next.query.clone_from(&self.query);
        }
        Some(next)
    }

    /// The URL that a relative reference names, seen from here.
    fn resolve(&self, reference: &str, switch: Switch) -> Self {
        let (reference, fragment) = cut(reference, '#');
        let (path, query) = cut(reference, '?');
        let directory = match self.path.rfind('/') {
            Some(_) if switch.has(Defect::LocationResolvedAgainstTheRoot) => "/",
            Some(end) => self.path.get(..=end).unwrap_or("/"),
            None => "/",
        };
        let path = match path {
            "" if switch.has(Defect::QueryLocationDropsThePath) => "/".to_owned(),
            "" => self.path.clone(),
            rooted if rooted.starts_with('/') => rooted.to_owned(),
            relative => format!("{directory}{relative}"),
        };
        let path =
            if switch.has(Defect::DotSegmentsKept) { path } else { without_dot_segments(&path) };
        Self {
            is_secure: self.is_secure,
            authority: self.authority.clone(),
            path,
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
        }
    }
}

/// What stands before and behind the first such character.
fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            ".." => {
                kept.pop();
            }
            "." => {}
            segment => {
                kept.push(segment);
                continue;
            }
        }
        if is_last {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

/// Undoes percent escapes, but for blanks.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = behind
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
            .filter(|byte| *byte != b' ');
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved() {
        let base = Address::parse("http://h:80/c/x/s/stream?q=1#f").unwrap();
        let target = |location: &str, defect| {
            let switch = Switch(defect);
            base.follow(location, &base, switch).unwrap().target(switch)
        };
        assert_eq!(base.target(Switch(None)), "/c/x/s/stream?q=1");
        for (location, expected) in [
            ("next", "/c/x/s/next"),
            ("../up", "/c/x/up"),
            ("/abs?q", "/abs?q"),
            ("?q=2", "/c/x/s/stream?q=2"),
            ("http://h:80/p#f", "/p"),
            ("a%20b%2Fc", "/c/x/s/a%20b%2Fc"),
            ("..", "/c/x/"),
        ] {
            assert_eq!(target(location, None), expected, "{location}");
        }
        assert_eq!(target("a%20b%2Fc", Some(Defect::LocationUnescaped)), "/c/x/s/a%20b/c");
        assert_eq!(target("next", Some(Defect::RedirectCarriesTheQuery)), "/c/x/s/next?q=1");
        assert_eq!(target("../up", Some(Defect::DotSegmentsKept)), "/c/x/s/../up");
        assert_eq!(target("next", Some(Defect::LocationResolvedAgainstTheRoot)), "/next");
    }
}

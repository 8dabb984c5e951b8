//! HTTP URLs: taken apart, and resolved against each other as redirects need it.

/// An absolute `http` or `https` URL without a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) https: bool,
    /// Host and port as they go into `Host`.
    pub(crate) authority: String,
    /// Path and query, with the leading slash.
    pub(crate) target: String,
}

impl Address {
    /// Takes an absolute URL apart.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let rest = without_fragment(rest);
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(split);
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        if authority.is_empty() {
            return None;
        }
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Some(Self { https, authority: authority.to_owned(), target: normal(&target) })
    }

    /// The URL that a reference such as a `Location` names, seen from here.
    pub(crate) fn resolve(&self, reference: &str) -> Option<Self> {
        let reference = without_fragment(reference.trim());
        if has_scheme(reference) {
            return Self::parse(reference);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            let scheme = if self.https { "https" } else { "http" };
            return Self::parse(&format!("{scheme}://{rest}"));
        }
        let path = self.target.split('?').next().unwrap_or_default();
        let target = if reference.starts_with('/') {
            reference.to_owned()
        } else if reference.is_empty() {
            self.target.clone()
        } else if reference.starts_with('?') {
            format!("{path}{reference}")
        } else {
            let directory = path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or("/");
            format!("{directory}{reference}")
        };
        Some(Self { target: normal(&target), ..self.clone() })
    }

    /// Host and port to connect to; IPv6 literals without their brackets.
    pub(crate) fn host_and_port(&self) -> (String, u16) {
        let default = if self.https { 443 } else { 80 };
        let (host, port) = match self.authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(default)),
            _ => (self.authority.as_str(), default),
        };
        (host.trim_matches(['[', ']']).to_owned(), port)
    }

    /// Whether both have the same scheme, host and port.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        self.https == other.https && self.host_and_port() == other.host_and_port()
    }
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Removes dot segments and escapes what a request target cannot hold.
fn normal(target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut segments: Vec<&str> = Vec::new();
    let last = path.rsplit('/').next().unwrap_or_default();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    if matches!(last, "." | "..") {
        segments.push("");
    }
    let mut out = format!("/{}", segments.join("/"));
    if let Some(query) = query {
        out.push('?');
        out.push_str(query);
    }
    let mut escaped = String::with_capacity(out.len());
    for byte in out.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>`".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_rfc_3986_says() {
        let base = Address::parse("http://127.0.0.1:80/c/x/s/stream?q=1#f").unwrap();
        for (reference, target) in [
            ("next", "/c/x/s/next"),
            ("../up", "/c/x/up"),
            ("./../../y/./z", "/c/y/z"),
            ("/abs", "/abs"),
            ("?q=2", "/c/x/s/stream?q=2"),
            ("", "/c/x/s/stream?q=1"),
            ("a b/é", "/c/x/s/a%20b/%C3%A9"),
            ("..", "/c/x/"),
            ("//other:81/p", "/p"),
            ("http://h/p#frag", "/p"),
        ] {
            assert_eq!(base.resolve(reference).unwrap().target, target, "{reference}");
        }
        assert!(base.resolve("ftp://h/p").is_none());
        assert!(base.same_origin(&base.resolve("http://127.0.0.1/other").unwrap()));
        assert!(!base.same_origin(&base.resolve("//127.0.0.1:81/").unwrap()));
        let v6 = Address::parse("https://[::1]:8443/").unwrap();
        assert_eq!(v6.host_and_port(), ("::1".to_owned(), 8443));
    }
}

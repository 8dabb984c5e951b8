//! What makes the client a browser: it opens streams from a page, and holds them to CORS and to
//! what is said of credentials (`cors.*`).

use super::address::Address;
use super::head::Head;
use super::request::{Headers, Request};
use super::trouble::Trouble;
use crate::defect::{Defect, Switch};

/// The longest `Last-Event-ID` that goes without a preflight, where a mutant asks.
const SAFE_ID_BYTES: usize = 128;

/// The page that a stream is opened from.
#[derive(Debug)]
pub(super) struct Page {
    switch: Switch,
    /// Without one the client is no browser, and all of this does nothing.
    origin: Option<String>,
    with_credentials: bool,
    cookies: Vec<Cookie>,
    /// How many hops the request has behind it.
    hops: u32,
    /// The request has been cross-origin, and remains so.
    crossed: bool,
    /// A cross-origin server sent it to a third origin: nobody is told whose it is.
    tainted: bool,
    /// How many connections have been checked.
    connections: u32,
}

#[derive(Debug)]
struct Cookie {
    path: String,
    pair: String,
}

impl Page {
    pub(super) fn new(origin: Option<String>, with_credentials: bool, switch: Switch) -> Self {
        Self {
            switch,
            origin,
            with_credentials,
            cookies: Vec::new(),
            hops: 0,
            crossed: false,
            tainted: false,
            connections: 0,
        }
    }

    /// A request begins.
    pub(super) fn begin(&mut self, address: &Address) {
        (self.hops, self.tainted) = (0, false);
        self.crossed = self.is_foreign(address);
        self.connections += 1;
    }

    /// The request is redirected.
    pub(super) fn redirect(&mut self, from: &Address, to: &Address) {
        self.hops += 1;
        self.tainted |= self.is_foreign(from)
            && from.authority != to.authority
            && !self.switch.has(Defect::RedirectKeepsTheOrigin);
        self.crossed |= self.is_foreign(to);
    }

    /// Whether this is another origin than the page's.
    fn is_foreign(&self, address: &Address) -> bool {
        self.origin.as_ref().is_some_and(|page| *page != address.origin())
    }

    /// The value of `Origin`.
    fn name(&self) -> &str {
        if self.tainted { "null" } else { self.origin.as_deref().unwrap_or_default() }
    }

    /// The headers that a browser adds.
    pub(super) fn headers(&self, address: &Address) -> Headers {
        let mut headers = Headers::new();
        if self.crossed && !self.switch.has(Defect::OriginNotSent) {
            headers.push(("origin".to_owned(), self.name().as_bytes().to_vec()));
        }
        let path = address.target(self.switch);
        let fits = |cookie: &&Cookie| path.starts_with(&cookie.path);
        let cookies: Vec<&str> =
            self.cookies.iter().filter(fits).map(|cookie| cookie.pair.as_str()).collect();
        if self.has_credentials() && !cookies.is_empty() {
            headers.push(("cookie".to_owned(), cookies.join("; ").into_bytes()));
        }
        headers
    }

    /// Whether credentials go along, and are kept (`cors.cookies`).
    fn has_credentials(&self) -> bool {
        self.origin.is_some()
            && match self.switch.0 {
                Some(Defect::CredentialsAlways) => true,
                Some(Defect::CredentialsNever) => false,
                _ => self.with_credentials || !self.crossed,
            }
    }

    /// Keeps the cookies of a response.
    pub(super) fn keep_cookies(&mut self, head: &Head) {
        if !self.has_credentials() {
            return;
        }
        for value in head.values("set-cookie", self.switch) {
            let mut parts = value.split(';').map(str::trim);
            let pair = parts.next().unwrap_or_default().to_owned();
            let path = parts.find_map(|part| part.strip_prefix("Path=")).unwrap_or("/").to_owned();
            self.cookies.push(Cookie { path, pair });
        }
    }

    /// Whether the server shares its response with the page (`cors.shared`, `cors.credentials`).
    ///
    /// # Errors
    /// It does not, and the stream fails.
    pub(super) fn check(&self, head: &Head, is_redirect: bool) -> Result<(), Trouble> {
        let unchecked = match self.switch.0 {
            Some(Defect::CorsNotChecked) => true,
            Some(Defect::CorsCheckedAtFirstOnly) => self.connections > 1,
            Some(Defect::CorsUncheckedAfterRedirect) => self.hops > 0,
            Some(Defect::CorsUncheckedOnRedirects) => is_redirect,
            _ => false,
        };
        if !self.crossed || unchecked {
            return Ok(());
        }
        if self.is_shared(head) {
            return Ok(());
        }
        Err(Trouble::Failed("the server does not share the stream with this page".to_owned()))
    }

    fn is_shared(&self, head: &Head) -> bool {
        let switch = self.switch;
        let value = |name| head.values(name, switch).join(", ");
        let shared_with = value("access-control-allow-origin");
        let any_will_do = !self.with_credentials || switch.has(Defect::CorsWildcardWithCredentials);
        if shared_with == "*" && any_will_do {
            return !switch.has(Defect::CorsWildcardRefused);
        }
        let is_named = if switch.has(Defect::CorsOriginContained) {
            shared_with.contains(self.name())
        } else {
            shared_with == self.name()
        };
        if !self.with_credentials {
            return is_named;
        }
        let allowed = value("access-control-allow-credentials");
        is_named
            && match switch.0 {
                Some(Defect::CorsCredentialsRefused) => false,
                Some(Defect::CorsCredentialsUnasked) => true,
                Some(Defect::CorsTrueInAnyCase) => allowed.eq_ignore_ascii_case("true"),
                _ => allowed == "true",
            }
    }

    /// The preflight that a mutant sends before this request.
    pub(super) fn preflight(&self, request: &Request) -> Option<Request> {
        let id = request.last_event_id.first().filter(|_| self.crossed)?;
        let is_safe = id.len() <= SAFE_ID_BYTES && !id.contains(&b'<');
        let asks = match self.switch.0 {
            Some(Defect::PreflightForAnyId) => true,
            Some(Defect::PreflightForUnsafeIds) => !is_safe,
            _ => false,
        };
        asks.then(|| {
            let mut preflight = request.clone();
            "OPTIONS".clone_into(&mut preflight.method);
            preflight.last_event_id.clear();
            preflight
        })
    }
}

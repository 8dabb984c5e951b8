//! What a request says (`request.*`, `reconnect.same-request`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::address::Address;
use super::coding;
use super::trust::Trust;
use crate::defect::{Defect, Switch};

/// What the user asks for: the `open` command.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Open {
    pub(crate) stream: u64,
    pub(super) url: String,
    method: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    pub(super) last_event_id: Option<String>,
    pub(super) reconnect_ms: Option<u64>,
    pub(super) read_timeout_ms: Option<u64>,
    pub(super) with_credentials: bool,
    http_version: Option<String>,
    /// What is trusted; not from the harness.
    #[serde(skip)]
    pub(crate) trust: Trust,
}

/// Header lines.
pub(super) type Headers = Vec<(String, Vec<u8>)>;

/// A request that can be sent, and changed by redirects.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) address: Address,
    pub(super) method: String,
    /// The client's own headers.
    own: Headers,
    /// The user's.
    pub(super) user: Headers,
    /// Those that a browser adds.
    pub(super) page: Headers,
    pub(super) last_event_id: Vec<Vec<u8>>,
    pub(super) body: Option<String>,
    /// HTTP/2 in cleartext by prior knowledge.
    pub(super) is_http2: bool,
    pub(super) trust: Trust,
    switch: Switch,
}

impl Request {
    /// The request of the attempt with this number, from 0.
    pub(super) fn new(
        open: &Open,
        address: &Address,
        attempt: u32,
        last_event_id: Vec<Vec<u8>>,
        switch: Switch,
    ) -> Self {
        let again = attempt > 0;
        let without = |always: Defect, on_reconnection: Defect| {
            switch.has(always) || again && switch.has(on_reconnection)
        };
        let mut own = Headers::new();
        if !without(Defect::AcceptMissing, Defect::AcceptOnFirstRequestOnly) {
            own.push(("accept".to_owned(), b"text/event-stream".to_vec()));
        }
        if !without(Defect::CacheControlMissing, Defect::CacheControlOnFirstRequestOnly) {
            own.push(("cache-control".to_owned(), b"no-store".to_vec()));
        }
        if let Some(accepted) = coding::accepted(switch) {
            own.push(("accept-encoding".to_owned(), accepted.as_bytes().to_vec()));
        }
        if switch.has(Defect::PragmaBesideCacheControl) {
            own.push(("pragma".to_owned(), b"no-cache".to_vec()));
        }
        let displaced =
            switch.has(Defect::LastEventIdDisplacesUserHeaders) && !last_event_id.is_empty();
        let dropped =
            without(Defect::UserHeadersDropped, Defect::UserHeadersOnFirstRequestOnly) || displaced;
        let mut user = Headers::new();
        if !dropped {
            for (name, value) in &open.headers {
                own.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
                user.push((name.clone(), value.as_bytes().to_vec()));
            }
        }
        if switch.has(Defect::UserHeadersReplaceAll) && !user.is_empty() {
            own.clear();
        }
        let mut address = address.clone();
        if without(Defect::QueryDropped, Defect::QueryOnFirstRequestOnly) {
            address.query = None;
        }
        let mut method =
            if open.method.is_empty() { "GET".to_owned() } else { open.method.clone() };
        if without(Defect::MethodIgnored, Defect::MethodOnFirstRequestOnly) {
            "GET".clone_into(&mut method);
        } else if switch.has(Defect::PostsAlways)
            || switch.has(Defect::ReportSentAsPost) && method == "REPORT"
        {
            "POST".clone_into(&mut method);
        }
        let mut body = open.body.clone();
        if without(Defect::BodyDropped, Defect::BodyOnFirstRequestOnly) {
            body = None;
        }
        let is_http2 = open.http_version.as_deref() == Some("2");
        let page = Headers::new();
        let trust = open.trust.clone();
        Self { address, method, own, user, page, last_event_id, body, is_http2, trust, switch }
    }

    /// All header lines but `Host`.
    pub(super) fn headers(&self) -> Headers {
        let mut headers = self.own.clone();
        headers.extend(self.user.iter().chain(&self.page).cloned());
        for id in &self.last_event_id {
            headers.push(("last-event-id".to_owned(), id.clone()));
        }
        let length = match &self.body {
            Some(body) if self.switch.has(Defect::BodyLengthInCharacters) => body.chars().count(),
            Some(body) => body.len(),
            None => 0,
        };
        if length > 0 || !matches!(self.method.as_str(), "GET" | "HEAD") {
            headers.push(("content-length".to_owned(), length.to_string().into_bytes()));
        }
        headers
    }

    /// What a redirect makes of it (`response.redirect`).
    pub(super) fn redirect(&mut self, status: u16, next: Address) {
        let switch = self.switch;
        let to_get = match status {
            301..=303 => self.method == "POST" && !switch.has(Defect::RedirectKeepsPost),
            _ => switch.has(Defect::RedirectAlwaysBecomesGet),
        };
        if to_get {
            "GET".clone_into(&mut self.method);
            self.body = None;
            if !switch.has(Defect::RedirectKeepsContentType) {
                self.user.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            }
        } else if switch.has(Defect::RedirectDropsTheBody) {
            self.body = None;
        }
        if next.authority != self.address.authority {
            self.user.retain(|(name, _)| match name.to_ascii_lowercase().as_str() {
                "authorization" => switch.has(Defect::AuthorizationCrossesOrigins),
                "cookie" => switch.has(Defect::CookieHeaderCrossesOrigins),
                _ => !switch.has(Defect::UserHeadersStayAtTheirOrigin),
            });
            if switch.has(Defect::LastEventIdStaysAtItsOrigin) {
                self.last_event_id.clear();
            }
        }
        match switch.0 {
            Some(Defect::RedirectDropsUserHeaders) => self.user.clear(),
            Some(Defect::RedirectDropsLastEventId) => self.last_event_id.clear(),
            _ => {}
        }
        self.address = next;
    }
}

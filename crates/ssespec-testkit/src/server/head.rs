//! How a request is answered: the status, and the headers that the framing does not need.

use super::defect::ServerDefect as Defect;
use super::request::Request;
use super::world::World;

/// The head of an answer.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Whether the stream follows.
    pub(super) streams: bool,
    /// The content coding, in name and in fact.
    pub(super) gzip: bool,
}

impl Head {
    fn refusal(status: u16) -> Self {
        Self { status, headers: Vec::new(), streams: false, gzip: false }
    }
}

const METHODS: [&str; 7] = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];

/// The head for a request; none where the connection is dropped, or hangs.
pub(super) fn answer(request: &Request, world: &World) -> Option<Head> {
    let has = |defect| world.has(defect);
    if has(Defect::Answers202) {
        return Some(Head { status: 202, ..stream(request, world) });
    }
    if has(Defect::Answers500) || world.is_broken() {
        return Some(Head::refusal(500));
    }
    if !matches!(request.method.as_str(), "GET" | "HEAD") && !has(Defect::StreamsToAnyMethod) {
        return Some(refuse_method(request, world));
    }
    if request.method == "HEAD" {
        if has(Defect::HeadHangs) {
            return None;
        }
        if has(Defect::HeadNotFound) {
            return Some(Head::refusal(404));
        }
    }
    let accept = request.text("accept");
    let exact = accept.as_deref() == Some("text/event-stream");
    if (has(Defect::WantsTheExactAccept) && !exact)
        || (has(Defect::WantsSomeAccept) && accept.is_none())
    {
        return Some(Head::refusal(406));
    }
    if has(Defect::NotModified) && request.header("if-modified-since").is_some() {
        return Some(Head::refusal(304));
    }
    if let Some(id) = request.header("last-event-id") {
        if !id.is_ascii() && has(Defect::IdBeyondAsciiDropsTheConnection) {
            return None;
        }
        let hostile = id.windows(3).any(|it| it == b"%0d");
        if hostile && has(Defect::BrokenByAHostileId) {
            world.break_down();
        }
        let fails = (has(Defect::UnknownId500) && world.number(id).is_none())
            || (has(Defect::EmptyId500) && id.is_empty())
            || (has(Defect::IdNotUtf8500) && std::str::from_utf8(id).is_err())
            || (has(Defect::LongId500) && id.len() > 1000)
            || (has(Defect::HostileId500) && hostile);
        if fails {
            return Some(Head::refusal(500));
        }
    }
    Some(stream(request, world))
}

fn refuse_method(request: &Request, world: &World) -> Head {
    if !METHODS.contains(&request.method.as_str()) {
        let fails = world.has(Defect::UnknownMethod500);
        return Head::refusal(if fails { 500 } else { 501 });
    }
    let mut head = Head::refusal(405);
    if !world.has(Defect::RefusalWithoutAllow) {
        head.headers.push(("Allow", "GET, HEAD".to_owned()));
    }
    head
}

fn stream(request: &Request, world: &World) -> Head {
    let has = |defect| world.has(defect);
    let mut headers = Vec::new();
    let media_type = match world.defect {
        Some(Defect::TypePlain) => "text/plain",
        Some(Defect::CharsetLatin1) => "text/event-stream; charset=iso-8859-1",
        Some(Defect::TypeWithBoundary) => "text/event-stream; boundary=x",
        _ => "text/event-stream; charset=utf-8",
    };
    if !has(Defect::TypeMissing) {
        headers.push(("Content-Type", media_type.to_owned()));
    }
    if has(Defect::TypeTwice) {
        headers.push(("Content-Type", media_type.to_owned()));
    }
    match world.defect {
        Some(Defect::CacheControlMissing) => {}
        Some(Defect::CachedForAnHour) => {
            headers.push(("Cache-Control", "max-age=3600".to_owned()));
        }
        _ => headers.push(("Cache-Control", "no-cache".to_owned())),
    }
    let gzip = codes(request, world);
    if gzip || (has(Defect::GzipInNameOnly) && asks_for_gzip(request)) {
        headers.push(("Content-Encoding", "gzip".to_owned()));
    }
    share(request, world, &mut headers);
    Head { status: 200, headers, streams: true, gzip }
}

fn asks_for_gzip(request: &Request) -> bool {
    let asked = request.text("accept-encoding").unwrap_or_default();
    asked.split(',').any(|it| it.trim() == "gzip")
}

fn codes(request: &Request, world: &World) -> bool {
    let named = request.text("accept-encoding").is_some_and(|it| it.contains("gzip"));
    match world.defect {
        Some(Defect::GzipUnasked) => true,
        Some(Defect::GzipThoughExcluded) => named,
        Some(Defect::GzipInNameOnly) => false,
        _ => asks_for_gzip(request),
    }
}

/// What other origins are told.
fn share(request: &Request, world: &World, headers: &mut Vec<(&'static str, String)>) {
    let origin = request.text("origin");
    let vary = match world.defect {
        Some(Defect::VaryMissing) => None,
        Some(Defect::VaryForOriginsOnly) => origin.as_ref().map(|_| "Origin, Accept-Encoding"),
        Some(Defect::VaryWithoutCoding) => Some("Origin"),
        _ => Some("Origin, Accept-Encoding"),
    };
    headers.extend(vary.map(|it| ("Vary", it.to_owned())));
    let Some(origin) = origin else { return };
    let allowed = match world.defect {
        Some(Defect::SharedWithAPath) => format!("{origin}/"),
        Some(Defect::SharedWithAList) => format!("{origin}, https://other.example"),
        Some(Defect::StarWithCredentials) => "*".to_owned(),
        _ => origin,
    };
    headers.push(("Access-Control-Allow-Origin", allowed));
    headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
}

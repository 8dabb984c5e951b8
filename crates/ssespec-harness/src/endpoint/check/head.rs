//! The head of the response, and its framing.

use std::time::Duration;

use super::super::exchange::{Answer, End, Trouble, essence};
use super::super::verdict::Finding;
use super::Scene;

/// A head that comes later than this, and with the first event, has waited for it.
const LATE_HEAD: Duration = Duration::from_secs(1);
/// What follows the head within this time was written with it.
const WITH_HEAD: Duration = Duration::from_millis(100);

fn kept(what: impl Into<String>) -> Finding {
    Finding::Kept(what.into())
}

/// What is said of a request without an answer.
fn unanswered(scene: &Scene<'_>) -> Finding {
    Finding::Open(scene.first().shown(), "look into the server's log")
}

fn answer<'s>(scene: &Scene<'s>) -> Option<&'s Answer> {
    scene.first().answer()
}

/// `server.status`
pub(super) fn ok(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    match answer.head.status {
        200 => kept("status 200"),
        204 => Finding::Saw(
            "status 204: the server has no stream for this client, and tells it to stop".to_owned(),
        ),
        status => Finding::broke(
            "status",
            format!("status {status}: clients give up for good"),
            "check the path, and the headers that the endpoint asks for (`-H 'Authorization: …'`)",
        ),
    }
}

/// `server.type`
pub(super) fn media_type(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    let help = "set `Content-Type: text/event-stream` once, before the head is sent";
    match answer.header("content-type").as_slice() {
        [] if answer.head.status == 204 => Finding::Moot("a 204 has no stream".to_owned(), ""),
        [] => Finding::broke("type", "there is no `Content-Type`".to_owned(), help),
        [one] if essence(one).eq_ignore_ascii_case("text/event-stream") => kept(format!("`{one}`")),
        [one] => Finding::broke("type", format!("`Content-Type` is `{one}`"), help),
        all => Finding::broke(
            "type",
            format!("`Content-Type` is there {} times: `{}`", all.len(), all.join("`, `")),
            help,
        ),
    }
}

/// `server.type`
pub(super) fn parameters(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    let values = answer.header("content-type");
    let value = values.last().map(String::as_str).unwrap_or_default();
    for parameter in value.split(';').skip(1).map(str::trim).filter(|it| !it.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim_matches('"');
        if !name.eq_ignore_ascii_case("charset") {
            return Finding::broke(
                "type",
                format!("the media type has the parameter `{parameter}`"),
                "leave it out: the media type defines no such parameter",
            );
        }
        if !value.eq_ignore_ascii_case("utf-8") {
            return Finding::broke(
                "type",
                format!("the charset is given as `{value}`; clients read UTF-8 all the same"),
                "send UTF-8, and leave `charset` out or say `charset=utf-8`",
            );
        }
    }
    kept(format!("`{value}`"))
}

/// `server.no-cache`
pub(super) fn not_cached(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    let shown = answer.header("cache-control").join(", ");
    if answer.lists("cache-control", "no-cache") || answer.lists("cache-control", "no-store") {
        return kept(format!("`Cache-Control: {shown}`"));
    }
    let message = if shown.is_empty() {
        "there is no `Cache-Control`".to_owned()
    } else {
        format!("`Cache-Control: {shown}` lets caches keep the stream")
    };
    Finding::broke("cache", message, "set `Cache-Control: no-store`, or `no-cache`")
}

/// `server.proxy-hints`
pub(super) fn proxy_hints(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    let mut hints: Vec<String> = ["x-accel-buffering", "incremental"]
        .iter()
        .flat_map(|name| answer.header(name).into_iter().map(move |it| format!("`{name}: {it}`")))
        .collect();
    if answer.lists("cache-control", "no-transform") {
        hints.push("`cache-control: no-transform`".to_owned());
    }
    Finding::Saw(if hints.is_empty() { "no hint".to_owned() } else { hints.join(", ") })
}

/// `server.no-length`
pub(super) fn no_length(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    let lengths = answer.header("content-length");
    let Some(length) = lengths.first() else {
        return kept("no `Content-Length`");
    };
    if answer.was_open() {
        return Finding::broke(
            "length",
            format!("`Content-Length: {length}` on a stream that was still open when we left it"),
            "do not set a length: the end of the stream is not known when it begins",
        );
    }
    kept(format!("`Content-Length: {length}` on a stream that ended"))
}

/// `server.framing`
pub(super) fn framed(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    match &answer.end {
        End::Malformed(what) => Finding::broke(
            "framing",
            format!("{what}; there stands `{}`", ssespec_scenario::escape(&what.at)),
            "let the HTTP library frame the body; do not write to the socket behind its back",
        ),
        _ => kept("no breach in what was read"),
    }
}

/// `server.framing`
pub(super) fn one_delimiter(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    let coding = answer.header("transfer-encoding").join(", ");
    let length = answer.header("content-length").join(", ");
    if !coding.is_empty() && !length.is_empty() {
        return Finding::broke(
            "framing",
            format!("`Transfer-Encoding: {coding}` and `Content-Length: {length}`"),
            "leave `Content-Length` out; two lengths let requests be smuggled past proxies",
        );
    }
    kept(match (coding.as_str(), length.as_str()) {
        ("", "") => "delimited by the end of the connection".to_owned(),
        ("", length) => format!("`Content-Length: {length}`"),
        (coding, _) => format!("`Transfer-Encoding: {coding}`"),
    })
}

/// `server.framing`
pub(super) fn ends_whole(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    match &answer.end {
        End::Whole => kept("the response ended as announced"),
        End::Cut(how) => Finding::broke(
            "framing",
            format!("the response ended {how}"),
            "end the response by the HTTP library's own call; a handler that fails or is killed \
             cuts it",
        ),
        End::Left | End::TooLarge | End::Malformed(_) => Finding::Moot(
            "the stream did not end while it was watched".to_owned(),
            "watch longer by `--for 60s`, if the stream ends at all",
        ),
    }
}

/// `server.framing`
pub(super) fn not_chunked(scene: &Scene<'_>) -> Finding {
    let Some(answer) = answer(scene) else {
        return Finding::Moot(format!("HTTP/1.0 is not served: {}", scene.first().shown()), "");
    };
    if !answer.is_stream() {
        return Finding::Moot(format!("HTTP/1.0 gets no stream: {}", answer.shown()), "");
    }
    let coding = answer.header("transfer-encoding").join(", ");
    if coding.is_empty() {
        return kept("no `Transfer-Encoding`");
    }
    Finding::broke(
        "framing",
        format!("`Transfer-Encoding: {coding}` in answer to HTTP/1.0, which does not know it"),
        "end the body of an HTTP/1.0 response with its connection",
    )
}

/// `server.no-length`
pub(super) fn lawful_head(scene: &Scene<'_>) -> Finding {
    match &scene.first().exchange.answer {
        Ok(answer) => kept(format!("a well-formed head, status {}", answer.head.status)),
        Err(Trouble::NotHttp(what)) if what.message.starts_with("the head") => Finding::broke(
            "framing",
            what.to_string(),
            "do not set headers about the connection by hand; the HTTP library knows which ones \
             the version needs",
        ),
        Err(trouble) => Finding::Moot(
            format!("HTTP/2 is not spoken here: {}", trouble.shown()),
            "HTTP/2 in cleartext is tried by prior knowledge, under TLS by ALPN",
        ),
    }
}

/// `server.flush`
pub(super) fn head_first(scene: &Scene<'_>) -> Finding {
    let seen = scene.first();
    let Some(answer) = answer(scene) else { return unanswered(scene) };
    let wait = answer.head_at.saturating_sub(seen.exchange.sent_at);
    let shown = format!("the head came after {} ms", wait.as_millis());
    if wait < scene.scaled(LATE_HEAD) {
        return kept(shown);
    }
    // An application that we told to wait has not begun by chance when its first event was due.
    let gap = answer.pieces.first().map(|first| first.at.saturating_sub(answer.head_at));
    let waited = !scene.steps.is_empty() && gap.is_some_and(|gap| gap < scene.scaled(WITH_HEAD));
    if answer.head_with_body || waited {
        return Finding::late(
            "late",
            format!("{shown}, and the first bytes of the body with it"),
            "flush the head when the handler begins (`flushHeaders()` in Node): until it comes, \
             clients do not know that they are connected",
        );
    }
    Finding::Saw(format!("{shown}, before the first event"))
}

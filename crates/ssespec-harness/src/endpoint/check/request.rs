//! Answers to other requests than the plain one.

use super::super::exchange::{Answer, Trouble, essence};
use super::super::verdict::Finding;
use super::Scene;

fn kept(what: impl Into<String>) -> Finding {
    Finding::Kept(what.into())
}

/// What is said of a request that gets no answer where the plain one does.
fn unanswered(scene: &Scene<'_>, help: &'static str) -> Finding {
    match &scene.first().exchange.answer {
        Err(trouble @ Trouble::Silent(_)) => {
            Finding::Open(trouble.shown(), "run it again when the server is less busy")
        }
        Err(trouble) => Finding::late("dropped", trouble.shown(), help),
        Ok(answer) => kept(answer.shown()),
    }
}

/// `server.accept`, `server.status`
pub(super) fn same_stream(scene: &Scene<'_>) -> Finding {
    let seen = scene.first();
    let Some(answer) = seen.answer() else {
        // That HTTP/2 is not spoken is no matter of this request.
        if seen.exchange.asked.version == super::super::exchange::Version::Http2 {
            return Finding::Moot(format!("HTTP/2 is not spoken here: {}", seen.shown()), "");
        }
        return unanswered(scene, "answer it as the plain request");
    };
    if answer.is_stream() {
        return kept(answer.shown());
    }
    Finding::broke(
        "answer",
        format!("{}, where the plain request gets the stream", answer.shown()),
        "answer it as the plain request",
    )
}

/// `server.method`
pub(super) fn head_only(scene: &Scene<'_>) -> Finding {
    match &scene.first().exchange.answer {
        Ok(answer) if !answer.excess.is_empty() || !answer.pieces.is_empty() => {
            let bytes = answer.pieces.first().map_or(&answer.excess, |piece| &piece.bytes);
            let shown = bytes.get(..40).unwrap_or(bytes);
            Finding::broke(
                "answer",
                format!("behind the head stands `{}`", ssespec_scenario::escape(shown)),
                "send nothing behind the head of a response to HEAD; a client on the same \
                 connection takes it for its next response",
            )
        }
        Ok(answer) => kept(format!("status {}, no body", answer.head.status)),
        Err(trouble) => Finding::late(
            "answer",
            format!("HEAD: {}", trouble.shown()),
            "answer HEAD with the head alone, at once",
        ),
    }
}

/// `server.method`
pub(super) fn same_head(scene: &Scene<'_>) -> Finding {
    let (Some(answer), Some(plain)) = (scene.first().answer(), scene.plain.answer()) else {
        return unanswered(scene, "answer HEAD with the head alone, at once");
    };
    if scene.plain.exchange.asked.method != "GET" {
        return Finding::Moot("the stream is not asked for by GET".to_owned(), "");
    }
    let types = |answer: &Answer| answer.header("content-type");
    let untyped = types(answer).is_empty();
    if answer.head.status == plain.head.status && (untyped || types(answer) == types(plain)) {
        return kept(answer.shown());
    }
    Finding::broke(
        "answer",
        format!("{}; GET gets {}", answer.shown(), plain.shown()),
        "route HEAD to the handler of GET, and leave the body out",
    )
}

/// `server.method`
pub(super) fn refused(statuses: &[u16], scene: &Scene<'_>) -> Finding {
    let Some(answer) = scene.first().answer() else {
        return match &scene.first().exchange.answer {
            // Whoever takes the method for no HTTP may hang up (RFC 9112, 3).
            Err(trouble @ Trouble::Dropped(_)) => Finding::Saw(trouble.shown()),
            _ => unanswered(scene, "refuse it by a status"),
        };
    };
    let status = answer.head.status;
    let echoes = answer
        .header("content-type")
        .last()
        .is_some_and(|it| essence(it).eq_ignore_ascii_case("message/http"));
    if statuses.contains(&status) || echoes {
        return kept(answer.shown());
    }
    if answer.is_stream() || status >= 500 {
        return Finding::broke(
            "answer",
            format!("{} gets {}", scene.first().exchange.asked.method, answer.shown()),
            "route by method: 405 with `Allow` for those that the stream does not support",
        );
    }
    Finding::Saw(answer.shown())
}

/// `server.method`
pub(super) fn names_allowed(scene: &Scene<'_>) -> Finding {
    match scene.first().answer() {
        Some(answer) if answer.head.status == 405 => match answer.header("allow").as_slice() {
            [] => Finding::broke(
                "answer",
                "a 405 without `Allow`".to_owned(),
                "add `Allow: GET, HEAD`, or whatever the stream supports",
            ),
            allowed => kept(format!("`Allow: {}`", allowed.join(", "))),
        },
        _ => Finding::Moot(format!("no 405 came: {}", scene.first().shown()), ""),
    }
}

/// The value of `Access-Control-Allow-Origin`, or why there is nothing to say of it.
fn shared(answer: &Answer) -> Result<String, Box<Finding>> {
    let values = answer.header("access-control-allow-origin");
    match values.as_slice() {
        [] => Err(Box::new(Finding::Moot(
            "the stream is not shared with other origins".to_owned(),
            "set `Access-Control-Allow-Origin` if pages of other origins are to read it",
        ))),
        values => Ok(values.join(", ")),
    }
}

fn shared_answer<'s>(scene: &Scene<'s>) -> Result<(&'s Answer, String), Box<Finding>> {
    let none = || Box::new(Finding::Moot(format!("no answer: {}", scene.first().shown()), ""));
    let answer = scene.first().answer().ok_or_else(none)?;
    shared(answer).map(|value| (answer, value))
}

/// `server.cors`
pub(super) fn shared_with_origin(scene: &Scene<'_>) -> Finding {
    let (_, value) = match shared_answer(scene) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let headers = &scene.first().exchange.asked.headers;
    let origin = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("origin"));
    let origin = origin.map(|(_, value)| String::from_utf8_lossy(value)).unwrap_or_default();
    if value == "*" || value == origin {
        return kept(format!("`{value}`"));
    }
    let host = value.split_once("://").map(|(_, host)| host);
    let is_origin =
        host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ',', ' ', '?', '#']));
    if is_origin {
        return Finding::Saw(format!("shared with `{value}` only"));
    }
    Finding::broke(
        "origin",
        format!("`Access-Control-Allow-Origin: {value}` is neither an origin nor `*`"),
        "answer with the one origin that asks, without a path: browsers compare it as a whole",
    )
}

/// `server.cors`
pub(super) fn no_star_with_credentials(scene: &Scene<'_>) -> Finding {
    let (answer, value) = match shared_answer(scene) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let credentials = answer.header("access-control-allow-credentials").join(", ");
    if value == "*" && credentials == "true" {
        return Finding::broke(
            "origin",
            "`Access-Control-Allow-Origin: *` with `Access-Control-Allow-Credentials: true`; \
             browsers refuse the stream to who sends credentials"
                .to_owned(),
            "answer with the origin that asks, or leave the credentials out",
        );
    }
    kept(format!("`{value}`, credentials `{credentials}`"))
}

/// `server.cors`
pub(super) fn varies_by_origin(scene: &Scene<'_>) -> Finding {
    let (answer, value) = match shared_answer(scene) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let Some(plain) = scene.plain.answer() else {
        return Finding::Moot("there is no plain answer to compare it with".to_owned(), "");
    };
    let without = plain.header("access-control-allow-origin").join(", ");
    if without == value {
        return kept(format!("`{value}` for all"));
    }
    let varies = |answer: &Answer| answer.lists("vary", "origin") || answer.lists("vary", "*");
    let whom = match (varies(answer), varies(plain)) {
        (true, true) => return kept("`Vary` names `Origin`"),
        (false, _) => "the answer to a request with `Origin`",
        (true, false) => "the answer to a request without `Origin`",
    };
    Finding::broke(
        "origin",
        format!("`Access-Control-Allow-Origin` depends on `Origin`, and {whom} does not say so"),
        "add `Vary: Origin` to each answer, or a cache gives one origin's answer to another",
    )
}

/// `server.resume`, `server.last-event-id-bytes`
pub(super) fn survives(scene: &Scene<'_>) -> Finding {
    let Some(answer) = scene.first().answer() else {
        return unanswered(scene, "answer with the stream, or refuse by a status such as 400");
    };
    if answer.head.status < 500 {
        return kept(answer.shown());
    }
    Finding::broke(
        "answer",
        answer.shown(),
        "take `Last-Event-ID` for what it is: bytes of a stranger's; answer with the stream, or \
         refuse by a status such as 400",
    )
}

/// `server.last-event-id-bytes`
pub(super) fn not_reflected(text: &str, scene: &Scene<'_>) -> Finding {
    let seen = scene.first();
    let body = seen.reading.body.as_slice();
    let needle = format!("data: {text}");
    let lines = |body: &[u8]| -> Option<usize> {
        let found = body.windows(needle.len()).position(|it| it == needle.as_bytes())?;
        let starts = found == 0 || matches!(body.get(found - 1), Some(b'\n' | b'\r'));
        starts.then_some(found)
    };
    match lines(body) {
        Some(offset) => Finding::at(
            seen.reading.spot("stream", offset as u64, "a line that the client's id opened"),
            "the id was written into the stream, and what it holds opened a line of its own"
                .to_owned(),
            "refuse ids that were never given out, or escape CR and LF before they are written",
        ),
        None if seen.answer().is_none() => {
            Finding::Moot(format!("no answer: {}", seen.shown()), "")
        }
        None => kept("nothing of it is a line of the stream"),
    }
}

/// `server.last-event-id-bytes`
pub(super) fn still_up(scene: &Scene<'_>) -> Finding {
    let (Some(answer), Some(plain)) = (scene.first().answer(), scene.plain.answer()) else {
        return unanswered(scene, "find out which of the requests brings the server down");
    };
    if answer.head.status == plain.head.status {
        return kept(answer.shown());
    }
    Finding::late(
        "answer",
        format!("{}, where the first request got {}", answer.shown(), plain.shown()),
        "find out which of the requests brings the server down",
    )
}

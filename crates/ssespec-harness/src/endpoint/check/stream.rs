//! What stands in the stream, how it is coded, and when it comes.

use std::collections::BTreeMap;
use std::time::Duration;

use ssespec_parser::ViolationKind;
use ssespec_scenario::Breach;

use super::super::verdict::Finding;
use super::{MORE_EVENTS, Scene, no_events};

/// An event that stands half on the wire for this long was not sent as a whole.
const HALF_SENT: Duration = Duration::from_secs(1);
/// The longest silence, and what must be watched to see it.
const SILENCE: Duration = Duration::from_secs(30);
const LONG_WATCH: Duration = Duration::from_secs(35);
/// How much later than without a coding the first event may come.
const CODING_DELAY: Duration = Duration::from_millis(1500);
/// Longest id that servers take back in a header without being told to.
const LONG_ID_BYTES: usize = 4096;

/// `server.encoding`
pub(super) fn uncoded(scene: &Scene<'_>) -> Finding {
    let Some(answer) = scene.first().answer() else {
        return Finding::Open(scene.first().shown(), "look into the server's log");
    };
    let codings = answer.header("content-encoding").join(", ");
    if codings.is_empty() || codings.eq_ignore_ascii_case("identity") {
        return Finding::Kept("no content coding".to_owned());
    }
    Finding::broke(
        "coding",
        format!("`Content-Encoding: {codings}`, which the request does not allow"),
        "let the compression obey `Accept-Encoding`, or leave event streams out of it",
    )
}

/// The coding of the answer, or why there is nothing to say of it.
fn coding(scene: &Scene<'_>) -> Result<String, Box<Finding>> {
    let moot = |why: String| Box::new(Finding::Moot(why, ""));
    let Some(answer) = scene.first().stream() else {
        return Err(moot(format!("there is no stream: {}", scene.first().shown())));
    };
    let coding = answer.header("content-encoding").join(", ");
    if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
        return Err(moot("the server codes no streams".to_owned()));
    }
    Ok(coding)
}

/// `server.encoding-flush`
pub(super) fn decodes(scene: &Scene<'_>) -> Finding {
    let coding = match coding(scene) {
        Ok(coding) => coding,
        Err(finding) => return *finding,
    };
    match &scene.first().reading.failure {
        None => Finding::Kept(format!("`{coding}` decodes")),
        Some(error) => Finding::broke(
            "coding",
            format!("`Content-Encoding: {coding}`, but {error}"),
            "send the whole response through one encoder, from its first byte to its last",
        ),
    }
}

/// `server.encoding-flush`
pub(super) fn coded_promptly(scene: &Scene<'_>) -> Finding {
    let coding = match coding(scene) {
        Ok(coding) => coding,
        Err(finding) => return *finding,
    };
    let seen = scene.first();
    let (Some(answer), Some(plain)) = (seen.answer(), scene.plain.answer()) else {
        return no_events(scene);
    };
    let Some(first) = scene.plain.reading.events.first() else {
        return no_events(scene);
    };
    let plain_wait = first.at.saturating_sub(plain.head_at);
    let limit = plain_wait + scene.scaled(CODING_DELAY);
    let watched = answer.end_at.saturating_sub(answer.head_at);
    let wait = seen.reading.events.first().map(|it| it.at.saturating_sub(answer.head_at));
    let shown = match wait {
        Some(wait) => format!("the first event can be decoded after {} ms", wait.as_millis()),
        None => format!("no event can be decoded within {} ms", watched.as_millis()),
    };
    if wait.unwrap_or(watched) <= limit {
        if wait.is_none() {
            return Finding::Moot(format!("{shown} of `{coding}`"), MORE_EVENTS);
        }
        return Finding::Kept(shown);
    }
    Finding::late(
        "late",
        format!("{shown} of `{coding}`; uncoded it comes after {} ms", plain_wait.as_millis()),
        "flush the encoder after each event (a sync flush), or leave event streams uncoded",
    )
}

/// `server.encoding`
pub(super) fn varies_by_coding(scene: &Scene<'_>) -> Finding {
    if let Err(finding) = coding(scene) {
        return *finding;
    }
    let varies = scene
        .first()
        .answer()
        .is_some_and(|it| it.lists("vary", "accept-encoding") || it.lists("vary", "*"));
    if varies {
        return Finding::Kept("`Vary` names `Accept-Encoding`".to_owned());
    }
    Finding::broke(
        "coding",
        "the coding depends on `Accept-Encoding`, and `Vary` does not say so".to_owned(),
        "add `Vary: Accept-Encoding`",
    )
}

/// `server.utf8`, `server.grammar`
pub(super) fn free_of(breach: Breach, scene: &Scene<'_>) -> Finding {
    let seen = scene.first();
    let (kind, help) = match breach {
        Breach::InvalidUtf8 => (
            ViolationKind::InvalidUtf8,
            "encode as UTF-8, and do not cut strings by their bytes; clients show U+FFFD",
        ),
        Breach::ByteOrderMark => (
            ViolationKind::ByteOrderMark,
            "write no byte order mark; here it becomes part of the field's name",
        ),
        Breach::UnknownField => (
            ViolationKind::UnknownField,
            "clients drop this line: begin it with `data: `, or with `:` if it is a comment",
        ),
        Breach::FieldSpelling => {
            (ViolationKind::FieldSpelling, "write the name in lower case, without blanks")
        }
        Breach::RetryNotDigits => {
            (ViolationKind::RetryNotDigits, "write milliseconds as digits: `retry: 1000`")
        }
        Breach::RetryEmpty => (ViolationKind::RetryEmpty, "leave the line out"),
        Breach::IdNul => (ViolationKind::IdNul, "refuse such ids"),
        Breach::PendingAtEnd => {
            (ViolationKind::PendingAtEnd, "end each event with a blank line; this one is lost")
        }
        Breach::TypeWithoutData => (
            ViolationKind::TypeWithoutData,
            "add a line `data:`, without which clients dispatch nothing",
        ),
    };
    let found: Vec<_> = seen.reading.violations.iter().filter(|it| it.kind == kind).collect();
    if let Some(first) = found.first() {
        let times = match found.len() {
            1 => String::new(),
            count => format!(", and {} more like it", count - 1),
        };
        let spot = seen.reading.spot("stream", first.offset, &kind.to_string());
        return Finding::at(spot, format!("{first}{times}"), help);
    }
    let Some(answer) = seen.answer() else { return no_events(scene) };
    if breach == Breach::PendingAtEnd && answer.was_open() {
        return Finding::Moot(
            "the stream did not end while it was watched".to_owned(),
            "watch longer by `--for 60s`, if the stream ends at all",
        );
    }
    if seen.reading.body.is_empty() {
        return no_events(scene);
    }
    if let Some(failure) = &seen.reading.failure {
        return Finding::Moot(format!("the stream could not be read on: {failure}"), "");
    }
    too_few(scene)
        .unwrap_or_else(|| Finding::Kept(format!("none in {} bytes", seen.reading.body.len())))
}

/// Whether the user wants more events than came.
fn too_few(scene: &Scene<'_>) -> Option<Finding> {
    let count = scene.plain.reading.events.len();
    let wanted = scene.min_events.filter(|wanted| count < *wanted as usize)?;
    let why = format!("{count} events came, and `--min-events` wants {wanted}");
    Some(Finding::Open(why, MORE_EVENTS))
}

/// `server.resume`
pub(super) fn headerable_ids(scene: &Scene<'_>) -> Finding {
    let mut count = 0;
    for seen in scene.first().identified() {
        let id = seen.event.last_event_id.as_str();
        count += 1;
        let wrong = if id.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            "holds control characters"
        } else if id.trim_matches([' ', '\t']) != id {
            "begins or ends with blanks, which a header loses"
        } else if id.len() > LONG_ID_BYTES {
            "is longer than 4 KiB, and headers are limited"
        } else {
            continue;
        };
        let shown: String = id.chars().take(60).collect();
        let shown = ssespec_scenario::escape(shown.as_bytes());
        return Finding::broke(
            "id",
            format!("the id `{shown}` {wrong}: it cannot come back as `Last-Event-ID`"),
            "use short ids of printable characters",
        );
    }
    if count == 0 {
        return no_ids(scene);
    }
    too_few(scene).unwrap_or_else(|| Finding::Kept(format!("{count} ids")))
}

/// What is said where no event has an id.
pub(super) fn no_ids(scene: &Scene<'_>) -> Finding {
    if scene.plain.reading.events.is_empty() {
        return no_events(scene);
    }
    Finding::Moot(
        "no event carries an id".to_owned(),
        "give events ids if clients are to resume after a loss",
    )
}

/// `server.delivery`
pub(super) fn unique_ids(scene: &Scene<'_>) -> Finding {
    let mut known = BTreeMap::new();
    for seen in scene.first().identified() {
        let event = &seen.event;
        let earlier = known.insert(&event.last_event_id, event);
        if let Some(earlier) = earlier.filter(|earlier| *earlier != event) {
            return Finding::broke(
                "id",
                format!(
                    "the id `{}` names two events, with data {} and {}",
                    ssespec_scenario::escape(event.last_event_id.as_bytes()),
                    shown(&earlier.data),
                    shown(&event.data)
                ),
                "give each event an id of its own; a client that resumes after it cannot say \
                 which one it means",
            );
        }
    }
    if known.is_empty() {
        return no_ids(scene);
    }
    too_few(scene).unwrap_or_else(|| Finding::Kept(format!("{} ids", known.len())))
}

fn shown(data: &str) -> String {
    let short: String = data.chars().take(40).collect();
    format!("`{}`", ssespec_scenario::escape(short.as_bytes()))
}

/// `server.flush`
pub(super) fn whole_events(scene: &Scene<'_>) -> Finding {
    let seen = scene.first();
    if seen.reading.events.is_empty() {
        return no_events(scene);
    }
    match seen.reading.half_event {
        Some((wait, offset)) if wait >= scene.scaled(HALF_SENT) => {
            let message = format!(
                "the event at byte {offset} stood half on the wire for {} ms",
                wait.as_millis()
            );
            let Finding::Broke(breach) = Finding::late(
                "late",
                message,
                "write an event, its blank line included, in one piece and flush it; a buffer \
                 that is passed on when it is full cuts events anywhere",
            ) else {
                return no_events(scene);
            };
            let spot = seen.reading.spot("stream", offset, "this event was sent in parts");
            Finding::Broke(super::super::verdict::Breach { spot: Some(spot), ..breach })
        }
        _ => Finding::Kept(format!("{} whole events", seen.reading.events.len())),
    }
}

/// `server.pacing`
pub(super) fn pacing(scene: &Scene<'_>) -> Finding {
    let events = &scene.first().reading.events;
    if events.is_empty() {
        return no_events(scene);
    }
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for event in events {
        *sizes.entry(event.piece).or_default() += 1;
    }
    let mut histogram: BTreeMap<usize, usize> = BTreeMap::new();
    for size in sizes.values() {
        *histogram.entry(*size).or_default() += 1;
    }
    let parts: Vec<String> =
        histogram.iter().map(|(size, times)| format!("{size} at once: {times}×")).collect();
    Finding::Saw(format!(
        "{} events in {} arrivals ({})",
        events.len(),
        sizes.len(),
        parts.join(", ")
    ))
}

/// `server.heartbeat`
pub(super) fn heartbeat(scene: &Scene<'_>) -> Finding {
    let Some(answer) = scene.first().answer() else { return no_events(scene) };
    let longest = answer.longest_silence();
    if longest > scene.scaled(SILENCE) {
        return Finding::late(
            "late",
            format!("the stream was silent for {:.1} s", longest.as_secs_f64()),
            "send a comment (`:` and a blank line) every 15 s while there is nothing else",
        );
    }
    let watched = answer.end_at.saturating_sub(answer.head_at);
    if watched < scene.scaled(LONG_WATCH.mul_f64(0.98)) {
        return Finding::Moot(
            format!("the stream was watched for {:.1} s only", watched.as_secs_f64()),
            "watch it by `--for 35s`",
        );
    }
    Finding::Kept(format!("silent for {:.1} s at most", longest.as_secs_f64()))
}

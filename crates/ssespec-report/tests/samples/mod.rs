//! Results as a run would give them.

#![allow(dead_code, unused_imports, reason = "each test binary uses some of them")]

mod hostile;
mod server;

pub(crate) use hostile::{ATTACK, hostile, prose};
pub(crate) use server::server;

use ssespec_report::{
    CaseResult, Difference, Direction, Evidence, Reason, RunError, RunResult, SCHEMA_VERSION,
    Status, Subject, Summary, TimelineEntry, Tool, Verdict,
};

const SPEC: &str = "https://html.spec.whatwg.org/multipage/server-sent-events.html";

/// A case that passed.
pub(crate) fn pass(id: &str) -> CaseResult {
    CaseResult {
        id: id.to_owned(),
        route: id.rsplit_once('@').map(|(_, route)| route.to_owned()).unwrap_or_default(),
        rule: "data.append".to_owned(),
        level: "must".to_owned(),
        rule_text: "Each data field appends its value and a line feed to the data buffer."
            .to_owned(),
        rule_url: format!("{SPEC}#event-stream-interpretation"),
        title: "Several data fields are joined by line feeds".to_owned(),
        verdict: Verdict::Pass,
        status: None,
        duration_ms: 3,
        expected: lines(&[r#"event message, data "a\nb""#]),
        observed: lines(&[r#"event message, data "a\nb""#]),
        reason: None,
        evidence: None,
        references: Vec::new(),
        reproduce: format!("ssespec test client --exec 'node adapter.mjs' --run '{id}'"),
    }
}

/// A case with another verdict and the reason for it.
pub(crate) fn case(id: &str, verdict: Verdict, kind: &str, message: &str) -> CaseResult {
    CaseResult { verdict, reason: Some(reason(kind, message, "")), ..pass(id) }
}

/// The same with a status.
pub(crate) fn with_status(mut case: CaseResult, status: Status) -> CaseResult {
    case.status = Some(status);
    case
}

pub(crate) fn reason(kind: &str, message: &str, help: &str) -> Reason {
    Reason {
        kind: kind.to_owned(),
        message: message.to_owned(),
        help: help.to_owned(),
        difference: None,
        spot: None,
    }
}

pub(crate) fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

pub(crate) fn entry(
    at_us: u64,
    connection: u32,
    direction: Direction,
    what: &str,
    bytes: &str,
) -> TimelineEntry {
    TimelineEntry {
        at_us,
        connection,
        direction,
        what: what.to_owned(),
        bytes: bytes.to_owned(),
        total_bytes: None,
    }
}

/// A timeline from lines of `at_us connection arrow what bytes`.
fn timeline(lines: &str) -> Vec<TimelineEntry> {
    let parse = |line: &str| {
        let mut parts = line.splitn(5, ' ');
        let mut next = || parts.next().unwrap_or_default();
        let at_us = next().replace('_', "").parse().expect("microseconds");
        let connection = next().parse().expect("a connection");
        let direction = match next() {
            "→" => Direction::ToSubject,
            "←" => Direction::FromSubject,
            "⇒" => Direction::Command,
            "⇐" => Direction::Report,
            _ => Direction::Note,
        };
        entry(at_us, connection, direction, next(), next())
    };
    lines.trim().lines().map(parse).collect()
}

/// A CRLF that was split across two chunks and taken as two line endings.
pub(crate) fn mismatch() -> CaseResult {
    CaseResult {
        rule: "line.crlf-split".to_owned(),
        rule_text: "A CR at the end of one read and an LF at the start of the next are one line \
                    ending."
            .to_owned(),
        title: "CR at the end of one chunk and LF at the start of the next end one line".to_owned(),
        verdict: Verdict::Fail,
        duration_ms: 41,
        expected: lines(&[
            r#"event message, data "first", id "1""#,
            r#"event message, data "A\nB", id "1""#,
            r#"event message, data "sentinel", id "1""#,
        ]),
        observed: lines(&[
            r#"event message, data "first", id "1""#,
            r#"event message, data "A", id "1""#,
            r#"event message, data "B", id "1""#,
            r#"event message, data "sentinel", id "1""#,
        ]),
        reason: Some(Reason {
            difference: Some(Difference {
                what: "event 2, data".to_owned(),
                at_byte: 1,
                expected: r"A\nB".to_owned(),
                observed: "A".to_owned(),
                caret: 1,
            }),
            ..reason(
                "mismatch",
                "event 2 has the data `A` instead of `A\\nB`, as if its line had ended twice",
                "remember that the last byte of a read was CR, and pass over an LF that begins \
                 the next read",
            )
        }),
        evidence: Some(Evidence {
            runs: 2,
            variant: "cut after byte 8".to_owned(),
            request: String::new(),
            timeline: timeline(
                r#"
0 0 ⇒ open {"op":"open","stream":7,"url":"http://127.0.0.1:4123/c/9f31/1","method":"GET","headers":{}}
1_204 1 ← request GET /c/9f31/1 HTTP/1.1\r\nhost: 127.0.0.1:4123\r\naccept: text/event-stream\r\ncache-control: no-store\r\n\r\n
1_310 1 → head HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n
1_402 1 → chunk id: 1\ndata: first\n\n
1_990 1 → chunk data: A\r
2_650 1 → chunk \ndata: B\r\n\r\ndata: sentinel\n\n
3_001 0 ⇐ event {"op":"event","stream":7,"type":"message","data":"first","id":"1"}
3_070 0 ⇐ event {"op":"event","stream":7,"type":"message","data":"A","id":"1"}
3_071 0 ⇐ event {"op":"event","stream":7,"type":"message","data":"B","id":"1"}
3_090 0 ⇐ event {"op":"event","stream":7,"type":"message","data":"sentinel","id":"1"}"#,
            ),
        }),
        references: lines(&["rexxars/eventsource-parser#17"]),
        ..pass("line/crlf-split-across-chunks@h1")
    }
}

/// An event that never came.
pub(crate) fn missing() -> CaseResult {
    CaseResult {
        rule: "dispatch.prompt".to_owned(),
        rule_text: "An event is dispatched as soon as its blank line has been received.".to_owned(),
        title: "An event is reported while no further bytes arrive".to_owned(),
        verdict: Verdict::Fail,
        duration_ms: 5_003,
        expected: lines(&["opened", r#"event message, data "now""#]),
        observed: lines(&["opened"]),
        reason: Some(reason(
            "timeout",
            "event 1 was not reported within 5 s, while the mock held back all further bytes",
            "dispatch at the blank line; do not wait for the next line, for a full buffer, or for \
             the end of the stream",
        )),
        evidence: Some(Evidence {
            runs: 2,
            variant: String::new(),
            request: String::new(),
            timeline: timeline(
                r#"
0 0 ⇒ open {"op":"open","stream":3}
902 1 ← request GET /c/41/1 HTTP/1.1\r\n\r\n
1_001 1 → head HTTP/1.1 200 OK\r\n\r\n
1_500 0 ⇐ opened {"op":"opened","stream":3}
1_610 1 → chunk data: now\n\n
5_001_611 0 · deadline waited 5 s for event 1
5_001_702 1 → fin"#,
            ),
        }),
        ..pass("dispatch/before-further-bytes@h1")
    }
}

/// A reconnection without `Last-Event-ID`.
pub(crate) fn request_mismatch() -> CaseResult {
    CaseResult {
        rule: "reconnect.last-event-id".to_owned(),
        rule_text: "On reconnecting, if the last event ID string is not empty, the request \
                    carries it in `Last-Event-ID`."
            .to_owned(),
        rule_url: format!("{SPEC}#sse-processing-model"),
        title: "The id of the last event is sent when reconnecting after a reset".to_owned(),
        verdict: Verdict::Fail,
        duration_ms: 118,
        expected: lines(&[
            "request 2 has header `last-event-id: 7`",
            r#"event message, data "a", id "7""#,
            "error, not fatal",
            r#"event message, data "done", id "7""#,
        ]),
        observed: lines(&[
            "request 2 has no header `last-event-id`",
            r#"event message, data "a", id "7""#,
            "error, not fatal",
            r#"event message, data "done", id "7""#,
        ]),
        reason: Some(reason(
            "request",
            "request 2 lacks the header `last-event-id: 7`",
            "keep the last event id for the lifetime of the EventSource object, not of the \
             connection",
        )),
        evidence: Some(Evidence {
            runs: 2,
            variant: String::new(),
            request: String::new(),
            timeline: timeline(
                r#"
0 0 ⇒ open {"op":"open","stream":12,"reconnect_ms":50}
850 1 ← request GET /c/77/1 HTTP/1.1\r\nhost: 127.0.0.1:4123\r\naccept: text/event-stream\r\n\r\n
960 1 → head HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n
1_010 1 → chunk retry: 50\nid: 7\ndata: a\n\n
1_420 0 ⇐ event {"op":"event","stream":12,"type":"message","data":"a","id":"7"}
1_600 1 → rst
1_950 0 ⇐ error {"op":"error","stream":12,"fatal":false,"message":"read ECONNRESET"}
53_120 2 ← request GET /c/77/1 HTTP/1.1\r\nhost: 127.0.0.1:4123\r\naccept: text/event-stream\r\n\r\n
53_300 2 → head HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n
53_420 2 → chunk data: done\n\n
53_990 0 ⇐ event {"op":"event","stream":12,"type":"message","data":"done","id":"7"}
54_100 0 ⇒ close {"op":"close","stream":12}
54_600 2 ← fin
54_700 0 ⇐ closed {"op":"closed","stream":12}"#,
            ),
        }),
        references: lines(&[
            "EventSource/eventsource#120",
            "https://github.com/launchdarkly/js-eventsource/issues/9",
        ]),
        ..pass("reconnect/last-event-id-after-reset@h1")
    }
}

/// 14 MB of data that lost a byte in the middle, in hundreds of chunks, with text that would steer
/// a terminal.
pub(crate) fn huge() -> CaseResult {
    let (expected, observed) = ("x".repeat(14_000_000), "x".repeat(13_999_999));
    let mut timeline: Vec<_> = (0..300_u64)
        .map(|n| TimelineEntry {
            total_bytes: Some(65_536),
            ..entry(
                1_000 + 700 * n,
                1,
                Direction::ToSubject,
                "chunk",
                &if n == 0 { "x".repeat(3_000) } else { "x".repeat(40) },
            )
        })
        .collect();
    timeline.push(entry(
        400_000,
        0,
        Direction::Report,
        "event",
        &format!(r#"{{"op":"event","stream":1,"type":"message","data":"{observed}"}}"#),
    ));
    CaseResult {
        verdict: Verdict::Fail,
        title: "An event with 14 MB of data arrives whole".to_owned(),
        expected: vec![format!("event message, data {expected:?}"), "comment \u{202e}".to_owned()],
        observed: vec![format!("event message, data {observed:?}"), "\u{1b}[2J".to_owned()],
        reason: Some(Reason {
            difference: Some(Difference {
                what: "event 1, data".to_owned(),
                at_byte: 13_999_999,
                expected: "x".repeat(256),
                observed: "x".repeat(255),
                caret: 255,
            }),
            ..reason("mismatch", &format!("event 1 has the data `{observed}`"), "")
        }),
        evidence: Some(Evidence {
            runs: 1,
            variant: String::new(),
            request: String::new(),
            timeline,
        }),
        ..pass("data/huge@h1")
    }
}

/// The run of a subject with a bit of everything.
pub(crate) fn red() -> RunResult {
    let not_claimed = |id: &str, feature: &str| {
        case(
            id,
            Verdict::NotApplicable,
            "feature",
            &format!("the subject does not claim `{feature}`"),
        )
    };
    let mut cases = vec![
        pass("data/joined@feed"),
        pass("data/joined@h1"),
        mismatch(),
        CaseResult { id: "line/crlf-split-across-chunks@feed".to_owned(), ..mismatch() },
        missing(),
        request_mismatch(),
        with_status(
            case(
                "retry/huge@h1",
                Verdict::Fail,
                "early",
                "reconnected after 1 ms, before 4 294 967 296 ms had passed",
            ),
            Status::KnownFailure,
        ),
        with_status(pass("bom/twice@h1"), Status::UnexpectedPass),
        with_status(
            case("reconnect/after-truncation@h1", Verdict::Fail, "missing", "event 3 is missing"),
            Status::Flaky,
        ),
        CaseResult {
            level: "should".to_owned(),
            expected: lines(&["request 3 at least 100 ms after the failure"]),
            observed: lines(&["request 3 after 51 ms"]),
            ..case(
                "reconnect/backs-off@h1",
                Verdict::Warn,
                "early",
                "the third attempt came 51 ms after the second, no later than the one before",
            )
        },
        CaseResult {
            level: "info".to_owned(),
            expected: Vec::new(),
            observed: lines(&["retry clamped to 2147483647 ms"]),
            verdict: Verdict::Observed,
            ..pass("retry/above-32-bits@h1")
        },
        not_claimed("http2/goaway@h2", "http2"),
        not_claimed("http2/rst-stream@h2", "http2"),
        not_claimed("comment/reported@h1", "comments"),
        case(
            "reconnect/id-survives@h1",
            Verdict::Blocked,
            "blocked",
            "`reconnect/last-event-id-after-reset` failed",
        ),
        case(
            "chunk/byte-by-byte@h1",
            Verdict::Inconclusive,
            "cut",
            "the cut after byte 4 could not be proved: the peer took 2 chunks in one read",
        ),
        case(
            "tls/trust@h1",
            Verdict::Error,
            "adapter",
            "the adapter exited with code 1 while the case ran: `Error: self-signed certificate`",
        ),
    ];
    cases[0].duration_ms = 1;
    run(cases)
}

/// The result of a run with these cases.
pub(crate) fn run(cases: Vec<CaseResult>) -> RunResult {
    RunResult {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "ssespec".to_owned(), version: "0.1.0".to_owned() },
        subject: Subject {
            role: "client".to_owned(),
            name: "eventsource".to_owned(),
            version: "5.1.5".to_owned(),
            language: "JavaScript".to_owned(),
            runtime: "node 20.20.2".to_owned(),
            features: lines(&["open", "reconnect", "last-event-id", "feed"]),
        },
        suite: "client".to_owned(),
        profile: "eventsource".to_owned(),
        started: "2026-01-31T02:00:00Z".to_owned(),
        duration_ms: 12_345,
        interrupted: false,
        summary: Summary::of(&cases),
        errors: Vec::new(),
        cases,
    }
}

/// The subject did not start.
pub(crate) fn not_started() -> RunResult {
    RunResult {
        subject: Subject { role: "client".to_owned(), ..Subject::default() },
        duration_ms: 12,
        errors: vec![error(
            "subject",
            "failed to start `node adapter.mjs`: it exited with code 1 before its hello\n\
             its stderr ends: Error: Cannot find module 'eventsource'",
            "run `npm ci` beside the adapter",
        )],
        ..run(Vec::new())
    }
}

pub(crate) fn error(kind: &str, message: &str, help: &str) -> RunError {
    RunError { kind: kind.to_owned(), message: message.to_owned(), help: help.to_owned() }
}

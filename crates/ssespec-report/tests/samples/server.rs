//! The result of a server.

use ssespec_report::{CaseResult, Evidence, Reason, RunResult, Spot, Subject, Verdict};

use super::{lines, pass, reason, run, timeline};

/// The run of a server that misspells a field.
pub(crate) fn server() -> RunResult {
    let case = CaseResult {
        rule: "field.name".to_owned(),
        rule_text: "A field is one of `data`, `event`, `id` and `retry`.".to_owned(),
        title: "All fields are known".to_owned(),
        verdict: Verdict::Fail,
        expected: Vec::new(),
        observed: lines(&[r#"event message, data "", id "7""#]),
        reason: Some(Reason {
            spot: Some(Spot {
                what: "stream".to_owned(),
                at_byte: 6,
                excerpt: r"id: 7\ndta: a".to_owned(),
                caret: 7,
                note: "this line has an unknown field".to_owned(),
            }),
            ..reason("stream", "byte 6: unknown field `dta`", "write `data`")
        }),
        evidence: Some(Evidence {
            runs: 2,
            variant: String::new(),
            request: "curl -N -H 'Accept: text/event-stream' http://127.0.0.1:8080/events"
                .to_owned(),
            timeline: timeline(
                r"
0 1 → request GET /events HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n
810 1 ← head HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n
1_002 1 ← chunk id: 7\ndta: a\n\n",
            ),
        }),
        reproduce: "ssespec test server http://127.0.0.1:8080/events --run 'stream/fields@h1'"
            .to_owned(),
        ..pass("stream/fields@h1")
    };
    let result = run(vec![pass("stream/media-type@h1"), case]);
    let subject = Subject {
        role: "server".to_owned(),
        name: "127.0.0.1:8080".to_owned(),
        ..result.subject.clone()
    };
    RunResult { suite: "server".to_owned(), subject, ..result }
}

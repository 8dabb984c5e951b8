//! How a case is put together: a stream or connections, and what proves that it is over.

use super::Findings;
use super::block::Scanner;
use crate::place::Place;
use crate::wire::MAX_CHUNK_BYTES;
use crate::{Case, Chunk, Expectation, Finish, Splits, Step};

/// Most streams of a case: a subject needs a socket for each.
const MAX_STREAMS: u32 = 5000;
/// Longest stream that is cut at each byte: each cut is a run of its own, on each route.
const MAX_SPLIT_BYTES: u64 = 64;

pub(super) fn lint(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    match (case.stream.is_empty(), case.connection.is_empty()) {
        (true, true) => findings.error(
            place.key("id").span(),
            "the case sends nothing",
            "has neither `stream` nor `connection`",
            "add `stream = ['data: a\\n\\n']`, or `connection = [{ steps = […] }]`",
        ),
        (false, false) => findings.error(
            place.key("connection").key_span(),
            "the case has both `stream` and `connection`",
            "",
            "`stream` is short for one connection: move its chunks to `send` steps",
        ),
        (false, true) => lint_stream(case, place, findings),
        (true, false) => lint_connections(case, place, findings),
    }
    lint_open(case, place, findings);
    lint_streams(case, place, findings);
}

fn lint_streams(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    let gathers = case.steps().any(|step| matches!(step, Step::Gather {}));
    let streams = place.key("streams");
    if case.streams == 0 || case.streams > MAX_STREAMS {
        findings.error(
            streams.span(),
            format!("a case has 1 to {MAX_STREAMS} streams"),
            "",
            "leave `streams` out for one",
        );
    } else if gathers && case.streams == 1 {
        findings.error(
            place.key("connection").key_span(),
            "`gather` has nothing to wait for",
            "the case has one stream",
            "say how many are to be open at once: `streams = 100`",
        );
    } else if !gathers && case.streams > 1 {
        findings.error(
            streams.key_span(),
            "nothing makes sure that the streams are open at once",
            "each may be over before the next one begins",
            "use `connection`, and put `{ gather = {} }` where all streams must have come",
        );
    }
}

fn lint_open(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    let method = case.open.method.as_deref();
    if case.open.body.is_some() && matches!(method, None | Some("GET" | "HEAD")) {
        findings.error(
            place.key("open").key("body").span(),
            format!("a {} request has no body", method.unwrap_or("GET")),
            "",
            "add `method = \"POST\"`",
        );
    }
    findings.repeated(&case.open.listen, &place.key("open").key("listen"), |it| it.0.clone());
}

fn lint_stream(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    let stream = place.key("stream");
    for (n, chunk) in case.stream.iter().enumerate() {
        if chunk.len() == 0 {
            findings.error(
                stream.item(n).span(),
                "the chunk is empty",
                "no bytes, so no write",
                "leave it out; on HTTP/1.1 an empty chunk would end the body",
            );
        }
    }
    let length: u64 = case.stream.iter().map(Chunk::len).sum();
    lint_length(length, &stream, findings);
    if case.splits == Splits::Every && length > MAX_SPLIT_BYTES {
        let runs = "one run for each byte, on each route";
        findings.error(
            place.key("splits").span(),
            format!("`splits = \"every\"` on a stream of {length} bytes is too many runs"),
            runs,
            format!("shorten the stream to {MAX_SPLIT_BYTES} bytes or write the cuts that matter as chunks"),
        );
    }
    lint_prompt(case, place, findings);
    if case.finish == Finish::Sentinel && length <= MAX_CHUNK_BYTES {
        let mut scanner = Scanner::default();
        case.stream.iter().for_each(|chunk| scanner.scan(chunk));
        if let Some(inside) = scanner.open_part() {
            let last = case.stream.len().saturating_sub(1);
            findings.error(
                stream.item(last).span(),
                format!("the sentinel event would become part of an open {inside}"),
                format!("the stream ends inside a {inside}"),
                "end the stream with a blank line, or with the body: `finish = \"end\"`",
            );
        }
    }
}

fn lint_prompt(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    if !case.prompt {
        return;
    }
    if case.finish == Finish::End {
        findings.error(
            place.key("prompt").span(),
            "`prompt` has no sentinel to withhold here",
            "",
            "leave out `prompt` or `finish = \"end\"`",
        );
    } else if case.expect.is_empty() {
        findings.error(
            place.key("prompt").span(),
            "`prompt` has nothing to wait for",
            "",
            "add to `expect` what must be reported before any further byte is sent",
        );
    }
}

fn lint_connections(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    for (name, mend) in [
        ("splits", "write the cuts as `send` steps, one each"),
        ("prompt", "put `await = { events = … }` before the next step"),
        ("finish", "write how each connection ends as its last step"),
    ] {
        let field = place.key(name);
        if field.is_written() {
            let message = format!("`{name}` goes with `stream`");
            findings.error(field.key_span(), message, "the case has connections", mend);
        }
    }
    for (c, connection) in case.connection.iter().enumerate() {
        for (s, step) in connection.steps.iter().enumerate() {
            if let Step::Send(chunk) | Step::Withhold(chunk) = step {
                let step = place.key("connection").item(c).key("steps").item(s);
                lint_length(chunk.len(), &step, findings);
            }
        }
    }
    let ends_closed =
        case.expectations().any(|expectation| matches!(expectation, Expectation::Closed {}));
    if !case.has_sentinel() && !ends_closed && !case.closes() {
        findings.error(
            place.key("connection").key_span(),
            "nothing proves that this case is over",
            "no sentinel, no `closed`, no `client`",
            "end with a `{ sentinel = {} }` step, expect `{ closed = {} }`, \
             or close the client: `{ client = { close = {} } }`",
        );
    }
}

fn lint_length(length: u64, place: &Place<'_>, findings: &mut Findings<'_>) {
    if length > MAX_CHUNK_BYTES {
        findings.error(
            place.span(),
            format!("{length} bytes are too many"),
            "",
            format!("at most {} MiB; lower `times` or `bytes`", MAX_CHUNK_BYTES >> 20),
        );
    }
}

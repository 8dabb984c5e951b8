//! Header names and values, and the status of a response.

use std::collections::BTreeMap;

use super::Findings;
use crate::place::Place;
use crate::{Case, Connection, Respond, Step, Text};

pub(super) fn lint(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    let open = place.key("open");
    lint_map(&case.open.headers, &open.key("headers"), findings);
    for (c, connection) in case.connection.iter().enumerate() {
        let place = place.key("connection").item(c);
        let request = place.key("request");
        lint_map(&connection.request.header, &request.key("header"), findings);
        lint_map(&connection.request.contains, &request.key("contains"), findings);
        lint_names(&connection.request.without, &request.key("without"), findings);
        lint_respond(connection, &place, findings);
    }
    for (n, outcome) in case.outcomes.iter().enumerate() {
        let place = place.key("outcomes").item(n);
        lint_map(&outcome.last_header, &place.key("last-header"), findings);
        lint_names(&outcome.last_without, &place.key("last-without"), findings);
    }
}

fn lint_respond(connection: &Connection, place: &Place<'_>, findings: &mut Findings<'_>) {
    let head = &connection.respond;
    let respond = place.key("respond");
    lint_map(&head.header, &respond.key("header"), findings);
    lint_value(&head.content_type, &respond.key("content-type"), findings);
    for (name, mend) in [
        ("content-type", "write it as `respond = { content-type = … }`"),
        ("content-length", "write `framing = \"length\"` and `content-length = …`"),
        ("transfer-encoding", "leave it out: it follows from `framing`"),
    ] {
        // With an empty `content-type` the mock writes none of its own.
        let is_replaced = name == "content-type" && head.content_type.0.is_empty();
        if head.header.contains_key(name) && !is_replaced {
            findings.warning(
                respond.key("header").key(name).key_span(),
                format!("`{name}` would be sent beside the one that the mock writes"),
                "",
                format!("{mend}; for a head that is wrong on purpose use `raw`"),
            );
        }
    }
    if head.raw.is_some() {
        for name in ["status", "content-type", "header", "version", "coding"] {
            let field = respond.key(name);
            if field.is_written() {
                findings.error(
                    field.key_span(),
                    format!("`{name}` is not used beside `raw`"),
                    "",
                    "write it into the raw head",
                );
            }
        }
    }
    lint_status(head, connection, place, findings);
}

fn lint_status(
    head: &Respond,
    connection: &Connection,
    place: &Place<'_>,
    findings: &mut Findings<'_>,
) {
    let status = place.key("respond").key("status");
    match head.status {
        100..200 => findings.error(
            status.span(),
            format!("{} is an interim status, no answer", head.status),
            "",
            "send it as bytes in `before = [{ raw = 'HTTP/1.1 103 Early Hints\\r\\n\\r\\n' }]`",
        ),
        200..600 => {}
        _ => findings.error(
            status.span(),
            format!("{} is not a status", head.status),
            "",
            "a status lies between 200 and 599; for others write the head as `raw`",
        ),
    }
    if !matches!(head.status, 204 | 304) || head.raw.is_some() {
        return;
    }
    for (s, step) in connection.steps.iter().enumerate() {
        if matches!(step, Step::Send(_) | Step::Withhold(_) | Step::Sentinel {}) {
            findings.error(
                place.key("steps").item(s).span(),
                format!("a response with status {} has no body", head.status),
                format!("`{}` writes to the body", step.verb()),
                "leave the step out, or write head and body as `raw`",
            );
        }
    }
}

fn lint_map(headers: &BTreeMap<String, Text>, place: &Place<'_>, findings: &mut Findings<'_>) {
    for (name, value) in headers {
        let entry = place.key(name);
        lint_name(name, entry.key_span(), findings);
        lint_value(value, &entry, findings);
    }
}

fn lint_names(names: &[String], place: &Place<'_>, findings: &mut Findings<'_>) {
    for (n, name) in names.iter().enumerate() {
        lint_name(name, place.item(n).span(), findings);
    }
    findings.repeated(names, place, String::clone);
}

fn lint_name(name: &str, span: std::ops::Range<usize>, findings: &mut Findings<'_>) {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        findings.error(
            span,
            format!("`{}` is not a header name", crate::escape(name.as_bytes())),
            "",
            "a name is letters, digits and hyphens, without a colon",
        );
    } else if name.bytes().any(|b| b.is_ascii_uppercase()) {
        findings.error(
            span,
            format!("the header name `{name}` is not in lower case"),
            "names are compared without case, and HTTP/2 knows no capitals",
            format!("write `{}`", name.to_lowercase()),
        );
    }
}

fn lint_value(value: &Text, place: &Place<'_>, findings: &mut Findings<'_>) {
    if value.0.contains(['\r', '\n', '\0']) {
        findings.error(
            place.span(),
            "a header value cannot hold CR, LF or NUL",
            "",
            "take it out; for a head that is wrong on purpose use `raw`",
        );
    }
}

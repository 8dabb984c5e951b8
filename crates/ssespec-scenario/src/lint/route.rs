//! Which routes a case can run over, from its verbs.

use super::Findings;
use crate::place::Place;
use crate::{Case, Connection, Framing, HttpVersion, Route, Step};

pub(super) fn lint(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    let list = place.key("routes");
    if case.routes.as_ref().is_some_and(Vec::is_empty) {
        findings.error(
            list.span(),
            "the case runs over no route",
            "",
            "leave `routes` out for the default, or name `feed`, `h1`, `h1s`, `h2c`, `h2`",
        );
    }
    let routes = case.routes();
    findings.repeated(&routes, &list, |route| route.name().to_owned());
    if case.is_stream() {
        return;
    }
    for (n, route) in routes.iter().enumerate() {
        if *route == Route::Feed {
            findings.error(
                list.item(n).span(),
                "connections never run over `feed`",
                "a decoder has no connections",
                "leave `feed` out, or write the case as a `stream`",
            );
        }
    }
    let versions = Versions {
        h1: routes.contains(&Route::H1) || routes.contains(&Route::H1s),
        h2: routes.contains(&Route::H2) || routes.contains(&Route::H2c),
    };
    for (c, connection) in case.connection.iter().enumerate() {
        let place = place.key("connection").item(c);
        lint_head(connection, &place.key("respond"), versions, findings);
        for (name, steps) in [("before", &connection.before), ("steps", &connection.steps)] {
            for (s, step) in steps.iter().enumerate() {
                let place = place.key(name).item(s);
                lint_step(step, connection, &place, versions, findings);
            }
        }
    }
}

/// The HTTP versions that a case runs over.
#[derive(Debug, Clone, Copy)]
struct Versions {
    h1: bool,
    h2: bool,
}

fn lint_head(
    connection: &Connection,
    respond: &Place<'_>,
    versions: Versions,
    findings: &mut Findings<'_>,
) {
    if versions.h2 {
        for name in ["framing", "version", "content-length", "raw"] {
            let field = respond.key(name);
            if field.is_written() {
                findings.error(
                    field.key_span(),
                    format!("`{name}` has no meaning in HTTP/2"),
                    "the case runs over HTTP/2 too",
                    format!("set `routes = [\"h1\"]`, or leave `{name}` out"),
                );
            }
        }
    }
    let head = &connection.respond;
    if head.content_length.is_some() && head.framing != Framing::Length {
        findings.error(
            respond.key("content-length").span(),
            "`content-length` goes with `framing = \"length\"`",
            "the body is not delimited by its length",
            "add `framing = \"length\"`; for both headers at once write the head as `raw`",
        );
    }
    if head.version == HttpVersion::Http10 && head.framing == Framing::Chunked {
        findings.error(
            respond.key("version").span(),
            "HTTP/1.0 has no chunked bodies",
            "",
            "add `framing = \"close\"` or `framing = \"length\"`",
        );
    }
}

fn lint_step(
    step: &Step,
    connection: &Connection,
    place: &Place<'_>,
    versions: Versions,
    findings: &mut Findings<'_>,
) {
    let verb = place.key(step.verb()).key_span();
    match step {
        Step::Raw(_) | Step::Truncate {} if versions.h2 => findings.error(
            verb,
            format!("`{}` is for HTTP/1 only", step.verb()),
            "the case runs over HTTP/2 too",
            match step {
                Step::Truncate {} => "use `reset` or `h2-reset`, or set `routes = [\"h1\"]`",
                _ => "set `routes = [\"h1\"]`, or leave the step out",
            },
        ),
        Step::H2Reset { .. } | Step::Goaway { .. } if versions.h1 => findings.error(
            verb,
            format!("`{}` is for HTTP/2 only", step.verb()),
            "the case runs over HTTP/1.1",
            "set `routes = [\"h2c\", \"h2\"]`",
        ),
        Step::End { trailers: Some(_), .. }
            if versions.h1 && connection.respond.framing != Framing::Chunked =>
        {
            findings.error(
                place.key("end").key("trailers").span(),
                "only a chunked body has trailers",
                "",
                "leave `framing` out, so that the body is chunked",
            );
        }
        Step::Send(chunk)
            if versions.h1
                && connection.respond.framing == Framing::Chunked
                && chunk.len() == 0 =>
        {
            findings.error(
                place.key("send").span(),
                "the chunk is empty",
                "on HTTP/1.1 an empty chunk ends the body",
                "leave it out, or write `{ end = {} }`",
            );
        }
        _ => {}
    }
}

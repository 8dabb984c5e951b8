//! The order of requests, responses and steps on the connections of a case.

use super::Findings;
use super::block::Scanner;
use crate::place::Place;
use crate::step::H2_ERROR_CODES;
use crate::suggestion::with_suggestion;
use crate::{AwaitCounts, Case, Connection, Diagnostic, Step};

/// Longest `pause`: whoever waits longer tests the patience of CI.
const MAX_PAUSE_S: u64 = 30;

pub(super) fn lint(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    for (c, connection) in case.connection.iter().enumerate() {
        let place = place.key("connection").item(c);
        if c == 0 && connection.request.not_before.is_some() {
            findings.error(
                place.key("request").key("not-before").key_span(),
                "`not-before` on the first connection has nothing to count from",
                "there is no connection before this one",
                "move it to the connection that follows the wait",
            );
        }
        for (list, steps) in [("before", &connection.before), ("steps", &connection.steps)] {
            lint_order(steps, &place.key(list), findings);
            for (s, step) in steps.iter().enumerate() {
                lint_step(step, &place.key(list).item(s), findings);
            }
        }
        lint_before(connection, &place, findings);
        lint_sentinel(connection, &place.key("steps"), findings);
        let mut later = case.connection.iter().skip(c + 1);
        lint_end_behind_sentinel(connection, later.any(Connection::has_sentinel), &place, findings);
    }
}

fn lint_order(steps: &[Step], list: &Place<'_>, findings: &mut Findings<'_>) {
    for (s, step) in steps.iter().enumerate() {
        let verb = step.verb();
        if let (true, Some(next)) = (step.is_final(), steps.get(s + 1)) {
            findings.error(
                list.item(s).span(),
                format!("nothing can follow `{verb}`"),
                match step {
                    Step::Hold {} => "waits until the case is over".to_owned(),
                    _ => format!("ends the connection before `{}`", next.verb()),
                },
                match step {
                    Step::Hold {} => "leave it out: the steps wait for one another anyhow",
                    _ => "make it the last step; what comes later needs a connection of its own",
                },
            );
        }
    }
}

fn lint_step(step: &Step, place: &Place<'_>, findings: &mut Findings<'_>) {
    match step {
        Step::Await(counts) if *counts == AwaitCounts::default() => findings.error(
            place.span(),
            "`await` waits for nothing",
            "all counts are 0",
            "say how many reports must have come in total: `await = { events = 1 }`",
        ),
        Step::Pause(span) if span.0.as_secs_f64() > MAX_PAUSE_S as f64 => findings.error(
            place.key("pause").span(),
            format!("a pause of {} s is too long", span.0.as_secs()),
            "",
            format!(
                "at most {MAX_PAUSE_S} s; to wait until the client has done something use `await`"
            ),
        ),
        Step::H2Reset { code } | Step::Goaway { code } => {
            lint_error_code(code, &place.key(step.verb()).key("code"), findings);
        }
        _ => {}
    }
}

fn lint_error_code(code: &str, place: &Place<'_>, findings: &mut Findings<'_>) {
    let known: Vec<&str> = H2_ERROR_CODES.iter().map(|(name, _)| *name).collect();
    if !known.contains(&code) {
        let message = format!("unknown HTTP/2 error code `{code}`");
        let diagnostic = Diagnostic::error(findings.file, message)
            .at(place.span(), "not in RFC 9113, section 7");
        findings.diagnostics.push(with_suggestion(diagnostic, code, &known));
    }
}

fn lint_before(connection: &Connection, place: &Place<'_>, findings: &mut Findings<'_>) {
    for (s, step) in connection.before.iter().enumerate() {
        let before_a_response = matches!(
            step,
            Step::Pause(_)
                | Step::Raw(_)
                | Step::Reset {}
                | Step::Truncate {}
                | Step::Hold {}
                | Step::Client(_)
        );
        if !before_a_response {
            findings.error(
                place.key("before").item(s).span(),
                format!("`{}` needs a response to go with", step.verb()),
                "stands before the head of the response",
                "move it to `steps`; `before` takes `pause`, `raw`, `client`, `reset`, `truncate` and `hold`",
            );
        } else if step.is_final() {
            for name in ["respond", "steps"] {
                let part = place.key(name);
                if part.is_written() {
                    findings.error(
                        part.key_span(),
                        format!("`{name}` is never reached"),
                        format!("`{}` in `before` ends the connection first", step.verb()),
                        format!("leave `{name}` out, or move `{}` to `steps`", step.verb()),
                    );
                }
            }
        }
    }
}

/// A sentinel is an event like others: it needs a block of its own, and it is the last one.
fn lint_sentinel(connection: &Connection, list: &Place<'_>, findings: &mut Findings<'_>) {
    let mut scanner = Scanner::default();
    let mut is_raw = connection.respond.raw.is_some();
    let mut is_over = false;
    for (s, step) in connection.steps.iter().enumerate() {
        match step {
            Step::Send(_) | Step::Withhold(_) | Step::Raw(_) | Step::Sentinel {} if is_over => {
                findings.error(
                    list.item(s).span(),
                    format!("`{}` after the sentinel is never judged", step.verb()),
                    "the case is over by then",
                    "make the sentinel the last thing that is sent",
                );
            }
            Step::Send(chunk) | Step::Withhold(chunk) => scanner.scan(chunk),
            // What the bytes below the body mean to the body cannot be said.
            Step::Raw(_) => is_raw = true,
            Step::Sentinel {} => {
                is_over = true;
                if let (false, Some(inside)) = (is_raw, scanner.open_part()) {
                    findings.error(
                        list.item(s).span(),
                        format!("the sentinel event would become part of an open {inside}"),
                        format!("what was sent before it ends inside a {inside}"),
                        "send a blank line first, or prove the end by `{ closed = {} }`",
                    );
                }
            }
            _ => {}
        }
    }
}

/// A client may come back for the end before it has reported the sentinel.
fn lint_end_behind_sentinel(
    connection: &Connection,
    has_another: bool,
    place: &Place<'_>,
    findings: &mut Findings<'_>,
) {
    let is_end = |pair: &[Step]| matches!(pair, [Step::Sentinel {}, Step::End { .. }]);
    if let (Some(s), false) = (connection.steps.windows(2).position(is_end), has_another) {
        findings.error(
            place.key("steps").item(s + 1).span(),
            "no connection is left for a client that comes back for this `end`",
            "it may do so before it has reported the sentinel, and would fail by a request too many",
            "add a connection with a `sentinel` of its own, or leave `end` out",
        );
    }
}

//! What is asked of a server, and whether the check can see anything in the answer.

use super::Findings;
use crate::place::Place;
use crate::{Case, Chunk, EmitStep, Endpoint, FirstStream};

/// Fields that say what is done to a client.
const CLIENT_FIELDS: [&str; 8] =
    ["open", "stream", "splits", "prompt", "finish", "connection", "expect", "outcomes"];

pub(super) fn lint(
    endpoint: &Endpoint,
    case: &Case,
    place: &Place<'_>,
    findings: &mut Findings<'_>,
) {
    for field in CLIENT_FIELDS.map(|name| place.key(name)).iter().filter(|it| it.is_written()) {
        findings.error(
            field.key_span(),
            "the case judges a server and a client",
            "said of a client",
            "keep `endpoint`, or what is done to a client",
        );
    }
    if case.routes.as_ref().is_some_and(Vec::is_empty) {
        findings.error(
            place.key("routes").span(),
            "the case runs over no route",
            "",
            "leave `routes` out for the default, or name `h1`, `h1s`, `h2c`, `h2`",
        );
    }
    let ask = place.key("endpoint").key("ask");
    let check = place.key("endpoint").key("check");
    let streams = endpoint.ask.streams.unwrap_or(1);
    let is_library = !endpoint.ask.steps.is_empty();
    // A library runs on a machine of one's own, which an endpoint need not.
    let most = if is_library { 2000 } else { 16 };
    if streams == 0 || streams > most {
        findings.error(
            ask.key("streams").span(),
            format!("a server is asked for 1 to {most} streams at once"),
            "",
            "the load generator opens more",
        );
    }
    if endpoint.check.needs_steps() && !is_library {
        findings.error(
            check.span(),
            "the check compares with what the library was told to send, and it is told nothing",
            "",
            "add `steps = [{ event = { data = 'a' } }]` to `ask`",
        );
    }
    for (n, step) in endpoint.ask.steps.iter().enumerate() {
        lint_step(step, &ask.key("steps").item(n), findings);
    }
    if endpoint.check.compares_streams() && streams < 2 {
        findings.error(
            check.span(),
            "the check compares streams, and one is opened",
            "",
            "add `streams = 3` to `ask`",
        );
    }
    if endpoint.ask.first != FirstStream::Read && streams < 2 {
        findings.error(
            ask.key("first").span(),
            "there is no stream beside the first one",
            "",
            "add `streams = 3` to `ask`",
        );
    }
    if endpoint.check.follows_id() && endpoint.ask.last_event_id.is_none() {
        findings.error(
            check.span(),
            "the check follows an id, and none is sent",
            "",
            "add `last-event-id = { own = {} }` to `ask`",
        );
    }
}

fn lint_step(step: &EmitStep, place: &Place<'_>, findings: &mut Findings<'_>) {
    let (EmitStep::Event(event) | EmitStep::Repeat { event, .. }) = step else { return };
    let bytes = event.data.as_ref().map(Chunk::to_bytes).unwrap_or_default();
    if std::str::from_utf8(&bytes).is_err() {
        findings.error(
            place.span(),
            "the data is no UTF-8, and the application gives text",
            "",
            "write text; ill-formed UTF-8 is what clients are tested with",
        );
    }
    if event.retry.is_some() && event.retry_text.is_some() {
        findings.error(
            place.span(),
            "the event has two reconnection times",
            "",
            "keep `retry` or `retry-text`",
        );
    }
}

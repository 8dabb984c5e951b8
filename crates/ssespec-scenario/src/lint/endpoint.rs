//! What is asked of a server, and whether the check can see anything in the answer.

use super::Findings;
use crate::place::Place;
use crate::{Case, Endpoint, FirstStream};

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
    if streams == 0 || streams > 16 {
        findings.error(
            ask.key("streams").span(),
            "a server is asked for 1 to 16 streams at once",
            "",
            "the load generator opens more",
        );
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

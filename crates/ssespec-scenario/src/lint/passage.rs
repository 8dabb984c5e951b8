//! What passes through a proxy: whether the origin plays it, and the check can see it.

use super::Findings;
use crate::place::Place;
use crate::{AskVersion, Case, Passage, PassageCheck, Step};

/// Fields that say what is done to a client, or asked of a server.
const OTHER_FIELDS: [&str; 8] =
    ["open", "stream", "splits", "prompt", "finish", "expect", "outcomes", "endpoint"];

pub(super) fn lint(passage: &Passage, case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    for field in OTHER_FIELDS.map(|name| place.key(name)).iter().filter(|it| it.is_written()) {
        findings.error(
            field.key_span(),
            "the case judges a proxy and somebody else",
            "not said of a proxy",
            "keep `proxy` and `connection`",
        );
    }
    let proxy = place.key("proxy");
    if case.connection.is_empty() {
        findings.error(
            proxy.key_span(),
            "the origin plays nothing",
            "",
            "add `connection = [{ steps = [{ send = 'data: a\\n\\n' }] }]`",
        );
    }
    if passage.ask.second.is_some() && case.connection.len() < 2 {
        findings.error(
            proxy.key("ask").key("second").span(),
            "two clients ask, and the origin has one answer",
            "",
            "add a second connection",
        );
    }
    if passage.ask.chunked && passage.ask.version.is_some() {
        findings.error(
            proxy.key("ask").key("chunked").span(),
            "only HTTP/1.1 has chunks",
            "",
            "leave `version` out, or `chunked`",
        );
    }
    let is_http10 = passage.ask.version == Some(AskVersion::Http10);
    if passage.check == (PassageCheck::NotChunked {}) && !is_http10 {
        findings.error(
            proxy.key("check").span(),
            "only HTTP/1.0 clients know no chunks",
            "",
            "add `version = \"1.0\"` to `ask`",
        );
    }
    for (c, connection) in case.connection.iter().enumerate() {
        let steps = place.key("connection").item(c).key("steps");
        for (s, step) in connection.steps.iter().enumerate() {
            let reports = matches!(
                step,
                Step::Await(_) | Step::Sentinel {} | Step::Gather {} | Step::Client(_)
            );
            if reports {
                findings.error(
                    steps.item(s).span(),
                    format!("`{}` waits for a client that is under test", step.verb()),
                    "",
                    "use `hold`, or `pause`",
                );
            }
        }
        let ends = connection.steps.last().is_none_or(|step| !matches!(step, Step::Hold {}));
        if connection.respond.status == 200 && passage.check.wants_end() == Some(!ends) {
            findings.error(
                steps.span(),
                if ends {
                    "a stream that ends is flushed by its end"
                } else {
                    "the check waits for the end of the stream, which does not come"
                },
                "",
                if ends { "add `{ hold = {} }`" } else { "leave `hold` out" },
            );
        }
    }
}

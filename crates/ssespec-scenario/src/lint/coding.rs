//! Content codings, and what goes with them only.

use super::Findings;
use crate::place::Place;
use crate::{Case, Connection, Framing, Step};

pub(super) fn lint(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    for (c, connection) in case.connection.iter().enumerate() {
        let place = place.key("connection").item(c);
        if connection.respond.coding.is_some() {
            lint_coded(connection, &place, findings);
        } else {
            lint_plain(connection, &place, findings);
        }
    }
}

fn lint_coded(connection: &Connection, place: &Place<'_>, findings: &mut Findings<'_>) {
    let respond = place.key("respond");
    if connection.respond.framing == Framing::Length {
        findings.error(
            respond.key("framing").span(),
            "the length of a coded body is not known beforehand",
            "",
            "leave `framing` out, so that the body is chunked, or write `framing = \"close\"`",
        );
    }
    let cuts = &connection.respond.cuts;
    if cuts.first() == Some(&0) || cuts.windows(2).any(|pair| pair.first() >= pair.last()) {
        findings.error(
            respond.key("cuts").span(),
            "the cuts do not go up",
            "",
            "write offsets from 1 on, each greater than the one before it",
        );
    }
}

fn lint_plain(connection: &Connection, place: &Place<'_>, findings: &mut Findings<'_>) {
    let mend = "add `coding = \"gzip\"`, \"deflate\", \"br\" or \"zstd\" to `respond`";
    if !connection.respond.cuts.is_empty() {
        let field = place.key("respond").key("cuts");
        findings.error(field.key_span(), "`cuts` goes with `coding`", "nothing is coded", mend);
    }
    for (s, step) in connection.steps.iter().enumerate() {
        let step_place = place.key("steps").item(s);
        match step {
            Step::Withhold(_) => findings.error(
                step_place.span(),
                "`withhold` goes with `coding`",
                "without an encoder there is no flush to withhold",
                mend,
            ),
            Step::End { unfinished: true, .. } => findings.error(
                step_place.key("end").key("unfinished").span(),
                "`unfinished` goes with `coding`",
                "nothing is coded",
                mend,
            ),
            _ => {}
        }
    }
}

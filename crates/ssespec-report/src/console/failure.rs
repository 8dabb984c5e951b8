//! The block that explains one failure, so that it can be mended without opening our source.

use super::{
    Style,
    case::{explain, tone, word},
    comparison::push_comparison,
    difference::{push_difference, push_spot},
    style::Tone,
    text::{push_prose, visible},
    timeline::push_timeline,
};
use crate::model::{CaseResult, Verdict};

/// What is indented under a heading.
const INDENT: &str = "  ";

/// Explains one case: what happened, the rule, expected against observed, the first differing
/// byte, the timeline of both directions, and the command that runs it again.
///
/// Ends with a line end. Works for every verdict, though failures need it most.
pub fn failure_block(case: &CaseResult, style: Style) -> String {
    let mut out = String::new();
    let width = style.width();
    let verdict = style.paint(tone(case), &word(case).to_uppercase());
    out.push_str(&format!("{verdict} {}\n", style.paint(Tone::Heading, &visible(&case.id))));
    push_prose(&mut out, INDENT, &case.title, width);

    // What was observed is listed below.
    let (message, help) = match (&case.reason, case.verdict) {
        (None, Verdict::Observed) => (String::new(), String::new()),
        _ => explain(case),
    };
    if !message.is_empty() || !help.is_empty() {
        heading(&mut out, style, "what happened");
        push_prose(&mut out, INDENT, &message, width);
        push_prose(&mut out, "  help: ", &help, width);
    }
    push_conditions(&mut out, case);

    heading(&mut out, style, &format!("rule {} ({})", visible(&case.rule), visible(&case.level)));
    push_prose(&mut out, INDENT, &case.rule_text, width);
    push_prose(&mut out, INDENT, &case.rule_url, width);

    push_comparison(&mut out, case, style);
    if let Some(difference) = case.reason.as_ref().and_then(|r| r.difference.as_ref()) {
        push_difference(&mut out, difference, style);
    }
    if let Some(spot) = case.reason.as_ref().and_then(|r| r.spot.as_ref()) {
        push_spot(&mut out, spot, style);
    }
    if let Some(evidence) = &case.evidence {
        push_timeline(&mut out, &evidence.timeline, style);
    }

    if !case.references.is_empty() {
        heading(&mut out, style, "others met this bug in");
        for reference in &case.references {
            push_prose(&mut out, INDENT, reference, width);
        }
    }
    if !case.reproduce.is_empty() {
        heading(&mut out, style, "run it again");
        // Never wrapped: they are there to be copied.
        if let Some(evidence) = case.evidence.as_ref().filter(|it| !it.request.is_empty()) {
            out.push_str(&format!("{INDENT}{}\n", visible(&evidence.request)));
        }
        out.push_str(&format!("{INDENT}{}\n", visible(&case.reproduce)));
    }
    out
}

/// Starts a section.
pub(super) fn heading(out: &mut String, style: Style, text: &str) {
    out.push('\n');
    out.push_str(&style.paint(Tone::Heading, text));
    out.push('\n');
}

/// Which variant failed, and how often the case was run.
fn push_conditions(out: &mut String, case: &CaseResult) {
    let Some(evidence) = &case.evidence else {
        return;
    };
    let mut parts = Vec::new();
    if !evidence.variant.is_empty() {
        parts.push(format!("variant: {}", visible(&evidence.variant)));
    }
    if evidence.runs > 1 {
        parts.push(format!("run {} times", evidence.runs));
    }
    if !parts.is_empty() {
        out.push_str(&format!("{INDENT}{}\n", parts.join(", ")));
    }
}

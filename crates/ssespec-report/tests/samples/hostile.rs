//! A subject that tries to be more than text.

use ssespec_report::{Difference, Reason, RunResult, Spot};

use super::{error, reason, red};

/// What a subject could say to be more than text: markup, scripts, Markdown, workflow commands,
/// text from right to left, and what steers terminals.
pub(crate) const ATTACK: &str = "</script></style></textarea>--><script>alert(1)</script>\
    <img src=x onerror=alert(1)>\"'`` ` | ]( javascript:alert(1)) @someone #1 **b** \n\r\n\
    ::error::gone\u{1b}[31m\u{202e}\u{2066}\0\u{7}שלום %0A";

/// A red run in which all that can be said from outside is [`ATTACK`].
pub(crate) fn hostile() -> RunResult {
    let attack = || ATTACK.to_owned();
    let mut result = red();
    result.tool.version = attack();
    result.suite = attack();
    result.profile = attack();
    result.started = attack();
    result.errors.push(error(ATTACK, ATTACK, ATTACK));
    let subject = &mut result.subject;
    subject.name = attack();
    subject.version = attack();
    subject.language = attack();
    subject.runtime = attack();
    subject.features = vec![attack()];
    for (number, case) in result.cases.iter_mut().enumerate() {
        let route = attack();
        case.id = format!("{ATTACK}/{number}@{route}");
        case.route = route;
        case.rule = attack();
        case.rule_text = attack();
        case.rule_url = format!("javascript:{ATTACK}");
        case.level = if number == 0 { attack() } else { "must".to_owned() };
        case.title = attack();
        case.reproduce = attack();
        case.references = vec![attack()];
        case.expected = vec![attack()];
        case.observed = vec![attack()];
        case.reason = Some(Reason {
            difference: Some(Difference {
                what: attack(),
                at_byte: 1,
                expected: attack(),
                observed: attack(),
                caret: 3,
            }),
            spot: Some(Spot {
                what: attack(),
                at_byte: 1,
                excerpt: attack(),
                caret: 3,
                note: attack(),
            }),
            ..reason(ATTACK, ATTACK, ATTACK)
        });
        if let Some(evidence) = &mut case.evidence {
            evidence.variant = attack();
            evidence.request = attack();
            for entry in &mut evidence.timeline {
                entry.what = attack();
                entry.bytes = attack();
            }
        }
    }
    result
}

/// A line of Markdown without what stands in it as code.
pub(crate) fn prose(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let fence = from.len() - from.trim_start_matches('`').len();
        let after = &from[fence..];
        // An escaped backtick opens nothing.
        let is_open = !before.ends_with('\\');
        let end = closing(after, fence).filter(|_| is_open);
        rest = end.map_or(after, |end| &after[end..]);
    }
    out + rest
}

/// Where code that this many backticks opened ends.
fn closing(text: &str, fence: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = text[at..].find('`') {
        let start = at + start;
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        at = start + run;
        if run == fence {
            return Some(at);
        }
    }
    None
}

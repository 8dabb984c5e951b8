//! Who a case is: id, former ids, title, and the rule it cites.

use std::collections::BTreeMap;

use super::Findings;
use crate::place::Place;
use crate::suggestion::with_suggestion;
use crate::{Case, Diagnostic, Rule};

pub(super) fn lint(case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
    if !is_case_id(&case.id) {
        findings.error(
            place.key("id").span(),
            format!("`{}` is not a case id", case.id),
            "",
            "write `theme/what-it-is`: lower-case words joined by `-`, at least one `/`",
        );
    }
    lint_title(&case.title, &place.key("title"), findings);
    for (n, alias) in case.aliases.iter().enumerate() {
        if *alias == case.id {
            findings.error(
                place.key("aliases").item(n).span(),
                "the alias is the id itself",
                "",
                "list only ids that the case had before",
            );
        }
    }
    let text = |text: &String| text.clone();
    findings.repeated(&case.aliases, &place.key("aliases"), text);
    findings.repeated(&case.evidence, &place.key("evidence"), text);
    findings.repeated(&case.covers, &place.key("covers"), text);
    findings.repeated(&case.kills, &place.key("kills"), text);
    findings.repeated(&case.needs, &place.key("needs"), |it| it.name().to_owned());
}

pub(super) fn lint_rule(rule: &Rule, place: &Place<'_>, findings: &mut Findings<'_>) {
    let is_word = |part: &str| is_words(part);
    if !rule.id.contains('.') || !rule.id.split('.').all(is_word) {
        findings.error(
            place.key("id").span(),
            format!("`{}` is not a rule id", rule.id),
            "",
            "write `theme.what-it-is`: lower-case words joined by `-`, at least one `.`",
        );
    }
    if rule.text.trim().is_empty() {
        findings.error(
            place.key("text").span(),
            "the rule says nothing",
            "",
            "say what conforming subjects do; each failure shows this text",
        );
    }
}

pub(super) fn lint_rule_reference(
    case: &Case,
    place: &Place<'_>,
    rules: &BTreeMap<String, Rule>,
    findings: &mut Findings<'_>,
) {
    // An empty one stands for a `rule` that is missing, which has been said.
    if rules.contains_key(&case.rule) || !place.key("rule").is_written() {
        return;
    }
    let known: Vec<&str> = rules.keys().map(String::as_str).collect();
    let diagnostic = Diagnostic::error(findings.file, format!("unknown rule `{}`", case.rule))
        .at(place.key("rule").span(), "no such rule in rules.toml");
    let mut diagnostic = with_suggestion(diagnostic, &case.rule, &known);
    if diagnostic.help.is_empty() {
        diagnostic = diagnostic.help("cite a rule of rules.toml, or add it as a `[[rule]]`");
    }
    findings.diagnostics.push(diagnostic);
}

fn lint_title(title: &str, place: &Place<'_>, findings: &mut Findings<'_>) {
    if title.trim().is_empty() {
        findings.error(
            place.span(),
            "the title is empty",
            "",
            "say what a conforming subject does, as a statement",
        );
    } else if title.ends_with('.') {
        findings.error(
            place.span(),
            "the title ends with a full stop",
            "",
            "leave it out: titles stand in lists",
        );
    }
}

fn is_case_id(id: &str) -> bool {
    id.contains('/') && id.split('/').all(is_words)
}

/// Lower-case words and numbers joined by single hyphens.
fn is_words(part: &str) -> bool {
    part.split('-').all(|word| {
        let mut bytes = word.bytes();
        !word.is_empty() && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

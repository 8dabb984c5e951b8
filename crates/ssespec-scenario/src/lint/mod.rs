//! What a well-formed scenario can still get wrong: slips that would make a case prove nothing,
//! or something else than it says.

mod block;
mod coding;
mod dependency;
mod endpoint;
mod exchange;
mod header;
mod identity;
mod passage;
mod report;
mod route;
mod shape;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::load::{Loaded, LoadedCase, LoadedRule};
use crate::place::Place;
use crate::{Case, Diagnostic, Rule};

/// Checks the cases of all files together against the rules.
pub(crate) fn lint(
    files: &[(String, Loaded<'_>)],
    rules: &BTreeMap<String, Rule>,
) -> Vec<Diagnostic> {
    let dependencies = dependency::Dependencies::of(files);
    let mut diagnostics = Vec::new();
    let mut case_ids = Taken::default();
    let mut rule_ids = Taken::default();
    for (file, loaded) in files {
        let mut findings = Findings::of(file);
        for LoadedRule { rule, is_whole, table } in &loaded.rules {
            let id = Place::of(table).key("id");
            rule_ids.claim(&rule.id, id.span(), &mut findings);
            if *is_whole {
                identity::lint_rule(rule, &Place::of(table), &mut findings);
            }
        }
        for LoadedCase { case, is_whole, table } in &loaded.cases {
            let place = Place::of(table);
            claim_ids(case, &place, &mut case_ids, &mut findings);
            identity::lint_rule_reference(case, &place, rules, &mut findings);
            if *is_whole {
                lint_case(case, &place, rules, &mut findings);
                dependencies.lint(case, &place, &mut findings);
            }
        }
        diagnostics.append(&mut findings.diagnostics);
    }
    diagnostics
}

fn lint_case(
    case: &Case,
    place: &Place<'_>,
    rules: &BTreeMap<String, Rule>,
    findings: &mut Findings<'_>,
) {
    identity::lint(case, place, findings);
    if let Some(it) = &case.endpoint {
        endpoint::lint(it, case, place, findings);
        return;
    }
    if let Some(it) = &case.proxy {
        passage::lint(it, case, place, findings);
        exchange::lint(case, place, findings);
        coding::lint(case, place, findings);
        header::lint(case, place, findings);
        return;
    }
    shape::lint(case, place, findings);
    report::lint(case, place, rules.get(&case.rule), findings);
    route::lint(case, place, findings);
    exchange::lint(case, place, findings);
    coding::lint(case, place, findings);
    header::lint(case, place, findings);
}

fn claim_ids(case: &Case, place: &Place<'_>, taken: &mut Taken, findings: &mut Findings<'_>) {
    taken.claim(&case.id, place.key("id").span(), findings);
    for (n, alias) in case.aliases.iter().enumerate() {
        // An alias that equals the id of its own case is said in other words.
        if *alias != case.id {
            taken.claim(alias, place.key("aliases").item(n).span(), findings);
        }
    }
}

/// The ids that are in use, and where.
#[derive(Debug, Default)]
struct Taken(BTreeMap<String, (String, Range<usize>)>);

impl Taken {
    fn claim(&mut self, id: &str, span: Range<usize>, findings: &mut Findings<'_>) {
        if id.is_empty() {
            return;
        }
        if let Some((file, first)) = self.0.get(id) {
            findings.diagnostics.push(
                Diagnostic::error(findings.file, format!("the id `{id}` is taken"))
                    .at(span, "used a second time")
                    .related(file, first.clone(), "first used here")
                    .help("an id names one thing for good; say in words what is different here"),
            );
        } else {
            let place = (findings.file.to_owned(), span);
            self.0.insert(id.to_owned(), place);
        }
    }
}

/// The findings in one file.
#[derive(Debug)]
struct Findings<'f> {
    file: &'f str,
    diagnostics: Vec<Diagnostic>,
}

impl<'f> Findings<'f> {
    fn of(file: &'f str) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    /// An error: what is wrong, what stands under the caret, and how to mend it.
    fn error(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::error(self.file, message);
        self.diagnostics.push(diagnostic.at(span, label).help(help));
    }

    /// A warning: the file is used all the same.
    fn warning(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::warning(self.file, message);
        self.diagnostics.push(diagnostic.at(span, label).help(help));
    }

    /// Entries of a list that say nothing new.
    fn repeated<T: PartialEq>(
        &mut self,
        items: &[T],
        list: &Place<'_>,
        name: impl Fn(&T) -> String,
    ) {
        for (n, item) in items.iter().enumerate() {
            if items.iter().take(n).any(|earlier| earlier == item) {
                self.error(
                    list.item(n).span(),
                    format!("`{}` is listed twice", name(item)),
                    "",
                    "leave one of the two out",
                );
            }
        }
    }
}

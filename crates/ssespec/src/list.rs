//! `ssespec list`: the cases, or the rules.

use serde_json::json;
use ssespec_report::outcome::ExitCode;
use ssespec_scenario::{Catalogue, Route};

use crate::cli::{FormatArg, ListArgs};
use crate::error::CliError;
use crate::{output, scenarios, test};

pub(crate) fn run(args: &ListArgs) -> Result<ExitCode, CliError> {
    let catalogue = scenarios::load(args.scenarios.as_deref())?;
    let text = match (args.rules, args.format) {
        (true, FormatArg::Human) => rules(&catalogue),
        (true, FormatArg::Json) => json_lines(catalogue.rules()),
        (false, format) => cases(&catalogue, args, format)?,
    };
    output::print(&text)?;
    Ok(ExitCode::Ok)
}

fn rules(catalogue: &Catalogue) -> String {
    let width = catalogue.rules().map(|rule| rule.id.len()).max().unwrap_or_default();
    let line = |rule: &ssespec_scenario::Rule| {
        format!("{:width$}  {:6}  {}\n", rule.id, rule.level.name(), rule.text)
    };
    catalogue.rules().map(line).collect()
}

fn json_lines<T: serde::Serialize>(items: impl Iterator<Item = T>) -> String {
    let mut text = String::new();
    for item in items {
        text.push_str(&format!("{}\n", json!(item)));
    }
    text
}

fn cases(catalogue: &Catalogue, args: &ListArgs, format: FormatArg) -> Result<String, CliError> {
    let selection = test::selection(&args.patterns, &[], catalogue)?;
    let selected: Vec<_> = catalogue
        .cases()
        .iter()
        .filter(|case| case.routes().into_iter().any(|route| selection.selects(&case.id, route)))
        .collect();
    if format == FormatArg::Json {
        return Ok(json_lines(selected.iter().map(|case| {
            let routes: Vec<&str> = case.routes().into_iter().map(Route::name).collect();
            json!({
                "id": case.id, "role": case.role().name(), "rule": case.rule,
                "title": case.title, "routes": routes,
            })
        })));
    }
    let id = selected.iter().map(|case| case.id.len()).max().unwrap_or_default();
    let rule = selected.iter().map(|case| case.rule.len()).max().unwrap_or_default();
    let mut text = String::new();
    for case in selected {
        let judged = case.role().name();
        text.push_str(&format!("{:id$}  {judged}  {:rule$}  {}\n", case.id, case.rule, case.title));
    }
    Ok(text)
}

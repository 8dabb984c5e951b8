//! `ssespec explain`: all about one case, or one rule.

use ssespec_report::outcome::ExitCode;
use ssespec_scenario::{Catalogue, Rule, suggest};

use crate::cli::ExplainArgs;
use crate::error::CliError;
use crate::{output, scenarios};

pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, CliError> {
    let catalogue = scenarios::load(args.scenarios.as_deref())?;
    let id = args.id.split('@').next().unwrap_or(&args.id);
    let text = match (catalogue.case(id), catalogue.rule(id)) {
        (Some(case), _) => {
            let rule = catalogue
                .rule(&case.rule)
                .ok_or_else(|| CliError::Bug(format!("`{id}` cites an unknown rule")))?;
            ssespec_scenario::explain(case, rule)
        }
        (None, Some(rule)) => explain_rule(&catalogue, rule),
        (None, None) => return Err(unknown(&catalogue, id)),
    };
    output::print(&text)?;
    Ok(ExitCode::Ok)
}

fn explain_rule(catalogue: &Catalogue, rule: &Rule) -> String {
    let mut text =
        format!("{}  {}\n{}\n{}\n\ncases:\n", rule.id, rule.level.name(), rule.text, rule.url());
    for case in catalogue.cases().iter().filter(|case| case.rule == rule.id) {
        text.push_str(&format!("  {}  {}\n", case.id, case.title));
    }
    text
}

fn unknown(catalogue: &Catalogue, id: &str) -> CliError {
    let mut known: Vec<&str> = catalogue.cases().iter().map(|case| case.id.as_str()).collect();
    known.extend(catalogue.rules().map(|rule| rule.id.as_str()));
    CliError::Usage {
        message: format!("`{id}` is neither a case nor a rule"),
        help: match suggest(id, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`ssespec list` shows all cases, `ssespec list --rules` all rules".to_owned(),
        },
    }
}

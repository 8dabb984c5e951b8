//! Annotations of GitHub Actions: lines that its runner takes out of a log and shows beside the
//! change.

use crate::console::{clip_middle, short_reason, visible};
use crate::model::{CaseResult, RunResult, Status};
use crate::outcome::{FailOn, Standing};

/// How many of a kind GitHub shows of one step.
const SHOWN: usize = 10;
/// Characters of one message; GitHub cuts off what is much longer.
const MESSAGE: usize = 1_000;

/// The annotations of a run, one a line: an error for each case that fails the run, a warning for
/// each that breaks a SHOULD. Empty where all is well.
///
/// GitHub shows ten of each kind; where there are more, the tenth says how many. What a subject
/// said cannot begin a line, and so cannot be a command to the runner.
pub fn github_annotations(result: &RunResult, fail_on: FailOn) -> String {
    let mut errors: Vec<(String, String)> = Vec::new();
    let mut warnings = Vec::new();
    if result.interrupted {
        errors.push((
            "ssespec: interrupted".to_owned(),
            "The run was interrupted; the cases that had not run are missing.".to_owned(),
        ));
    }
    for error in &result.errors {
        let help = if error.help.is_empty() { "" } else { "\nhelp: " };
        errors.push((
            format!("ssespec: {}", error.kind),
            format!("{}{help}{}", error.message, error.help),
        ));
    }
    for case in &result.cases {
        match Standing::of(case, fail_on) {
            Standing::Failed | Standing::Errored | Standing::Untrusted => errors.push(told(case)),
            Standing::Warned => warnings.push(told(case)),
            Standing::Good | Standing::Known | Standing::Skipped => {}
        }
    }
    lines("error", errors) + &lines("warning", warnings)
}

/// The title and the message of a case.
fn told(case: &CaseResult) -> (String, String) {
    let word = match case.status {
        Some(Status::Flaky) => "flaky",
        Some(Status::UnexpectedPass) => "unexpected pass",
        _ => case.verdict.name(),
    };
    let mut message =
        format!("{}\n{} ({}): {}", short_reason(case), case.rule, case.level, case.title);
    if let Some(difference) = case.reason.as_ref().and_then(|reason| reason.difference.as_ref()) {
        message.push_str(&format!(
            "\n{}, byte {}: `{}` expected, `{}` observed",
            difference.what, difference.at_byte, difference.expected, difference.observed
        ));
    }
    if !case.reproduce.is_empty() {
        message.push_str(&format!("\n{}", case.reproduce));
    }
    (format!("{} ({word})", case.id), message)
}

fn lines(command: &str, mut told: Vec<(String, String)>) -> String {
    if told.len() > SHOWN {
        let more = told.len() - (SHOWN - 1);
        told.truncate(SHOWN - 1);
        told.push((
            format!("ssespec: {more} more"),
            "The log of this step has them, and the JSON report has them all.".to_owned(),
        ));
    }
    let line = |(title, message): (String, String)| {
        let title = clip_middle(&title, 200);
        let message = clip_middle(&message, MESSAGE);
        format!("::{command} title={}::{}\n", property(&title), data(&message))
    };
    told.into_iter().map(line).collect()
}

/// Escapes a message as the runner reads it.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(visible).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same for a property, which a colon or a comma would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_runner_would_obey_is_escaped() {
        assert_eq!(data("100%\n::error::x\u{1b}"), r"100%25%0A::error::x\u{1b}");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }

    #[test]
    fn the_tenth_says_how_many_more_there_are() {
        let told = |count| (0..count).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(lines("error", told(10)).lines().count(), 10);
        let many = lines("error", told(30));
        assert_eq!(many.lines().count(), 10);
        assert!(many.lines().last().is_some_and(|line| line.contains("21 more")), "{many}");
    }
}

//! One line for each finished case, and the reason of a verdict in a line.

use super::{
    Style,
    style::Tone,
    text::{clip, clip_middle, columns, pad, visible},
};
use crate::model::{CaseResult, Status, Verdict};

/// The width of the longest word, `unexpected-pass`.
const WORD_COLUMNS: usize = 15;

/// One line for a finished case, without a line end: the verdict, the id, and why.
///
/// The word is the status (`flaky`, `known-failure`, `unexpected-pass`) where there is one, else
/// the verdict as in the JSON result.
pub fn case_line(case: &CaseResult, style: Style) -> String {
    let id = visible(&case.id);
    let word = word(case);
    let reason = short_reason(case);
    let reason = if reason.is_empty() { reason } else { format!("  {reason}") };
    let room = style.width().saturating_sub(WORD_COLUMNS + 1 + columns(&id)).max(24);
    let line = format!(
        "{} {id}{}",
        style.paint(tone(case), &pad(word, WORD_COLUMNS)),
        style.paint(Tone::Quiet, &clip(&reason, room))
    );
    line.trim_end().to_owned()
}

/// Why a verdict is what it is, on one line; empty for a plain `pass`.
pub(crate) fn short_reason(case: &CaseResult) -> String {
    let (message, _) = explain(case);
    one_line(&message)
}

/// The first line of a message.
pub(super) fn one_line(message: &str) -> String {
    visible(&clip_middle(message.lines().next().unwrap_or_default().trim(), 400))
}

/// Why a verdict is what it is, and what to try.
pub(super) fn explain(case: &CaseResult) -> (String, String) {
    if case.status == Some(Status::UnexpectedPass) {
        return (
            "it passes, but the known-failures file lists it".to_owned(),
            "delete its entry from the known-failures file".to_owned(),
        );
    }
    let (mut message, help) = match &case.reason {
        Some(reason) => (reason.message.clone(), reason.help.clone()),
        None => match case.verdict {
            Verdict::Pass => (String::new(), String::new()),
            Verdict::Observed => (case.observed.join("; "), String::new()),
            _ => ("no reason was recorded".to_owned(), String::new()),
        },
    };
    if case.status == Some(Status::Flaky) {
        let again = "it failed once and passed when run again";
        message =
            if message.is_empty() { again.to_owned() } else { format!("{message} ({again})") };
    }
    (message, help)
}

/// The word for a verdict and what modifies it.
pub(super) fn word(case: &CaseResult) -> &'static str {
    match case.status {
        Some(Status::KnownFailure) => "known-failure",
        Some(Status::UnexpectedPass) => "unexpected-pass",
        Some(Status::Flaky) => "flaky",
        None => case.verdict.name(),
    }
}

pub(super) fn tone(case: &CaseResult) -> Tone {
    match (case.verdict, case.status) {
        (_, Some(Status::KnownFailure)) => Tone::Quiet,
        (_, Some(Status::UnexpectedPass | Status::Flaky)) | (Verdict::Fail | Verdict::Error, _) => {
            Tone::Bad
        }
        (Verdict::Warn | Verdict::Inconclusive, _) => Tone::Alert,
        (Verdict::Pass | Verdict::Observed, _) => Tone::Good,
        (Verdict::NotApplicable | Verdict::Blocked, _) => Tone::Quiet,
    }
}

//! The summary of a run.

use std::collections::BTreeMap;

use super::{
    Style,
    case::{one_line, short_reason},
    style::Tone,
    text::{clip, columns, pad, push_prose, visible, wrap},
};
use crate::{
    model::{CaseResult, Reason, RunResult, Status, Subject, Summary, Verdict},
    outcome::{ExitCode, FailOn, run_outcome},
};

/// Cases listed in one section.
const LISTED: usize = 50;
/// Reasons that are given in full where nothing was judged.
const REASONS: usize = 5;
/// What a reason takes where it does not fit behind its id.
const REASON_LINES: usize = 2;

/// What the run came to: who was judged, the cases to look at with their reasons, the totals, and
/// the exit code with what decided it.
///
/// `n/a` and `blocked` cases are grouped by what their reasons name in backticks: the missing
/// feature, the case that failed. The totals come last, since the end of a log is what is seen
/// first. Ends with a line end.
pub fn summary(result: &RunResult, fail_on: FailOn, style: Style) -> String {
    let mut out = String::new();
    push_head(&mut out, result, style);
    for section in SECTIONS {
        let cases: Vec<_> = result.cases.iter().filter(|case| section.holds(case)).collect();
        push_section(&mut out, section, &cases, fail_on, style);
    }
    push_unjudged(&mut out, result, style);
    push_errors(&mut out, result, style);
    push_totals(&mut out, result, style);
    push_outcome(&mut out, result, fail_on, style);
    out
}

/// One list of cases that someone should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Failed,
    Flaky,
    UnexpectedPass,
    Errored,
    Inconclusive,
    Warned,
}

const SECTIONS: [Section; 6] = [
    Section::Failed,
    Section::Flaky,
    Section::UnexpectedPass,
    Section::Errored,
    Section::Inconclusive,
    Section::Warned,
];

impl Section {
    fn holds(self, case: &CaseResult) -> bool {
        let own = match (case.verdict, case.status) {
            (Verdict::Error, _) => Some(Self::Errored),
            (Verdict::Inconclusive, _) => Some(Self::Inconclusive),
            (_, Some(Status::Flaky)) => Some(Self::Flaky),
            (_, Some(Status::UnexpectedPass)) => Some(Self::UnexpectedPass),
            (Verdict::Fail, None) => Some(Self::Failed),
            (Verdict::Warn, None) => Some(Self::Warned),
            _ => None,
        };
        own == Some(self)
    }

    fn title(self, fail_on: FailOn) -> (&'static str, Tone) {
        match self {
            Self::Failed => ("failed", Tone::Bad),
            Self::Flaky => ("flaky: failed once, passed when run again", Tone::Bad),
            Self::UnexpectedPass => {
                ("passed, but listed as known failures: delete the entries", Tone::Bad)
            }
            Self::Errored => ("in error: the adapter or the set-up failed", Tone::Bad),
            Self::Inconclusive => ("inconclusive: the harness was too slow to judge", Tone::Alert),
            Self::Warned if fail_on == FailOn::Should => {
                ("broke a SHOULD, failing with --fail-on should", Tone::Bad)
            }
            Self::Warned => ("broke a SHOULD", Tone::Alert),
        }
    }
}

fn push_head(out: &mut String, result: &RunResult, style: Style) {
    let tool = format!("{} {}", visible(&result.tool.name), visible(&result.tool.version));
    let judged = format!("{}, profile {}", visible(&result.suite), visible(&result.profile));
    let subject = style.paint(Tone::Heading, &name_subject(&result.subject));
    out.push_str(&format!("{subject}\n{tool}, {judged}, {}\n", duration(result.duration_ms)));
    if result.interrupted {
        let rule = "!".repeat(style.width().min(72));
        let text = "INTERRUPTED: the cases that had not run are missing from this report";
        out.push_str(&style.paint(Tone::Bad, &format!("{rule}\n{text}\n{rule}")));
        out.push('\n');
    }
}

pub(super) fn name_subject(subject: &Subject) -> String {
    let name = match (subject.name.as_str(), subject.version.as_str()) {
        ("", _) => format!("unnamed {}", subject.role),
        (name, "") => name.to_owned(),
        (name, version) => format!("{name} {version}"),
    };
    let parts = [name.as_str(), &subject.language, &subject.runtime];
    let named: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    visible(&named.join(", "))
}

/// Lists cases with their reasons; routes of one case that share the reason share the line.
fn push_section(
    out: &mut String,
    section: Section,
    cases: &[&CaseResult],
    fail_on: FailOn,
    style: Style,
) {
    if cases.is_empty() {
        return;
    }
    let (title, tone) = section.title(fail_on);
    out.push_str(&format!("\n{}\n", style.paint(tone, &format!("{} {title}", cases.len()))));
    let mut lines: Vec<Line> = Vec::new();
    for case in cases {
        let line = Line::of(case, section);
        match lines.iter_mut().find(|l| l.base == line.base && l.reason == line.reason) {
            Some(same) => same.routes.extend(line.routes),
            None => lines.push(line),
        }
    }
    let hidden = lines.len().saturating_sub(LISTED);
    let ids: Vec<String> = lines.iter().take(LISTED).map(Line::id).collect();
    let id_columns = ids.iter().map(|id| columns(id)).max().unwrap_or(0);
    // Columns only where nothing has to be cut off for them.
    let room = style.width().saturating_sub(id_columns + 4);
    let aligned = lines.iter().take(LISTED).all(|line| columns(&line.reason) <= room);
    for (id, line) in ids.iter().zip(&lines) {
        if aligned {
            out.push_str(format!("  {}  {}", pad(id, id_columns), line.reason).trim_end());
            out.push('\n');
        } else {
            out.push_str(&format!("  {id}\n"));
            for reason in reason_lines(&line.reason, style.width().saturating_sub(6)) {
                out.push_str(&format!("      {}\n", style.paint(Tone::Quiet, &reason)));
            }
        }
    }
    if hidden > 0 {
        out.push_str(&format!("  … and {hidden} more; the JSON report has them all\n"));
    }
}

/// A reason in at most [`REASON_LINES`] lines.
fn reason_lines(reason: &str, width: usize) -> Vec<String> {
    let mut lines = wrap(reason, width);
    if lines.len() > REASON_LINES {
        lines.truncate(REASON_LINES);
        if let Some(last) = lines.last_mut() {
            *last = format!("{} …", clip(last, width.saturating_sub(2)));
        }
    }
    lines
}

/// One line of a section.
struct Line {
    base: String,
    routes: Vec<String>,
    reason: String,
}

impl Line {
    fn of(case: &CaseResult, section: Section) -> Self {
        let reason = match (section, &case.reason) {
            // The title says all of it.
            (Section::UnexpectedPass, _) | (Section::Flaky, None) => String::new(),
            (Section::Flaky, Some(reason)) => one_line(&reason.message),
            _ => short_reason(case),
        };
        let (base, routes) = match case.id.rsplit_once('@') {
            Some((base, route)) => (visible(base), vec![visible(route)]),
            None => (visible(&case.id), Vec::new()),
        };
        Self { base, routes, reason }
    }

    /// The id, or a glob for several routes that `--run` takes as it is.
    fn id(&self) -> String {
        match self.routes.as_slice() {
            [] => self.base.clone(),
            [route] => format!("{}@{route}", self.base),
            routes => format!("{}@{{{}}}", self.base, routes.join(",")),
        }
    }
}

/// What was not judged, and why: features that are not claimed, cases that others block, known
/// failures.
fn push_unjudged(out: &mut String, result: &RunResult, style: Style) {
    let with = |verdict: Verdict| result.cases.iter().filter(move |case| case.verdict == verdict);
    let mut parts = Vec::new();

    for (verdict, title) in [(Verdict::NotApplicable, "n/a"), (Verdict::Blocked, "blocked")] {
        let mut causes: BTreeMap<String, usize> = BTreeMap::new();
        for case in with(verdict) {
            *causes.entry(cause(case)).or_default() += 1;
        }
        let mut groups: Vec<_> = causes.iter().collect();
        groups.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let list: Vec<_> = groups.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if !list.is_empty() {
            parts.push(format!("{title} {}: {}", causes.values().sum::<usize>(), list.join(", ")));
        }
    }
    let known = Summary::of(&result.cases).known_failure;
    if known > 0 {
        parts.push(format!("known failures {known}: listed in the known-failures file"));
    }
    if !parts.is_empty() {
        out.push('\n');
    }
    for part in parts {
        push_prose(out, "", &part, style.width());
    }
    let scored = [Verdict::Pass, Verdict::Fail, Verdict::Warn];
    if !result.cases.iter().any(|case| scored.contains(&case.verdict)) {
        push_reasons(out, result, style);
    }
}

/// Why nothing was judged at all, in full: it is what the reader has to mend.
fn push_reasons(out: &mut String, result: &RunResult, style: Style) {
    let mut reasons: Vec<&Reason> = Vec::new();
    for reason in result.cases.iter().filter_map(|case| case.reason.as_ref()) {
        if reasons.len() < REASONS && !reasons.iter().any(|it| it.message == reason.message) {
            reasons.push(reason);
        }
    }
    for reason in reasons {
        push_prose(out, "  ", &reason.message, style.width());
        if !reason.help.is_empty() {
            push_prose(out, "  help: ", &reason.help, style.width());
        }
    }
}

/// The feature or the case that the reason names in backticks, else the whole reason.
fn cause(case: &CaseResult) -> String {
    let reason = short_reason(case);
    let named: Vec<_> = reason.split('`').skip(1).step_by(2).collect();
    if named.is_empty() { clip(&reason, 40) } else { named.join("+") }
}

fn push_errors(out: &mut String, result: &RunResult, style: Style) {
    for error in &result.errors {
        out.push('\n');
        let kind = format!("error ({}): ", visible(&error.kind));
        let mut text = String::new();
        push_prose(&mut text, &" ".repeat(columns(&kind)), &error.message, style.width());
        out.push_str(&style.paint(Tone::Bad, &kind));
        out.push_str(text.trim_start());
        if text.is_empty() {
            out.push('\n');
        }
        push_prose(out, "  help: ", &error.help, style.width());
    }
}

fn push_totals(out: &mut String, result: &RunResult, style: Style) {
    let counts = Summary::of(&result.cases);
    let mut parts = Vec::new();
    for (verdict, count) in counts.by_verdict() {
        // That nothing passed or failed is worth saying; the others are noise at zero.
        if count > 0 || matches!(verdict, Verdict::Pass | Verdict::Fail) {
            let tone = match verdict {
                _ if count == 0 => Tone::Quiet,
                Verdict::Pass => Tone::Good,
                Verdict::Fail | Verdict::Error => Tone::Bad,
                Verdict::Warn | Verdict::Inconclusive => Tone::Alert,
                _ => Tone::Quiet,
            };
            parts.push(style.paint(tone, &format!("{count} {}", verdict.name())));
        }
    }
    out.push_str(&format!("\n{}\n", parts.join(", ")));
    let among = [
        (counts.known_failure, "known failure", "known failures"),
        (counts.unexpected_pass, "unexpected pass", "unexpected passes"),
        (counts.flaky, "flaky", "flaky"),
    ];
    let among: Vec<_> = among
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    if !among.is_empty() {
        out.push_str(&format!("among them {}\n", among.join(", ")));
    }
}

fn push_outcome(out: &mut String, result: &RunResult, fail_on: FailOn, style: Style) {
    let outcome = run_outcome(result, fail_on);
    let reasons: Vec<_> = outcome.reasons.iter().map(|reason| reason.message.as_str()).collect();
    let (tone, verdict) = match outcome.exit_code {
        ExitCode::Ok => (Tone::Good, "PASSED"),
        ExitCode::Failed => (Tone::Bad, "FAILED"),
        ExitCode::Interrupted => (Tone::Bad, "INTERRUPTED"),
        _ => (Tone::Bad, "NOT PASSED"),
    };
    let why = if reasons.is_empty() {
        "all scored cases passed".to_owned()
    } else {
        clip(&visible(&reasons.join("; ")), 400)
    };
    let first = format!("{verdict} (exit code {}): ", outcome.exit_code.code());
    let mut text = String::new();
    push_prose(&mut text, &" ".repeat(columns(&first)), &why, style.width());
    out.push_str(&style.paint(tone, &first));
    out.push_str(text.trim_start());
}

/// A duration as people say it.
fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

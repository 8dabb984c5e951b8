//! What changed between two runs, for people.

use super::{
    Style,
    case::short_reason,
    style::Tone,
    summary::name_subject,
    text::{clip, columns, push_prose, visible},
};
use crate::diff::{Change, ChangeKind, Diff};
use crate::outcome::ExitCode;
use crate::route;

/// Cases listed of one kind.
const LISTED: usize = 50;

/// What changed between two runs: the worst first, the conclusion and the exit code last. Ends with
/// a line end.
pub fn diff_summary(diff: &Diff<'_>, style: Style) -> String {
    let (old, new) = (name_subject(&diff.old.subject), name_subject(&diff.new.subject));
    let mut out = if old == new { new } else { format!("{old}\nnow {new}") };
    out = style.paint(Tone::Heading, &out);
    out.push('\n');
    for condition in diff.conditions() {
        push_prose(&mut out, "  ", &condition, style.width());
    }
    for kind in ChangeKind::ALL {
        let changes: Vec<&Change<'_>> = diff.of(kind).collect();
        push_changes(&mut out, kind, &changes, style);
    }
    let code = diff.exit_code();
    let (tone, word) = match code {
        ExitCode::Ok => (Tone::Good, "NO REGRESSION"),
        ExitCode::Failed => (Tone::Bad, "REGRESSED"),
        ExitCode::Empty => (Tone::Bad, "NOTHING COMPARED"),
        _ => (Tone::Alert, "NOT TO BE TRUSTED"),
    };
    let same =
        diff.common - diff.changes.iter().filter(|it| it.old.is_some() && it.new.is_some()).count();
    out.push_str(&format!("\n{same} of {} common cases are as before\n", diff.common));
    let first = format!("{word} (exit code {}): ", code.code());
    out.push_str(&format!("{}{}\n", style.paint(tone, &first), diff.conclusion()));
    out
}

fn push_changes(out: &mut String, kind: ChangeKind, changes: &[&Change<'_>], style: Style) {
    if changes.is_empty() {
        return;
    }
    let tone = match kind {
        ChangeKind::Regressed | ChangeKind::Vanished | ChangeKind::Failing => Tone::Bad,
        ChangeKind::Lost | ChangeKind::Warned => Tone::Alert,
        ChangeKind::Fixed | ChangeKind::Passing => Tone::Good,
        ChangeKind::Changed | ChangeKind::Removed => Tone::Quiet,
    };
    let heading = format!("{} {}", changes.len(), kind.title());
    out.push_str(&format!("\n{}\n", style.paint(tone, &heading)));
    let cases = changes.iter().filter_map(|it| Some((it.new.or(it.old)?, it.words())));
    let folded = route::fold(cases, |case, words| (words.clone(), short_reason(case)));
    for (id, case, words) in folded.iter().take(LISTED) {
        let line = format!("  {}  {words}", visible(id));
        out.push_str(&line);
        let gone = matches!(kind, ChangeKind::Vanished | ChangeKind::Removed);
        let reason = if gone { String::new() } else { short_reason(case) };
        if !reason.is_empty() {
            let room = style.width().saturating_sub(columns(&line) + 2);
            if columns(&reason) <= room {
                out.push_str(&format!("  {}", style.paint(Tone::Quiet, &reason)));
            } else {
                let reason = clip(&reason, style.width().saturating_sub(6));
                out.push_str(&format!("\n      {}", style.paint(Tone::Quiet, &reason)));
            }
        }
        out.push('\n');
    }
    if folded.len() > LISTED {
        out.push_str(&format!("  … and {} more\n", folded.len() - LISTED));
    }
}

//! What changed between two runs, for the page of a pull request.

use super::run::name;
use super::text::{code, plain};
use crate::console::short_reason;
use crate::diff::{Change, ChangeKind, Diff};
use crate::outcome::ExitCode;
use crate::route;

/// How many cases are listed of one kind.
const LISTED: usize = 30;

/// What changed between two runs, as tables.
pub fn diff_to_markdown(diff: &Diff<'_>) -> String {
    let (old, new) = (name(&diff.old.subject), name(&diff.new.subject));
    let word = match diff.exit_code() {
        ExitCode::Ok => "no regression",
        ExitCode::Failed => "regressed",
        ExitCode::Empty => "nothing to compare",
        _ => "not to be trusted",
    };
    let who = if old == new { new } else { format!("{old}, now {new}") };
    let mut out = format!(
        "## {who}: {word}\n\n{} (exit code {}); {} cases in common.\n\n",
        plain(&diff.conclusion()),
        diff.exit_code().code(),
        diff.common
    );
    for condition in diff.conditions() {
        out.push_str(&format!("> {}\n\n", plain(&condition)));
    }
    for kind in ChangeKind::ALL {
        let changes: Vec<&Change<'_>> = diff.of(kind).collect();
        push_changes(&mut out, kind, &changes);
    }
    out
}

fn push_changes(out: &mut String, kind: ChangeKind, changes: &[&Change<'_>]) {
    if changes.is_empty() {
        return;
    }
    let cases = changes.iter().filter_map(|it| Some((it.new.or(it.old)?, it.words())));
    let folded = route::fold(cases, |case, words| (words.clone(), short_reason(case)));
    out.push_str(&format!("### {} {}\n\n", changes.len(), kind.title()));
    out.push_str("| case | | rule | now |\n|---|---|---|---|\n");
    for (id, case, words) in folded.iter().take(LISTED) {
        let gone = matches!(kind, ChangeKind::Vanished | ChangeKind::Removed);
        let reason = if gone { String::new() } else { plain(&short_reason(case)) };
        out.push_str(&format!("| {} | {words} | {} | {reason} |\n", code(id), code(&case.rule)));
    }
    if folded.len() > LISTED {
        out.push_str(&format!("\n… and {} more\n", folded.len() - LISTED));
    }
    out.push('\n');
}

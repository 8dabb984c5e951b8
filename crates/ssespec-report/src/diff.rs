//! What changed between two runs.

use std::collections::BTreeMap;

use crate::model::{CaseResult, RunResult, Status, Verdict};
use crate::outcome::{ExitCode, FailOn};

/// The changes from one run to another.
#[derive(Debug, Clone)]
pub struct Diff<'r> {
    /// The run before.
    pub old: &'r RunResult,
    /// The run after.
    pub new: &'r RunResult,
    /// What is not as it was, the worst first, then in the order of the runs.
    pub changes: Vec<Change<'r>>,
    /// How many cases both runs hold, route by route.
    pub common: usize,
}

/// One case that is not as it was.
#[derive(Debug, Clone, Copy)]
pub struct Change<'r> {
    /// What that means.
    pub kind: ChangeKind,
    /// The case before, if it was there.
    pub old: Option<&'r CaseResult>,
    /// The case after, if it is there.
    pub new: Option<&'r CaseResult>,
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// It passed, and now it fails, is flaky, in error, `n/a` or blocked; or it was a warning and
    /// now fails.
    Regressed,
    /// It was judged, and now the run does not hold it.
    Vanished,
    /// It was judged, and now it is inconclusive.
    Lost,
    /// It fails, and was not judged before.
    Failing,
    /// It breaks a SHOULD, and did not before.
    Warned,
    /// It failed or was a warning, and now it passes or is a warning.
    Fixed,
    /// It passes, and was not judged before.
    Passing,
    /// It changed in a way that is neither better nor worse.
    Changed,
    /// It was not judged, and now the run does not hold it.
    Removed,
}

impl ChangeKind {
    /// All kinds, the worst first.
    pub const ALL: [Self; 9] = [
        Self::Regressed,
        Self::Vanished,
        Self::Lost,
        Self::Failing,
        Self::Warned,
        Self::Fixed,
        Self::Passing,
        Self::Changed,
        Self::Removed,
    ];

    /// What it is called, for one or for several.
    pub fn title(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Vanished => "gone, though judged before",
            Self::Lost => "lost: now inconclusive",
            Self::Failing => "failing, not judged before",
            Self::Warned => "now breaking a SHOULD",
            Self::Fixed => "fixed",
            Self::Passing => "passing, not judged before",
            Self::Changed => "changed otherwise",
            Self::Removed => "gone, never judged",
        }
    }

    /// The exit code that it alone would give.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Regressed | Self::Vanished => ExitCode::Failed,
            Self::Lost => ExitCode::Untrusted,
            _ => ExitCode::Ok,
        }
    }
}

impl<'r> Diff<'r> {
    /// Compares two runs, case by case and route by route. With [`FailOn::Should`] a case that
    /// passed and now breaks a SHOULD has regressed.
    pub fn new(old: &'r RunResult, new: &'r RunResult, fail_on: FailOn) -> Self {
        let before: BTreeMap<&str, &CaseResult> =
            old.cases.iter().map(|case| (case.id.as_str(), case)).collect();
        let after: BTreeMap<&str, &CaseResult> =
            new.cases.iter().map(|case| (case.id.as_str(), case)).collect();
        let mut changes = Vec::new();
        for case in &new.cases {
            let was = before.get(case.id.as_str()).copied();
            if let Some(kind) = classify(was, case, fail_on) {
                changes.push(Change { kind, old: was, new: Some(case) });
            }
        }
        for case in old.cases.iter().filter(|case| !after.contains_key(case.id.as_str())) {
            let is_judged = case.verdict.is_scored();
            let kind = if is_judged { ChangeKind::Vanished } else { ChangeKind::Removed };
            changes.push(Change { kind, old: Some(case), new: None });
        }
        changes.sort_by_key(|change| change.kind);
        let common = before.keys().filter(|id| after.contains_key(*id)).count();
        Self { old, new, changes, common }
    }

    /// The changes of one kind.
    pub fn of(&self, kind: ChangeKind) -> impl Iterator<Item = &Change<'r>> {
        self.changes.iter().filter(move |change| change.kind == kind)
    }

    /// The code that the process exits with: 4 where the runs have no case in common, 1 where one
    /// regressed or vanished, 6 where one was lost, else 0.
    pub fn exit_code(&self) -> ExitCode {
        if self.common == 0 {
            return ExitCode::Empty;
        }
        let codes = || self.changes.iter().map(|change| change.kind.exit_code());
        [ExitCode::Failed, ExitCode::Untrusted]
            .into_iter()
            .find(|wanted| codes().any(|code| code == *wanted))
            .unwrap_or(ExitCode::Ok)
    }

    /// What the result came to, in a line.
    pub fn conclusion(&self) -> String {
        match self.exit_code() {
            ExitCode::Empty => "the two runs have no case in common".to_owned(),
            ExitCode::Failed => {
                let bad: Vec<String> = [ChangeKind::Regressed, ChangeKind::Vanished]
                    .into_iter()
                    .map(|kind| (self.of(kind).count(), kind))
                    .filter(|(count, _)| *count > 0)
                    .map(|(count, kind)| format!("{count} {}", kind.title()))
                    .collect();
                bad.join("; ")
            }
            ExitCode::Untrusted => {
                format!("{} {}", self.of(ChangeKind::Lost).count(), ChangeKind::Lost.title())
            }
            _ => match self.of(ChangeKind::Fixed).count() {
                0 => "nothing regressed".to_owned(),
                fixed => format!("nothing regressed, {fixed} fixed"),
            },
        }
    }

    /// What else differs between the runs, and may be why cases do.
    pub fn conditions(&self) -> Vec<String> {
        let (old, new) = (self.old, self.new);
        let mut conditions = Vec::new();
        for (what, was, is) in [
            ("judged by ssespec", &old.tool.version, &new.tool.version),
            ("role", &old.subject.role, &new.subject.role),
            ("profile", &old.profile, &new.profile),
            ("suite", &old.suite, &new.suite),
            ("runtime", &old.subject.runtime, &new.subject.runtime),
        ] {
            // A subject that did not start says nothing of itself.
            if was != is && !was.is_empty() && !is.is_empty() {
                conditions.push(format!("{what}: `{was}`, now `{is}`"));
            }
        }
        let (had, has) = (&old.subject.features, &new.subject.features);
        let dropped: Vec<&str> =
            had.iter().filter(|it| !has.contains(it)).map(String::as_str).collect();
        if !dropped.is_empty() && !has.is_empty() {
            conditions.push(format!("no longer claimed: `{}`", dropped.join("`, `")));
        }
        for (name, result) in [("old", old), ("new", new)] {
            if result.interrupted {
                conditions.push(format!("the {name} run was interrupted, so cases are missing"));
            }
            for error in &result.errors {
                conditions
                    .push(format!("error in the {name} run ({}): {}", error.kind, error.message));
            }
        }
        conditions
    }
}

impl Change<'_> {
    /// The words before and after: `pass → fail`.
    pub fn words(&self) -> String {
        format!("{} → {}", self.old.map_or("not there", word), self.new.map_or("gone", word))
    }
}

/// The verdict, or `flaky`.
fn word(case: &CaseResult) -> &'static str {
    if case.status == Some(Status::Flaky) { "flaky" } else { case.verdict.name() }
}

/// What became of a case, if anything did.
fn classify(old: Option<&CaseResult>, new: &CaseResult, fail_on: FailOn) -> Option<ChangeKind> {
    let warned = match fail_on {
        FailOn::Must => ChangeKind::Warned,
        FailOn::Should => ChangeKind::Regressed,
    };
    let is = Grade::of(new);
    let was = old.map_or(Grade::Unjudged, Grade::of);
    if old.is_some_and(|old| old.verdict == new.verdict && was == is) {
        let observes = |case: &CaseResult| (case.observed.clone(), case.reason.clone());
        let same = new.verdict != Verdict::Observed || old.map(observes) == Some(observes(new));
        return (!same).then_some(ChangeKind::Changed);
    }
    Some(match (was, is) {
        (Grade::Unjudged | Grade::Inconclusive, Grade::Failed) => ChangeKind::Failing,
        (Grade::Unjudged | Grade::Inconclusive, Grade::Warned) => ChangeKind::Warned,
        (Grade::Unjudged | Grade::Inconclusive, Grade::Passed) => ChangeKind::Passing,
        (Grade::Unjudged, _) if old.is_none() => return None,
        (Grade::Passed, Grade::Warned) => warned,
        (Grade::Passed | Grade::Warned, Grade::Failed) => ChangeKind::Regressed,
        (Grade::Passed, Grade::Unjudged) if new.verdict != Verdict::Observed => {
            ChangeKind::Regressed
        }
        (Grade::Passed | Grade::Warned | Grade::Failed, Grade::Inconclusive) => ChangeKind::Lost,
        (Grade::Failed, Grade::Passed | Grade::Warned) | (Grade::Warned, Grade::Passed) => {
            ChangeKind::Fixed
        }
        _ => ChangeKind::Changed,
    })
}

/// How a case stands, known or not: a known-failures file changes nothing about the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Passed,
    Warned,
    Failed,
    Inconclusive,
    Unjudged,
}

impl Grade {
    fn of(case: &CaseResult) -> Self {
        match (case.verdict, case.status) {
            (Verdict::Pass | Verdict::Fail | Verdict::Warn, Some(Status::Flaky))
            | (Verdict::Fail, _) => Self::Failed,
            (Verdict::Pass, _) => Self::Passed,
            (Verdict::Warn, _) => Self::Warned,
            (Verdict::Inconclusive, _) => Self::Inconclusive,
            _ => Self::Unjudged,
        }
    }
}

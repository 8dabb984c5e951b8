//! The verdict on a whole run, and the exit code that tells it to the caller.

use crate::model::{CaseResult, RunResult, Status, Verdict};

/// From which level on a broken rule fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailOn {
    /// Only a broken MUST fails the run; a broken SHOULD is a warning.
    #[default]
    Must,
    /// A broken SHOULD fails it too.
    Should,
}

/// The exit codes of `ssespec test`, a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// All scored cases passed, or their failures are known.
    Ok = 0,
    /// A case failed, was flaky, or passed although it is listed as a known failure.
    Failed = 1,
    /// The command line, a scenario or the configuration is wrong, or a report cannot be written.
    Usage = 2,
    /// The subject or its set-up failed: not found, did not start, broke the adapter protocol.
    Subject = 3,
    /// No case was selected, or none could be scored.
    Empty = 4,
    /// The known-failures file has entries that are stale or match no case.
    StaleKnown = 5,
    /// Cases are inconclusive: the result is not to be trusted.
    Untrusted = 6,
    /// A bug of ssespec itself.
    Bug = 70,
    /// The run was interrupted; the report is partial.
    Interrupted = 130,
}

impl ExitCode {
    /// All codes, in numeric order.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::Failed,
        Self::Usage,
        Self::Subject,
        Self::Empty,
        Self::StaleKnown,
        Self::Untrusted,
        Self::Bug,
        Self::Interrupted,
    ];

    /// The number that the process exits with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in the words of `--help`.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "all scored cases passed",
            Self::Failed => "a case or a threshold failed",
            Self::Usage => "usage, scenario or configuration error",
            Self::Subject => "the subject or its set-up failed",
            Self::Empty => "nothing selected or nothing scored",
            Self::StaleKnown => "stale known-failures file",
            Self::Untrusted => "the result is not to be trusted",
            Self::Bug => "a bug of ssespec",
            Self::Interrupted => "interrupted, partial report written",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.code())
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The code that the process exits with.
    pub exit_code: ExitCode,
    /// All that speaks for a code other than 0, the one that decides first.
    pub reasons: Vec<OutcomeReason>,
}

/// One thing that speaks against a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeReason {
    /// The code that it alone would give.
    pub exit_code: ExitCode,
    /// What it is: `3 cases failed`, `1 subject error`.
    pub message: String,
}

impl Outcome {
    /// Whether the run is green.
    pub fn is_ok(&self) -> bool {
        self.exit_code == ExitCode::Ok
    }
}

/// What one case means for the verdict on the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It does not speak against the run.
    Good,
    /// It fails the run.
    Failed,
    /// It broke a SHOULD that does not fail the run.
    Warned,
    /// It failed, and the known-failures file says so.
    Known,
    /// It was not judged: the feature is not claimed, or a case it depends on failed.
    Skipped,
    /// It could not be judged: the adapter or the set-up failed.
    Errored,
    /// It could not be judged: the harness was too slow.
    Untrusted,
}

impl Standing {
    /// What this case means for the run.
    ///
    /// A known failure excuses a failure and a warning, never an error. A flaky SHOULD is a
    /// warning as a broken one is, so that passing now and then is not worse than never.
    pub fn of(case: &CaseResult, fail_on: FailOn) -> Self {
        let warned = match fail_on {
            FailOn::Must => Self::Warned,
            FailOn::Should => Self::Failed,
        };
        match (case.verdict, case.status) {
            (Verdict::Error, _) => Self::Errored,
            (Verdict::Inconclusive, _) => Self::Untrusted,
            (Verdict::NotApplicable | Verdict::Blocked, _) => Self::Skipped,
            (Verdict::Fail | Verdict::Warn, Some(Status::KnownFailure)) => Self::Known,
            (Verdict::Pass, Some(Status::Flaky)) if case.level == "should" => warned,
            (_, Some(Status::UnexpectedPass))
            | (Verdict::Pass, Some(Status::Flaky))
            | (Verdict::Fail, _) => Self::Failed,
            (Verdict::Warn, _) => warned,
            (Verdict::Pass | Verdict::Observed, _) => Self::Good,
        }
    }
}

/// Judges a run.
///
/// Where several codes hold, the first of these decides: 70, 130, 2, 3 where nothing could be
/// judged, 1, 3 where some cases or the set-up failed, 6, 5, 4, 0. Errors of the run count by
/// their kind: `bug` as 70; `usage`, `scenario`, `configuration` and `report` as 2; `selection` as
/// 4; `known-failures` as 5; every other as 3, so that no error is ever green.
pub fn run_outcome(result: &RunResult, fail_on: FailOn) -> Outcome {
    let count = |wanted: Standing| {
        result.cases.iter().filter(|case| Standing::of(case, fail_on) == wanted).count()
    };
    let erring = |code: ExitCode| result.errors.iter().filter(move |e| code_of(&e.kind) == code);
    let scored = result.cases.iter().any(|case| case.verdict.is_scored());

    let mut reasons = Vec::new();
    let mut add = |exit_code: ExitCode, message: String| {
        reasons.push(OutcomeReason { exit_code, message });
    };
    let add_errors = |add: &mut dyn FnMut(ExitCode, String), code: ExitCode| {
        let mut kinds: Vec<&str> = Vec::new();
        for error in erring(code) {
            if !kinds.contains(&error.kind.as_str()) {
                kinds.push(&error.kind);
            }
        }
        for kind in kinds {
            let times = erring(code).filter(|error| error.kind == kind).count();
            let noun = if times == 1 { "error" } else { "errors" };
            add(code, format!("{times} {kind} {noun}"));
        }
    };

    add_errors(&mut add, ExitCode::Bug);
    if result.interrupted {
        add(ExitCode::Interrupted, "the run was interrupted".to_owned());
    }
    add_errors(&mut add, ExitCode::Usage);

    let errored = count(Standing::Errored);
    let add_subject = |add: &mut dyn FnMut(ExitCode, String)| {
        add_errors(add, ExitCode::Subject);
        if errored > 0 {
            add(ExitCode::Subject, format!("{} in error", cases(errored)));
        }
    };
    if !scored {
        add_subject(&mut add);
    }
    let failed = count(Standing::Failed);
    if failed > 0 {
        add(ExitCode::Failed, format!("{} failed", cases(failed)));
    }
    if scored {
        add_subject(&mut add);
    }
    let untrusted = count(Standing::Untrusted);
    if untrusted > 0 {
        add(ExitCode::Untrusted, format!("{} inconclusive", cases(untrusted)));
    }
    add_errors(&mut add, ExitCode::StaleKnown);
    add_errors(&mut add, ExitCode::Empty);
    if !scored {
        add(ExitCode::Empty, "no case was scored".to_owned());
    }
    Outcome { exit_code: reasons.first().map_or(ExitCode::Ok, |reason| reason.exit_code), reasons }
}

fn code_of(kind: &str) -> ExitCode {
    match kind {
        "bug" => ExitCode::Bug,
        "usage" | "scenario" | "configuration" | "report" => ExitCode::Usage,
        "selection" => ExitCode::Empty,
        "known-failures" => ExitCode::StaleKnown,
        _ => ExitCode::Subject,
    }
}

fn cases(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

#[cfg(test)]
mod tests;

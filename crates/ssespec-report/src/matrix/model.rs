//! The matrix: the versioned JSON contract of `report merge`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    CaseResult, Evidence, Reason, RunError, Status, Subject, Summary, Tool, Verdict,
};

/// The version of the JSON matrix that this crate writes and reads.
pub const MATRIX_SCHEMA_VERSION: u32 = 1;

/// What `kind` says in the JSON.
pub(super) const KIND: &str = "matrix";

/// Implementations × cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// `matrix`, by which it is told from the result of one run.
    pub kind: String,
    /// [`MATRIX_SCHEMA_VERSION`] of the tool that wrote it.
    pub schema_version: u32,
    /// The tool that merged; each implementation says which one judged it.
    pub tool: Tool,
    /// What all implementations are: `client`, `server` or `proxy`.
    pub role: String,
    /// The implementations, those with the fewest failures first: the columns.
    pub subjects: Vec<Entrant>,
    /// The rules that the cases cite, by id.
    pub rules: Vec<MatrixRule>,
    /// The cases without their routes, by id: the rows.
    pub cases: Vec<MatrixCase>,
    /// What cells came to. Equal ones are here once.
    pub outcomes: Vec<Outcome>,
}

/// One implementation, from one result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entrant {
    /// A short name that no other implementation of the matrix has.
    pub key: String,
    /// What it is called: its name, or, where others have the same, that of the file that the
    /// result was read from.
    pub label: String,
    /// The name of the file that the result was read from; may be empty.
    pub source: String,
    /// Who was judged.
    pub subject: Subject,
    /// The profile that set the levels of the rules.
    pub profile: String,
    /// When the run began, RFC 3339 in UTC.
    pub started: String,
    /// The tool that judged.
    pub tool: Tool,
    /// Whether the run was interrupted; the cases that had not run are missing then.
    pub interrupted: bool,
    /// What went wrong outside of single cases.
    pub errors: Vec<RunError>,
    /// Counts of its cells: each case once, with the worst verdict over its routes.
    pub summary: Summary,
}

/// A rule that cases cite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixRule {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Where to read the normative text.
    pub url: String,
}

/// One case: a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixCase {
    /// The case id without a route.
    pub id: String,
    /// The part of the id before the first slash.
    pub theme: String,
    /// The rule's id.
    pub rule: String,
    /// The strictest level that the rule has for any implementation: `must`, `should`, `info`.
    pub level: String,
    /// What conforming subjects do.
    pub title: String,
    /// Public threads in which users met the bug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// One cell for each implementation, in their order: an index into `outcomes`, or null where
    /// the result does not hold the case.
    pub cells: Vec<Option<u32>>,
}

/// What one case came to with one implementation, over all routes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The worst verdict over the routes.
    pub verdict: Verdict,
    /// What modifies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What the routes came to, the worst first. Routes that came to the same share one.
    pub findings: Vec<Finding>,
}

/// What a case came to on one route or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The routes: `feed`, `h1`, `h2c`, `h2`.
    pub routes: Vec<String>,
    /// The rule's level under the profile of this implementation.
    pub level: String,
    /// The base verdict.
    pub verdict: Verdict,
    /// What modifies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why the verdict is what it is, unless it is `pass`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What had to be reported, where the verdict is neither `pass` nor `n/a`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// What was reported, where the verdict is neither `pass` nor `n/a`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<String>,
    /// What was seen on the first of the routes. Long timelines are shortened, and say so; the
    /// result that was merged has them whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The command that runs the case alone on the first of the routes, where it broke a rule or
    /// could not be judged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reproduce: String,
}

impl Matrix {
    /// What a cell came to.
    pub fn outcome(&self, cell: Option<u32>) -> Option<&Outcome> {
        self.outcomes.get(usize::try_from(cell?).ok()?)
    }

    /// What the cells of a case came to, in the order of the implementations.
    pub fn row<'m>(
        &'m self,
        case: &'m MatrixCase,
    ) -> impl Iterator<Item = Option<&'m Outcome>> + 'm {
        case.cells.iter().map(|cell| self.outcome(*cell))
    }

    /// The themes with their cases, in order.
    pub fn themes(&self) -> Vec<(&str, &[MatrixCase])> {
        let by_theme = self.cases.chunk_by(|a, b| a.theme == b.theme);
        by_theme.filter_map(|cases| Some((cases.first()?.theme.as_str(), cases))).collect()
    }
}

impl Matrix {
    /// What one implementation, by its number, makes of these cases.
    pub fn tally(&self, cases: &[MatrixCase], column: usize) -> Tally {
        let cells = cases.iter().map(|case| case.cells.get(column).copied().flatten());
        let mut tally = Tally::default();
        for outcome in cells.filter_map(|cell| self.outcome(cell)) {
            tally.failed += usize::from(outcome.is_failure());
            tally.warned += usize::from(outcome.verdict == Verdict::Warn);
            tally.scored += usize::from(outcome.verdict.is_scored());
        }
        tally
    }
}

/// What one implementation makes of several cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Cases that it fails.
    pub failed: usize,
    /// Cases in which it breaks a SHOULD.
    pub warned: usize,
    /// Cases that were judged.
    pub scored: usize,
}

impl Outcome {
    /// Whether it speaks against the implementation: it broke a MUST, now and then or always, known
    /// or not.
    pub fn is_failure(&self) -> bool {
        let level = self.findings.first().map(|finding| finding.level.as_str());
        breaks(self.verdict, self.status, level.unwrap_or_default())
    }
}

/// The same of a single case.
pub(super) fn is_failure(case: &CaseResult) -> bool {
    breaks(case.verdict, case.status, &case.level)
}

fn breaks(verdict: Verdict, status: Option<Status>, level: &str) -> bool {
    match verdict {
        Verdict::Fail => true,
        Verdict::Pass => status == Some(Status::Flaky) && level != "should",
        _ => false,
    }
}

/// How bad a verdict is among those of several routes, the worst first. That a route is `n/a` says
/// least: another one was judged.
pub(super) fn severity(case: &CaseResult) -> u8 {
    match (case.verdict, case.status) {
        (Verdict::Fail, Some(Status::KnownFailure)) => 1,
        (Verdict::Fail, _) => 0,
        (Verdict::Pass, Some(Status::Flaky)) => 2,
        (Verdict::Error, _) => 3,
        (Verdict::Inconclusive, _) => 4,
        (Verdict::Warn, _) => 5,
        (Verdict::Blocked, _) => 6,
        (Verdict::Observed, _) => 7,
        (Verdict::Pass, Some(Status::UnexpectedPass)) => 8,
        (Verdict::Pass, _) => 9,
        (Verdict::NotApplicable, _) => 10,
    }
}

//! From results to the matrix.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::model::{
    Entrant, Finding, KIND, MATRIX_SCHEMA_VERSION, Matrix, MatrixCase, MatrixRule, Outcome,
    is_failure, severity,
};
use super::shorten::{shorten_evidence, shorten_lines, shorten_reason};
use crate::model::{CaseResult, RunResult, Summary, Tool, Verdict};
use crate::route::{base, route};

/// Why results could not be merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("there is no result to merge")]
    Empty,
    /// Clients and servers run other cases; a row over both would mean nothing.
    #[error("`{first_source}` is the result of a {first}, `{other_source}` that of a {other}")]
    Roles {
        /// The role in the first result.
        first: String,
        /// Its file.
        first_source: String,
        /// Another role.
        other: String,
        /// Its file.
        other_source: String,
    },
}

/// Merges results, each with the name of the file that it comes from.
///
/// The matrix does not depend on the order of the results: implementations are sorted by their
/// failures, then by name, cases by id. A case is one row for all its routes, with the worst
/// verdict over them in each cell; what the routes came to is told in its findings.
///
/// # Errors
///
/// When there is no result, or when they are of subjects in different roles.
pub fn merge(tool: Tool, results: &[(String, RunResult)]) -> Result<Matrix, MergeError> {
    let (first_source, first) = results.first().ok_or(MergeError::Empty)?;
    let role = &first.subject.role;
    if let Some((source, other)) = results.iter().find(|(_, it)| it.subject.role != *role) {
        return Err(MergeError::Roles {
            first: role.clone(),
            first_source: first_source.clone(),
            other: other.subject.role.clone(),
            other_source: source.clone(),
        });
    }
    let mut columns: Vec<Column<'_>> = results.iter().map(Column::new).collect();
    columns.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut outcomes = Outcomes::default();
    let mut rows: BTreeMap<&str, Row<'_>> = BTreeMap::new();
    let mut rules: BTreeMap<&str, MatrixRule> = BTreeMap::new();
    for (number, column) in columns.iter().enumerate() {
        for (base, cases) in &column.cases {
            let Some(case) = cases.first() else { continue };
            rules.entry(&case.rule).or_insert_with(|| MatrixRule {
                id: case.rule.clone(),
                text: case.rule_text.clone(),
                url: case.rule_url.clone(),
            });
            let row = rows.entry(base).or_insert_with(|| Row::new(case, columns.len()));
            row.strictest(cases);
            if let Some(cell) = row.cells.get_mut(number) {
                *cell = Some(outcomes.index(outcome(cases)));
            }
        }
    }
    let cases = rows.into_iter().map(|(id, row)| row.finish(id)).collect();
    Ok(Matrix {
        kind: KIND.to_owned(),
        schema_version: MATRIX_SCHEMA_VERSION,
        tool,
        role: role.clone(),
        subjects: entrants(&columns),
        rules: rules.into_values().collect(),
        cases,
        outcomes: outcomes.list,
    })
}

/// One result, with its cases by their ids without routes, the worst first.
struct Column<'r> {
    source: &'r str,
    result: &'r RunResult,
    cases: BTreeMap<&'r str, Vec<&'r CaseResult>>,
    summary: Summary,
    failures: usize,
}

impl<'r> Column<'r> {
    fn new((source, result): &'r (String, RunResult)) -> Self {
        let mut cases: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
        for case in &result.cases {
            cases.entry(base(case)).or_default().push(case);
        }
        for cases in cases.values_mut() {
            cases.sort_by_key(|case| severity(case));
        }
        let worst = || cases.values().filter_map(|cases| cases.first().copied());
        let (summary, failures) =
            (Summary::of(worst()), worst().filter(|case| is_failure(case)).count());
        Self { source, result, cases, summary, failures }
    }

    /// The fewest failures first; what judged nothing comes last.
    fn rank(&self) -> impl Ord {
        let summary = &self.summary;
        let subject = &self.result.subject;
        let scored = self.result.cases.iter().any(|case| case.verdict.is_scored());
        (
            !scored,
            self.failures,
            summary.warn,
            summary.error + summary.inconclusive + summary.blocked,
            Reverse(summary.pass),
            [&subject.name, &subject.version, &subject.runtime].map(Clone::clone),
            [self.source, &self.result.started].map(str::to_owned),
        )
    }
}

/// A row that is being filled.
struct Row<'r> {
    case: &'r CaseResult,
    level: &'r str,
    cells: Vec<Option<u32>>,
}

impl<'r> Row<'r> {
    fn new(case: &'r CaseResult, columns: usize) -> Self {
        Self { case, level: &case.level, cells: vec![None; columns] }
    }

    /// Raises the level to the strictest of these.
    fn strictest(&mut self, cases: &[&'r CaseResult]) {
        let rank = |level: &str| ["must", "should", "info"].iter().position(|it| *it == level);
        for case in cases {
            if rank(&case.level).is_some_and(|new| rank(self.level).is_none_or(|old| new < old)) {
                self.level = &case.level;
            }
        }
    }

    fn finish(self, id: &str) -> MatrixCase {
        let case = self.case;
        MatrixCase {
            id: id.to_owned(),
            theme: id.split('/').next().unwrap_or_default().to_owned(),
            rule: case.rule.clone(),
            level: self.level.to_owned(),
            title: case.title.clone(),
            references: case.references.clone(),
            cells: self.cells,
        }
    }
}

/// What the routes of one case came to, the worst first.
fn outcome(cases: &[&CaseResult]) -> Outcome {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: Vec<&CaseResult> = Vec::new();
    for case in cases {
        let same = seen.iter().position(|other| is_same(case, other));
        if let Some(finding) = same.and_then(|at| findings.get_mut(at)) {
            finding.routes.push(route(case).to_owned());
        } else {
            seen.push(case);
            findings.push(finding(case));
        }
    }
    let worst = cases.first();
    Outcome {
        verdict: worst.map_or(Verdict::NotApplicable, |case| case.verdict),
        status: worst.and_then(|case| case.status),
        findings,
    }
}

/// Whether two routes came to the same, however their timing differs.
fn is_same(a: &CaseResult, b: &CaseResult) -> bool {
    (a.verdict, a.status, &a.level, &a.reason) == (b.verdict, b.status, &b.level, &b.reason)
        && (is_plain(a) || (&a.expected, &a.observed) == (&b.expected, &b.observed))
}

/// Whether there is nothing to tell: it passed, or was not due.
fn is_plain(case: &CaseResult) -> bool {
    matches!(case.verdict, Verdict::Pass | Verdict::NotApplicable) && case.status.is_none()
}

fn finding(case: &CaseResult) -> Finding {
    let is_plain = is_plain(case);
    let mut finding = Finding {
        routes: vec![route(case).to_owned()],
        level: case.level.clone(),
        verdict: case.verdict,
        status: case.status,
        reason: case.reason.as_ref().map(shorten_reason),
        expected: Vec::new(),
        observed: Vec::new(),
        evidence: None,
        reproduce: String::new(),
    };
    if !is_plain {
        finding.expected = shorten_lines(&case.expected);
        finding.observed = shorten_lines(&case.observed);
        finding.evidence = case.evidence.as_ref().map(shorten_evidence);
    }
    // What is open, or blocked by another case, is not mended here; without the command it is the
    // same for many implementations.
    if !is_plain && !matches!(case.verdict, Verdict::Observed | Verdict::Blocked) {
        finding.reproduce.clone_from(&case.reproduce);
    }
    finding
}

/// Outcomes, each once.
#[derive(Default)]
struct Outcomes {
    list: Vec<Outcome>,
    /// Where those of a kind are: the verdict and the reason tell most apart.
    known: HashMap<(Verdict, String), Vec<u32>>,
}

impl Outcomes {
    fn index(&mut self, outcome: Outcome) -> u32 {
        let reason = outcome.findings.first().and_then(|it| it.reason.as_ref());
        let message = reason.map(|reason| reason.message.clone()).unwrap_or_default();
        let alike = self.known.entry((outcome.verdict, message)).or_default();
        let same = |at: &&u32| self.list.get(**at as usize) == Some(&outcome);
        if let Some(at) = alike.iter().find(same) {
            return *at;
        }
        let at = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        alike.push(at);
        self.list.push(outcome);
        at
    }
}

fn entrants(columns: &[Column<'_>]) -> Vec<Entrant> {
    let mut entrants: Vec<Entrant> = Vec::new();
    for column in columns {
        let Column { source, result, summary, .. } = column;
        let label = label(columns, column);
        let name = key(&label);
        let mut key = name.clone();
        let mut number = 2;
        while entrants.iter().any(|it| it.key == key) {
            key = format!("{name}-{number}");
            number += 1;
        }
        entrants.push(Entrant {
            key,
            label,
            source: (*source).to_owned(),
            subject: result.subject.clone(),
            profile: result.profile.clone(),
            started: result.started.clone(),
            tool: result.tool.clone(),
            interrupted: result.interrupted,
            errors: result.errors.clone(),
            summary: *summary,
        });
    }
    entrants
}

/// What an implementation is called, so that those of one name are told apart.
fn label(columns: &[Column<'_>], column: &Column<'_>) -> String {
    let name = &column.result.subject.name;
    let share = columns.iter().filter(|other| other.result.subject.name == *name).count();
    let stem = Path::new(column.source).file_stem().unwrap_or_default().to_string_lossy();
    match (share, stem.is_empty(), name.is_empty()) {
        (2.., false, _) => stem.into_owned(),
        (_, _, true) => "unnamed".to_owned(),
        _ => name.clone(),
    }
}

/// A name as a part of an address.
fn key(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "unnamed".to_owned() } else { plain.to_owned() }
}

//! From what was found to the result of a case, with the timeline of both ends.

use std::time::Duration;

use ssespec_report::{CaseResult, Evidence, Status, TimelineEntry, Verdict};
use ssespec_scenario::{Case, Level, Passage, Route, Rule};

use super::super::curl::curl;
use super::super::exchange::Exchange;
use super::super::timeline;
use super::super::verdict::{Finding, Times};
use super::attempt::Passed;
use crate::evidence::{ends, from_journal};
use crate::verdict::unjudged;

/// Most entries of the origin's side.
const MAX_ENTRIES: usize = 60;

/// A case that is to be judged.
#[derive(Debug, Clone)]
pub(super) struct Due<'c> {
    pub(super) case: &'c Case,
    pub(super) passage: &'c Passage,
    pub(super) rule: &'c Rule,
    pub(super) level: Level,
    pub(super) route: Route,
}

impl Due<'_> {
    /// The id with its route.
    pub(super) fn id(&self) -> String {
        format!("{}@{}", self.case.id, self.route.name())
    }

    /// The result of the case.
    pub(super) fn conclude(
        &self,
        finding: Finding,
        passed: Option<&Passed>,
        times: Times,
        reproduce: String,
    ) -> CaseResult {
        let (verdict, reason, observed) = finding.weigh(self.level);
        let shown = matches!(verdict, Verdict::Fail | Verdict::Warn | Verdict::Inconclusive);
        let first = passed.and_then(|passed| passed.exchanges.first());
        let evidence = passed.filter(|_| shown).map(|passed| Evidence {
            runs: times.runs,
            variant: String::new(),
            request: first.map(|exchange| curl(&exchange.asked)).unwrap_or_default(),
            timeline: both_ends(passed),
        });
        CaseResult {
            verdict,
            status: (times.flaky && shown).then_some(Status::Flaky),
            duration_ms: u64::try_from(times.duration.as_millis()).unwrap_or(u64::MAX),
            expected: vec![self.passage.check.expectation()],
            observed,
            reason,
            evidence,
            ..unjudged(self.case, self.rule, self.level, self.route, reproduce)
        }
    }
}

/// What clients and origin saw, in the order of time.
fn both_ends(passed: &Passed) -> Vec<TimelineEntry> {
    let mut entries = timeline::timeline(passed.exchanges.iter());
    for entry in &mut entries {
        entry.what = format!("client: {}", entry.what);
    }
    let began = u64::try_from(passed.journal_began.as_micros()).unwrap_or(u64::MAX);
    let (head, left_out, tail) = ends(&passed.journal, MAX_ENTRIES / 2, MAX_ENTRIES / 2);
    for (n, happened) in head.iter().chain(tail).enumerate() {
        let mut entry = from_journal(happened);
        entry.at_us = entry.at_us.saturating_add(began);
        let gap = left_out > 0 && n == head.len();
        let gap = if gap { format!("{left_out} entries later: ") } else { String::new() };
        entry.what = format!("origin: {gap}{}", entry.what);
        entries.push(entry);
    }
    entries.sort_by_key(|entry| entry.at_us);
    entries
}

/// The span of time in which a passage went on, from the start of the run.
pub(super) fn span(passed: &Passed) -> (Duration, Duration) {
    let start = passed.exchanges.iter().map(|it| it.sent_at).min().unwrap_or_default();
    let end = passed.exchanges.iter().map(Exchange::over_at).max().unwrap_or_default();
    (start, end + passed.watched)
}

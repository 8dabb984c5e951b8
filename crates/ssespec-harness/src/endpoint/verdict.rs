//! From what a check found to the result of its case.

use std::time::Duration;

use ssespec_report::{CaseResult, Evidence, Reason, Spot, Status, Verdict};
use ssespec_scenario::{Case, EmitStep, Endpoint, Level, Route, Rule};

use super::curl::curl;
use super::exchange::Exchange;
use super::timeline::timeline;
use crate::verdict::{breach_verdict, unjudged};

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Finding {
    /// The rule is kept; what was seen.
    Kept(String),
    /// The rule leaves it open; what was seen.
    Saw(String),
    /// The rule is broken.
    Broke(Breach),
    /// A value was changed without a word; what came, and how to mend it.
    Altered(String, &'static str),
    /// There was nothing to judge, for this reason; what would let us see it.
    Moot(String, &'static str),
    /// A more basic breach explains whatever was seen.
    Blocked(String),
    /// It could not be judged.
    Open(String, &'static str),
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Breach {
    /// A word for machines.
    pub(super) kind: &'static str,
    pub(super) message: String,
    pub(super) help: &'static str,
    pub(super) spot: Option<Spot>,
    /// Whether it rests on something not coming in time, so that it must show twice.
    pub(super) timed: bool,
}

impl Finding {
    /// A breach that what came proves.
    pub(super) fn broke(kind: &'static str, message: String, help: &'static str) -> Self {
        Self::Broke(Breach { kind, message, help, spot: None, timed: false })
    }

    /// A breach that rests on waiting.
    pub(super) fn late(kind: &'static str, message: String, help: &'static str) -> Self {
        Self::Broke(Breach { kind, message, help, spot: None, timed: true })
    }

    /// A breach at a place in the stream.
    pub(super) fn at(spot: Spot, message: String, help: &'static str) -> Self {
        Self::Broke(Breach { kind: "stream", message, help, spot: Some(spot), timed: false })
    }

    /// Whether it must be seen a second time to be believed.
    pub(super) fn wants_proof(&self) -> bool {
        matches!(self, Self::Broke(breach) if breach.timed)
    }

    /// What a rule of this level makes of it: the verdict, the reason, and what was seen.
    pub(super) fn weigh(self, level: Level) -> (Verdict, Option<Reason>, Vec<String>) {
        let mut observed = Vec::new();
        let (verdict, reason) = match self {
            Self::Kept(what) => {
                observed.push(what);
                (Verdict::Pass, None)
            }
            Self::Saw(what) => {
                observed.push(what.clone());
                (Verdict::Observed, Some(Reason::new("observed", what, "")))
            }
            Self::Altered(what, help) => {
                observed.push(what.clone());
                (Verdict::Warn, Some(Reason::new("altered", what, help)))
            }
            Self::Moot(why, help) => {
                (Verdict::NotApplicable, Some(Reason::new("unseen", why, help)))
            }
            Self::Blocked(why) => {
                let help = "mend that one first";
                (Verdict::Blocked, Some(Reason::new("blocked", why, help)))
            }
            Self::Open(why, help) => {
                (Verdict::Inconclusive, Some(Reason::new("unseen", why, help)))
            }
            Self::Broke(breach) => {
                observed.push(breach.message.clone());
                let mut reason = Reason::new(breach.kind, breach.message, breach.help);
                reason.spot = breach.spot;
                (breach_verdict(level), Some(reason))
            }
        };
        (verdict, reason, observed)
    }
}

/// A case that is to be judged.
#[derive(Debug, Clone)]
pub(super) struct Due<'c> {
    pub(super) case: &'c Case,
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
    pub(super) fn conclude<'e>(
        &self,
        finding: Finding,
        exchanges: impl Iterator<Item = &'e Exchange> + Clone,
        times: Times,
        reproduce: String,
    ) -> CaseResult {
        let (verdict, reason, observed) = finding.weigh(self.level);
        let shown = matches!(verdict, Verdict::Fail | Verdict::Warn | Verdict::Inconclusive);
        let request = exchanges.clone().next().map(|it| curl(&it.asked)).unwrap_or_default();
        let endpoint = self.case.endpoint.as_ref();
        CaseResult {
            verdict,
            status: (times.flaky && shown).then_some(Status::Flaky),
            duration_ms: u64::try_from(times.duration.as_millis()).unwrap_or(u64::MAX),
            expected: endpoint.map(expected).unwrap_or_default(),
            observed,
            reason,
            evidence: shown.then(|| Evidence {
                runs: times.runs,
                variant: String::new(),
                request,
                timeline: timeline(exchanges),
            }),
            ..unjudged(self.case, self.rule, self.level, self.route, reproduce)
        }
    }
}

fn expected(endpoint: &Endpoint) -> Vec<String> {
    let steps: Vec<String> = endpoint.ask.steps.iter().map(EmitStep::words).collect();
    let given = (!steps.is_empty()).then(|| format!("given: {}", steps.join("; ")));
    given.into_iter().chain([endpoint.check.expectation()]).collect()
}

/// How often a case was looked at, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) runs: u32,
    pub(super) duration: Duration,
    /// Whether a breach was not seen again.
    pub(super) flaky: bool,
}

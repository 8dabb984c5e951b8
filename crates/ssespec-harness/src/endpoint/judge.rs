//! From what was gathered to the results of the cases.

use std::time::{Duration, Instant as StdInstant};

use ssespec_report::CaseResult;
use ssespec_scenario::{Check, EmitStep, Endpoint, ServerFeature};

use super::alone::look_alone;
use super::check::{Scene, look};
use super::curl::command_line;
use super::due::obstacle;
use super::exchange::Exchange;
use super::gather::{gather, gather_late, own_id};
use super::probe::Prober;
use super::reading::Seen;
use super::verdict::{Due, Finding, Times};
use crate::lag::LagMonitor;
use crate::suite::Options;

/// Our own lag up to which what rests on waiting is believed, however short the wait.
const LAG_LIMIT: Duration = Duration::from_millis(300);

/// Whether a check says something of an answer that is no stream.
fn needs_no_stream(check: &Check, status: u16) -> bool {
    match check {
        Check::Ok {} | Check::Framed {} | Check::OneDelimiter {} => true,
        Check::MediaType {} => matches!(status, 200 | 204),
        _ => false,
    }
}

pub(super) async fn judge(
    prober: &Prober<'_>,
    options: &Options,
    due: &[Due<'_>],
    first: Seen,
    finish: &(dyn Fn(CaseResult) + Sync),
    builtin: &str,
) {
    let lag = LagMonitor::start();
    let began = StdInstant::now();
    let judgement = Judgement { prober, builtin, lag: &lag, began };
    if first.stream().is_none() {
        let status = first.answer().map_or(0, |answer| answer.head.status);
        for due in due {
            let Some(endpoint) = &due.case.endpoint else { continue };
            let finding = if needs_no_stream(&endpoint.check, status) {
                look(&endpoint.check, &judgement.scene(&first, &[], &[], None))
            } else {
                Finding::Blocked(format!("the endpoint gives no event stream: {}", first.shown()))
            };
            finish(judgement.conclude(due, finding, [&first.exchange].into_iter(), 1, false));
        }
        return;
    }
    let (plain, gathered) = gather(prober, options, due).await;
    let own_id = own_id(&plain);
    let mut gathered = gathered;
    gathered.extend(gather_late(prober, due, own_id.as_deref()).await);
    for due in due {
        let Some(endpoint) = &due.case.endpoint else { continue };
        if endpoint.check.runs_alone() {
            alone(&judgement, due, endpoint, finish).await;
            continue;
        }
        let seen: &[Seen] = gathered
            .iter()
            .find(|(ask, _)| **ask == endpoint.ask)
            .map_or(&[], |(_, seen)| seen.as_slice());
        let after = match &endpoint.check {
            Check::StillUp {} => vec![prober.glance().await],
            _ => Vec::new(),
        };
        let seen = if after.is_empty() { seen } else { after.as_slice() };
        let scene = judgement.scene(&plain, seen, &endpoint.ask.steps, own_id.as_deref());
        let finding = obstacle(due.case, prober).unwrap_or_else(|| look(&endpoint.check, &scene));
        if !finding.wants_proof() {
            let shown = shown(&plain, seen);
            finish(judgement.conclude(due, finding, shown, 1, false));
            continue;
        }
        let again = match &endpoint.check {
            Check::StillUp {} => vec![prober.glance().await],
            _ => prober.again(&endpoint.ask, own_id.as_deref()).await,
        };
        let scene = judgement.scene(&plain, &again, &endpoint.ask.steps, own_id.as_deref());
        let second = look(&endpoint.check, &scene);
        // A silence of half a minute is not waited for again.
        let proven = second.wants_proof() || matches!(endpoint.check, Check::Heartbeat {});
        if proven {
            finish(judgement.conclude(due, finding, shown(&plain, seen), 2, false));
        } else {
            finish(judgement.conclude(due, finding, shown(&plain, seen), 2, true));
        }
    }
}

/// Judges what is done with no other request beside it; twice, where it rests on waiting.
async fn alone(
    judgement: &Judgement<'_>,
    due: &Due<'_>,
    endpoint: &Endpoint,
    finish: &(dyn Fn(CaseResult) + Sync),
) {
    let prober = judgement.prober;
    let (finding, runs, flaky, seen) = if let Some(obstacle) = obstacle(due.case, prober) {
        (obstacle, 1, false, None)
    } else {
        let (first, seen) = look_alone(endpoint, prober).await;
        if first.wants_proof() {
            let again = look_alone(endpoint, prober).await.0;
            (first, 2, !again.wants_proof(), seen)
        } else {
            (first, 1, false, seen)
        }
    };
    let exchanges = seen.iter().map(|seen| &seen.exchange);
    finish(judgement.conclude(due, finding, exchanges, runs, flaky));
}

fn shown<'s>(plain: &'s Seen, seen: &'s [Seen]) -> impl Iterator<Item = &'s Exchange> + Clone {
    let own = seen.is_empty().then_some(plain);
    seen.iter().chain(own).map(|seen| &seen.exchange)
}

/// What all conclusions of a run share.
struct Judgement<'r> {
    prober: &'r Prober<'r>,
    builtin: &'r str,
    lag: &'r LagMonitor,
    began: StdInstant,
}

impl Judgement<'_> {
    fn scene<'s>(
        &self,
        plain: &'s Seen,
        seen: &'s [Seen],
        steps: &'s [EmitStep],
        own_id: Option<&'s str>,
    ) -> Scene<'s> {
        Scene {
            plain,
            seen,
            steps,
            json_data: self
                .prober
                .library
                .is_some_and(|it| it.features.contains(&ServerFeature::JsonData)),
            own_id,
            watch: self.prober.target.watch,
            min_events: self.prober.target.min_events,
            time_scale: self.prober.time_scale,
        }
    }

    fn conclude<'e>(
        &self,
        due: &Due<'_>,
        finding: Finding,
        exchanges: impl Iterator<Item = &'e Exchange> + Clone,
        runs: u32,
        flaky: bool,
    ) -> CaseResult {
        // Our own lag counts where we were waiting for what this case is about, and where it is
        // more than a small part of that.
        let start = exchanges.clone().map(|it| it.sent_at).min().unwrap_or_default();
        let now = self.prober.began.elapsed();
        let end = exchanges.clone().map(Exchange::over_at).max().unwrap_or(now);
        let began = self.prober.began.into_std();
        let lag = self.lag.between(began + start, began + end);
        let limit = LAG_LIMIT.max(end.saturating_sub(start) / 4);
        let finding = if finding.wants_proof() && lag.longest > limit {
            Finding::Open(
                format!("ssespec itself was {} ms late at times", lag.longest.as_millis()),
                "run it on a machine that is less busy, or with a larger --time-scale",
            )
        } else {
            finding
        };
        let times = Times { runs, duration: self.began.elapsed(), flaky };
        due.conclude(
            finding,
            exchanges,
            times,
            command_line(self.prober.target, self.builtin, &due.id()),
        )
    }
}

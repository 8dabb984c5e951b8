//! A run against a proxy: listen, start it, see that it forwards, pass each case through, judge.

use std::time::{Duration, Instant as StdInstant};

use futures::stream::{self, StreamExt as _};
use ssespec_mock::{Mock, MockConfig};
use ssespec_report::{CaseResult, RunError, RunResult, Subject};
use ssespec_scenario::{
    AskVersion, Chunk, Connection, Passage, PassageAsk, PassageCheck, Piece, Profile, Role, Route,
    Step, Wire,
};
use tokio::time::Instant;

use super::super::exchange::{Asked, Exchange};
use super::super::line::Dialler;
use super::super::verdict::{Finding, Times};
use super::attempt::{Bench, Passed};
use super::check::look;
use super::conclusion::{Due, span};
use super::process::Running;
use super::subject::ProxySubject;
use crate::instance::Death;
use crate::lag::LagMonitor;
use crate::suite::{Options, Progress, blank_result, sum_up};

/// How long a connection may take.
const DIAL_LIMIT: Duration = Duration::from_secs(4);
/// How long a proxy that was just started may take until it forwards.
const WARMING_UP: Duration = Duration::from_secs(10);
/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(250);
/// Our own lag up to which what rests on waiting is believed, however short the wait.
const LAG_LIMIT: Duration = Duration::from_millis(300);
/// How many cases that broke pass through again side by side.
const QUIET_JOBS: usize = 4;
/// How long a process that ends may take to be seen to have ended.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Tests a proxy. Ends early, with a partial result, when `interrupt` resolves.
///
/// Never fails: what kept the run from judging is in the result's `errors`.
pub async fn test_proxy(
    subject: &ProxySubject,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    interrupt: impl Future<Output = ()>,
) -> RunResult {
    let began = StdInstant::now();
    let mut result = blank_result(&options.suite, Role::Proxy);
    let profile = options.profile.unwrap_or(Profile::Eventsource);
    profile.name().clone_into(&mut result.profile);
    let finished = std::sync::Mutex::new(Vec::new());
    let finish = |case: CaseResult| {
        progress(Progress::Finished(Box::new(case.clone())));
        if let Ok(mut finished) = finished.lock() {
            finished.push(case);
        }
    };
    let mut line = Subject {
        role: Role::Proxy.name().to_owned(),
        name: subject.via_url.clone(),
        ..Subject::default()
    };
    let mut running = None;
    let test = Test { subject, options, profile, progress, finish: &finish };
    let outcome = tokio::select! {
        outcome = test.run(&mut running, &mut line) => Some(outcome),
        () = interrupt => None,
    };
    if let Some(running) = running {
        running.end().await;
    }
    result.subject = line;
    result.interrupted = outcome.is_none();
    if let Some(Err(error)) = outcome {
        result.errors.push(error);
    }
    result.cases = finished.into_inner().unwrap_or_default();
    let order = |case: &CaseResult| {
        let bare = case.id.split('@').next().unwrap_or_default();
        options.catalogue.cases().iter().position(|it| it.id == bare)
    };
    result.cases.sort_by_key(order);
    sum_up(&mut result, options, began);
    result
}

/// What all parts of a run share.
struct Test<'r> {
    subject: &'r ProxySubject,
    options: &'r Options,
    profile: Profile,
    progress: &'r (dyn Fn(Progress) + Sync),
    finish: &'r (dyn Fn(CaseResult) + Sync),
}

impl Test<'_> {
    async fn run(&self, running: &mut Option<Running>, line: &mut Subject) -> Result<(), RunError> {
        let config = MockConfig { listen: self.subject.origin, ..MockConfig::default() };
        let mock = Mock::start(config).await.map_err(|error| {
            let help = "give an address of this machine at which nobody listens: `--origin \
                        127.0.0.1:PORT`";
            subject_error(error.to_string(), help)
        })?;
        let limit = DIAL_LIMIT.mul_f64(self.options.time_scale);
        let dialler = Dialler::new(&self.subject.trust, limit).map_err(|error| {
            let help = "give certificates in PEM to `--cacert`";
            RunError { kind: "usage".to_owned(), message: error.to_string(), help: help.to_owned() }
        })?;
        let bench = Bench {
            subject: self.subject,
            mock: &mock,
            dialler,
            began: Instant::now(),
            time_scale: self.options.time_scale,
        };
        let Some(command) = &self.subject.start else {
            return self.through(&bench, line).await;
        };
        let started = Running::start(command, self.subject, mock.address()).await;
        let running = running.insert(started.map_err(dead)?);
        let outcome = tokio::select! {
            outcome = self.through(&bench, line) => outcome,
            death = running.death() => return Err(dead(death)),
        };
        let hello = running.hello();
        if !hello.name.is_empty() {
            (line.name, line.version) = (hello.name, hello.version);
        }
        // That nobody listens any more may be seen before the end of the process is.
        match outcome {
            Err(error) => {
                let death = tokio::time::timeout(LAST_WORDS, running.death()).await;
                Err(death.map_or(error, dead))
            }
            Ok(()) => Ok(()),
        }
    }

    async fn through(&self, bench: &Bench<'_>, line: &mut Subject) -> Result<(), RunError> {
        let first = reach(bench).await?;
        if let Ok(answer) = &first.answer {
            let named = answer.header("server").into_iter().chain(answer.header("via"));
            line.runtime = named.collect::<Vec<_>>().join(", ");
        }
        let due = self.due();
        if due.is_empty() {
            return Ok(());
        }
        (self.progress)(Progress::Planned(due.len()));
        let http2 = due.iter().any(|it| it.passage.ask.version == Some(AskVersion::Http2));
        let no_http2 = if http2 { refuses_http2(bench).await } else { None };
        let judge = Judge { bench, lag: LagMonitor::start(), began: StdInstant::now() };
        let (apart, beside): (Vec<&Due<'_>>, Vec<&Due<'_>>) =
            due.iter().partition(|it| it.passage.ask.stall);
        let mut again = Vec::new();
        let mut running = stream::iter(beside)
            .map(|due| {
                let obstacle = no_http2.clone().filter(|_| is_http2(due.passage));
                let judge = &judge;
                async move {
                    if let Some(finding) = obstacle {
                        return (due, finding, None);
                    }
                    let (finding, passed) = judge.once(due).await;
                    (due, finding, Some(passed))
                }
            })
            .buffer_unordered(self.options.jobs);
        while let Some((due, finding, passed)) = running.next().await {
            if matches!(finding, Finding::Broke(_)) {
                again.push((due, finding, passed));
            } else {
                (self.finish)(judge.conclude(due, finding, passed.as_ref(), 1, false));
            }
        }
        drop(running);
        // The quiet lane: what broke is passed through once more, a few at a time.
        let mut rerunning = stream::iter(again)
            .map(|(due, finding, passed)| {
                let judge = &judge;
                async move { (due, finding, passed, judge.once(due).await.0) }
            })
            .buffer_unordered(QUIET_JOBS);
        while let Some((due, finding, passed, second)) = rerunning.next().await {
            let (finding, flaky) = match second {
                Finding::Broke(_) => (finding, false),
                // What could not be judged a second time has not been seen twice.
                Finding::Open(..) => (second, false),
                _ => (finding, true),
            };
            (self.finish)(judge.conclude(due, finding, passed.as_ref(), 2, flaky));
        }
        drop(rerunning);
        for due in apart {
            let (finding, passed) = judge.once(due).await;
            (self.finish)(judge.conclude(due, finding, Some(&passed), 1, false));
        }
        Ok(())
    }

    /// The cases that are to be judged.
    fn due(&self) -> Vec<Due<'_>> {
        let https = self.subject.is_https();
        let mut due = Vec::new();
        for case in self.options.catalogue.cases() {
            let (Some(passage), Some(rule)) =
                (&case.proxy, self.options.catalogue.rule(&case.rule))
            else {
                continue;
            };
            let route = match (is_http2(passage), https) {
                (true, true) => Route::H2,
                (true, false) => Route::H2c,
                (false, true) => Route::H1s,
                (false, false) => Route::H1,
            };
            if self.options.selection.selects(&case.id, route) {
                due.push(Due { case, passage, rule, level: rule.level(self.profile), route });
            }
        }
        due
    }
}

fn is_http2(passage: &Passage) -> bool {
    passage.ask.version == Some(AskVersion::Http2)
}

/// Passes cases through, and judges them.
struct Judge<'r> {
    bench: &'r Bench<'r>,
    lag: LagMonitor,
    began: StdInstant,
}

impl Judge<'_> {
    async fn once(&self, due: &Due<'_>) -> (Finding, Passed) {
        let passed = self.bench.pass(due.case, due.passage).await;
        let finding = look(due.case, due.passage, &passed);
        let (start, end) = span(&passed);
        let began = self.bench.began.into_std();
        let lag = self.lag.between(began + start, began + end).longest;
        // Our own lag counts where we were waiting, and where it is more than a part of that.
        if finding.wants_proof() && lag > LAG_LIMIT.max(end.saturating_sub(start) / 4) {
            let why = format!("ssespec itself was {} ms late at times", lag.as_millis());
            let help = "run it on a machine that is less busy, or with a larger --time-scale";
            return (Finding::Open(why, help), passed);
        }
        (finding, passed)
    }

    fn conclude(
        &self,
        due: &Due<'_>,
        finding: Finding,
        passed: Option<&Passed>,
        runs: u32,
        flaky: bool,
    ) -> CaseResult {
        let times = Times { runs, duration: self.began.elapsed(), flaky };
        due.conclude(finding, passed, times, self.bench.subject.command_line(&due.id()))
    }
}

/// A short stream that ends: even who keeps everything back until then passes it on.
async fn pass_plainly(bench: &Bench<'_>, version: Option<AskVersion>) -> Passed {
    let send = Step::Send(Chunk(vec![Piece::Bytes(Wire(b"data: a\n\n".to_vec()))]));
    let connection = Connection { steps: vec![send], ..Connection::default() };
    let ask = PassageAsk { version, ..PassageAsk::default() };
    let passage = Passage { ask, check: PassageCheck::SameBytes {} };
    bench.pass_connections(vec![connection], &passage).await
}

/// Sees that the proxy forwards to our origin, or says why there is nothing to test.
async fn reach(bench: &Bench<'_>) -> Result<Exchange, RunError> {
    let until = Instant::now() + WARMING_UP.mul_f64(bench.time_scale);
    loop {
        let mut passed = pass_plainly(bench, None).await;
        let came = passed.requests().next().is_some();
        let Some(exchange) = passed.exchanges.pop() else {
            return Err(subject_error("nothing was asked".to_owned(), ""));
        };
        let error = match &exchange.answer {
            Ok(answer) if came && answer.head.status == 200 => return Ok(exchange),
            Ok(answer) if came => subject_error(
                format!("the origin answered by status 200, and the client got {}", answer.shown()),
                "look into the proxy's log for what it holds against the response",
            ),
            Ok(answer) => nothing_came(bench, &answer.shown()),
            Err(trouble) if !came && is_reachable(&exchange.asked, bench).await => {
                nothing_came(bench, &trouble.shown())
            }
            Err(trouble) => subject_error(
                format!("`{}` gives no answer: {}", bench.subject.via_url, trouble.shown()),
                "start the proxy before the run, or by `--start CMD`",
            ),
        };
        // A proxy that was just started may not know its origin yet.
        if bench.subject.start.is_none() || Instant::now() > until {
            return Err(error);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn is_reachable(asked: &Asked, bench: &Bench<'_>) -> bool {
    bench.dialler.dial(asked, false).await.is_ok()
}

fn nothing_came(bench: &Bench<'_>, answer: &str) -> RunError {
    let origin = bench.mock.address();
    subject_error(
        format!("nothing came through to the origin at {origin}: the client got {answer}"),
        &format!(
            "does the proxy forward there, with the path as it is? point it at http://{origin}"
        ),
    )
}

/// Why cases over HTTP/2 cannot be judged, if the proxy does not offer it.
async fn refuses_http2(bench: &Bench<'_>) -> Option<Finding> {
    let passed = pass_plainly(bench, Some(AskVersion::Http2)).await;
    match passed.exchanges.first().map(|exchange| &exchange.answer) {
        Some(Ok(answer)) if answer.head.status == 200 => None,
        Some(Ok(answer)) => Some(Finding::Moot(
            format!("the proxy does not offer HTTP/2 here: {}", answer.shown()),
            "give an https URL, or one where HTTP/2 is spoken in cleartext",
        )),
        Some(Err(trouble)) => Some(Finding::Moot(
            format!("the proxy does not offer HTTP/2 here: {}", trouble.shown()),
            "give an https URL, or one where HTTP/2 is spoken in cleartext",
        )),
        None => None,
    }
}

fn dead(death: Death) -> RunError {
    subject_error(death.message, &death.help)
}

fn subject_error(message: String, help: &str) -> RunError {
    RunError { kind: "subject".to_owned(), message, help: help.to_owned() }
}

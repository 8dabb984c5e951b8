//! A run against a server: reach it, ask it in many ways side by side, judge what came.

use std::time::{Duration, Instant as StdInstant};

use futures::stream::{self, StreamExt as _};
use ssespec_net::ReplyHead;
use ssespec_report::{CaseResult, RunError, RunResult};
use ssespec_scenario::{Ask, AskId, AskVersion, Case, Check, Profile, Role, Route};
use tokio::time::Instant;

use super::check::{Scene, look};
use super::curl::{command_line, url};
use super::exchange::{Exchange, Version};
use super::line::Dialler;
use super::probe::Prober;
use super::reading::Seen;
use super::reference::ReferenceServer;
use super::target::{HttpChoice, Target};
use super::verdict::{Due, Finding, Times};
use crate::builtin::{MAX_REDIRECTS, is_redirect};
use crate::lag::LagMonitor;
use crate::suite::{Options, Progress, blank_result, sum_up};

/// What a run may take beyond the time for which the plain stream is watched.
const OVERHEAD: Duration = Duration::from_millis(9500);
/// How long a connection may take.
const DIAL_LIMIT: Duration = Duration::from_secs(4);
/// Our own lag from which on nothing is believed that rests on waiting.
const LAG_LIMIT: Duration = Duration::from_millis(300);
/// How many events after the id that is sent should be known.
const AFTER_THE_ID: usize = 4;

/// Which server is tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerSubject {
    /// An endpoint, by its URL.
    Url(Box<Target>),
    /// The reference server, asked like the target but for its URL.
    Builtin(Box<Target>),
}

/// Tests a server. Ends early, with a partial result, when `interrupt` resolves.
///
/// Never fails: what kept the run from judging is in the result's `errors`.
pub async fn test_server(
    subject: &ServerSubject,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    interrupt: impl Future<Output = ()>,
) -> RunResult {
    let began = StdInstant::now();
    let mut result = blank_result(&options.suite, Role::Server);
    let profile = options.profile.unwrap_or(Profile::Eventsource);
    profile.name().clone_into(&mut result.profile);
    let finished = std::sync::Mutex::new(Vec::new());
    let finish = |case: CaseResult| {
        progress(Progress::Finished(Box::new(case.clone())));
        if let Ok(mut finished) = finished.lock() {
            finished.push(case);
        }
    };
    let mut runtime = String::new();
    let (target, server) = match subject {
        ServerSubject::Url(target) => ((**target).clone(), Ok(None)),
        ServerSubject::Builtin(asked) => builtin((**asked).clone()).await,
    };
    let outcome = match server {
        Ok(server) => {
            let option = if server.is_some() { "--builtin" } else { "" };
            let run = run(&target, options, profile, progress, &finish, &mut runtime, option);
            tokio::select! { it = run => Some(it), () = interrupt => None }
        }
        Err(error) => Some(Err(error)),
    };
    result.subject.name = target.url;
    result.subject.runtime = runtime;
    result.interrupted = outcome.is_none();
    if let Some(Err(error)) = outcome {
        result.errors.push(error);
    }
    result.cases = finished.into_inner().unwrap_or_default();
    sum_up(&mut result, options, began);
    result
}

/// The reference server, which lives until it is dropped, and the target with its address.
async fn builtin(mut target: Target) -> (Target, Result<Option<ReferenceServer>, RunError>) {
    match ReferenceServer::start().await {
        Ok(server) => {
            if let Ok(own) = Target::new(&server.url()) {
                target.address = own.address;
            }
            "the reference server".clone_into(&mut target.url);
            (target, Ok(Some(server)))
        }
        Err(error) => {
            let message = format!("failed to start the reference server: {error}");
            (target, Err(subject_error(message, "free a port on the loopback interface")))
        }
    }
}

fn subject_error(message: String, help: &str) -> RunError {
    RunError { kind: "subject".to_owned(), message, help: help.to_owned() }
}

async fn run(
    target: &Target,
    options: &Options,
    profile: Profile,
    progress: &(dyn Fn(Progress) + Sync),
    finish: &(dyn Fn(CaseResult) + Sync),
    runtime: &mut String,
    builtin: &str,
) -> Result<(), RunError> {
    let began = Instant::now();
    let scale = options.time_scale;
    let dialler = Dialler::new(&target.trust, DIAL_LIMIT.mul_f64(scale)).map_err(|error| {
        let help = "give certificates in PEM to `--cacert`";
        RunError { kind: "usage".to_owned(), message: error.to_string(), help: help.to_owned() }
    })?;
    let mut prober = Prober {
        target,
        address: target.address.clone(),
        version: match target.http {
            Some(HttpChoice::Http2) => Version::Http2,
            _ => Version::Http11,
        },
        dialler,
        began,
        deadline: began + target.watch + OVERHEAD.mul_f64(scale),
        time_scale: scale,
    };
    let reached = tokio::select! {
        reached = reach(&prober) => reached?,
        failed = trigger(&prober) => return Err(failed),
    };
    (prober.address, prober.version) = (reached.address, reached.version);
    if let Ok(answer) = &reached.first.exchange.answer {
        *runtime = answer.header("server").join(", ");
    }
    let due = due(options, profile, &prober);
    progress(Progress::Planned(due.len()));
    let judge = judge(&prober, options, &due, reached.first, finish, builtin);
    tokio::select! {
        () = judge => Ok(()),
        failed = trigger(&prober) => Err(failed),
    }
}

/// Makes the server emit, once a second, where the user says how; returns only when that fails.
async fn trigger(prober: &Prober<'_>) -> RunError {
    let Some(trigger) = &prober.target.trigger else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let seen = prober.send(&trigger.method, &trigger.address).await;
        let failed = match &seen.exchange.answer {
            Ok(answer) if answer.head.status < 400 => None,
            Ok(answer) => Some(answer.shown()),
            Err(trouble) => Some(trouble.shown()),
        };
        if let Some(why) = failed {
            let target = url(&trigger.address);
            return subject_error(
                format!("the trigger `{} {target}` failed: {why}", trigger.method),
                "try it by hand; headers of `-H` go with it",
            );
        }
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
}

/// Where the stream is.
struct Reached {
    address: crate::builtin::Address,
    version: Version,
    first: Seen,
}

/// Follows redirects to the stream, or says why there is nothing to test.
async fn reach(prober: &Prober<'_>) -> Result<Reached, RunError> {
    let mut address = prober.address.clone();
    let mut version = prober.version;
    for _ in 0..=MAX_REDIRECTS {
        let seen = prober.reach(&address, version).await;
        let head = match &seen.exchange.answer {
            Ok(answer) => &answer.head,
            // A server that speaks HTTP/2 alone refuses the handshake.
            Err(_)
                if address.https && version == Version::Http11 && prober.target.http.is_none() =>
            {
                let again = prober.reach(&address, Version::Http2).await;
                if again.answer().is_some() {
                    version = Version::Http2;
                    continue;
                }
                return Err(no_answer(&seen, prober));
            }
            Err(_) => return Err(no_answer(&seen, prober)),
        };
        let Some(next) = redirect(head).and_then(|location| address.resolve(&location)) else {
            return Ok(Reached { address, version, first: seen });
        };
        address = next;
    }
    Err(subject_error(
        format!("`{}` leads to more than {MAX_REDIRECTS} redirects", prober.target.url),
        "give the URL of the stream itself, with the headers it asks for (`-H 'Cookie: …'`)",
    ))
}

fn redirect(head: &ReplyHead) -> Option<String> {
    let location = head.header("location").next()?;
    is_redirect(head.status).then(|| String::from_utf8_lossy(location).into_owned())
}

fn no_answer(seen: &Seen, prober: &Prober<'_>) -> RunError {
    let Err(trouble) = &seen.exchange.answer else {
        return subject_error(seen.shown(), "");
    };
    let message = format!("`{}` gives no answer: {}", prober.target.url, trouble.shown());
    subject_error(message, trouble.help())
}

/// The cases that are to be judged, each on its route.
fn due<'o>(options: &'o Options, profile: Profile, prober: &Prober<'_>) -> Vec<Due<'o>> {
    let mut due = Vec::new();
    for case in options.catalogue.cases() {
        let (Some(endpoint), Some(rule)) = (&case.endpoint, options.catalogue.rule(&case.rule))
        else {
            continue;
        };
        let own = prober.asked(&endpoint.ask, None).route();
        // Where the run cannot take a route of the case, it is shown on the one it would take.
        let routes = case.routes();
        let route = if routes.contains(&own) { own } else { other_version(own, &routes) };
        if options.selection.selects(&case.id, route) {
            due.push(Due { case, rule, level: rule.level(profile), route });
        }
    }
    due
}

fn other_version(own: Route, routes: &[Route]) -> Route {
    let other = match own {
        Route::H2 => Route::H1s,
        Route::H2c => Route::H1,
        other => other,
    };
    if routes.contains(&other) { other } else { routes.first().copied().unwrap_or(own) }
}

/// Why a case cannot be asked in this run.
fn obstacle(case: &Case, prober: &Prober<'_>) -> Option<Finding> {
    let endpoint = case.endpoint.as_ref()?;
    let http2 = endpoint.ask.version == Some(AskVersion::Http2);
    match prober.target.http {
        Some(HttpChoice::Http1) if http2 => {
            Some(Finding::Moot("the run is over HTTP/1 only".to_owned(), "leave `--http1` out"))
        }
        _ if prober.version == Version::Http2 && !http2 => {
            let routes = case.routes();
            let fits = routes.contains(&Route::H2) || routes.contains(&Route::H2c);
            (!fits)
                .then(|| Finding::Moot("the run is over HTTP/2".to_owned(), "leave `--http2` out"))
        }
        _ => None,
    }
}

/// Whether a check says something of an answer that is no stream.
fn needs_no_stream(check: &Check, status: u16) -> bool {
    match check {
        Check::Ok {} | Check::Framed {} | Check::OneDelimiter {} => true,
        Check::MediaType {} => matches!(status, 200 | 204),
        _ => false,
    }
}

/// What was seen, by what was asked.
type Gathered<'o> = Vec<(&'o Ask, Vec<Seen>)>;

async fn judge(
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
                look(&endpoint.check, &judgement.scene(&first, &[], None))
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
        let seen: &[Seen] = gathered
            .iter()
            .find(|(ask, _)| **ask == endpoint.ask)
            .map_or(&[], |(_, seen)| seen.as_slice());
        let after = match &endpoint.check {
            Check::StillUp {} => vec![prober.glance().await],
            _ => Vec::new(),
        };
        let seen = if after.is_empty() { seen } else { after.as_slice() };
        let scene = judgement.scene(&plain, seen, own_id.as_deref());
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
        let second = look(&endpoint.check, &judgement.scene(&plain, &again, own_id.as_deref()));
        // A silence of half a minute is not waited for again.
        let proven = second.wants_proof() || matches!(endpoint.check, Check::Heartbeat {});
        if proven {
            finish(judgement.conclude(due, finding, shown(&plain, seen), 2, false));
        } else {
            finish(judgement.conclude(due, finding, shown(&plain, seen), 2, true));
        }
    }
}

fn shown<'s>(plain: &'s Seen, seen: &'s [Seen]) -> impl Iterator<Item = &'s Exchange> + Clone {
    let own = seen.is_empty().then_some(plain);
    seen.iter().chain(own).map(|seen| &seen.exchange)
}

/// The asks of the cases, each once.
fn asks<'o>(due: &[Due<'o>], wanted: impl Fn(&Ask) -> bool) -> Vec<&'o Ask> {
    let mut asks: Vec<&Ask> = Vec::new();
    for ask in due.iter().filter_map(|due| due.case.endpoint.as_ref()).map(|it| &it.ask) {
        if !ask.is_plain() && wanted(ask) && !asks.contains(&ask) {
            asks.push(ask);
        }
    }
    asks
}

/// The plain stream, and beside it all that needs to know nothing of it.
async fn gather<'o>(
    prober: &Prober<'_>,
    options: &'o Options,
    due: &[Due<'o>],
) -> (Seen, Gathered<'o>) {
    let simple = |ask: &Ask| ask.streams.is_none() && ask.last_event_id != Some(AskId::Own {});
    let mut asks = asks(due, simple);
    // Whether the server is still up says nothing before it has been attacked.
    if due
        .iter()
        .filter_map(|due| due.case.endpoint.as_ref())
        .any(|it| it.check == Check::StillUp {})
    {
        for ask in options.catalogue.cases().iter().filter_map(|case| case.endpoint.as_ref()) {
            let attacks = matches!(ask.ask.last_event_id, Some(AskId::Bytes(_)));
            if attacks && !asks.contains(&&ask.ask) {
                asks.push(&ask.ask);
            }
        }
    }
    let all = stream::iter(asks)
        .map(|ask| async move { (ask, prober.ask(ask, None).await) })
        .buffer_unordered(options.jobs)
        .collect();
    tokio::join!(prober.plain(), all)
}

/// What must not disturb the plain stream, or needs its ids.
async fn gather_late<'o>(
    prober: &Prober<'_>,
    due: &[Due<'o>],
    own_id: Option<&str>,
) -> Gathered<'o> {
    use ssespec_scenario::FirstStream;
    let mut gathered = Vec::new();
    for stalls in [false, true] {
        let wanted = |ask: &Ask| {
            let late = ask.streams.is_some()
                || (ask.last_event_id == Some(AskId::Own {}) && own_id.is_some());
            late && (ask.first == FirstStream::Stall) == stalls
        };
        let all = asks(due, wanted)
            .into_iter()
            .map(|ask| async move { (ask, prober.ask(ask, own_id).await) });
        gathered.extend(futures::future::join_all(all).await);
    }
    gathered
}

/// An id of the plain stream with events after it, near its end: servers keep the latest.
fn own_id(plain: &Seen) -> Option<String> {
    let ids: Vec<&str> = plain.identified().map(|it| it.event.last_event_id.as_str()).collect();
    let fits = |id: &&str| !id.bytes().any(|byte| byte < b' ' || byte == 0x7f) && id.len() <= 4096;
    let last = ids.len().checked_sub(2)?;
    let at = ids.len().saturating_sub(AFTER_THE_ID + 1).min(last);
    ids.get(at).filter(|id| fits(id)).map(|id| (*id).to_owned())
}

/// What all conclusions of a run share.
struct Judgement<'r> {
    prober: &'r Prober<'r>,
    builtin: &'r str,
    lag: &'r LagMonitor,
    began: StdInstant,
}

impl Judgement<'_> {
    fn scene<'s>(&self, plain: &'s Seen, seen: &'s [Seen], own_id: Option<&'s str>) -> Scene<'s> {
        Scene {
            plain,
            seen,
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
        let lag = self.lag.since(self.began);
        let finding = if finding.wants_proof() && lag.longest > LAG_LIMIT {
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

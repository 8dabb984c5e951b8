//! A run against a server: reach it, ask it in many ways side by side, judge what came.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant as StdInstant};

use ssespec_net::ReplyHead;
use ssespec_report::{CaseResult, RunError, RunResult, Subject};
use ssespec_scenario::{Profile, Role};
use tokio::time::Instant;

use super::curl::url;
use super::due::due;
use super::exchange::Version;
use super::judge::judge;
use super::library::{Library, launch, plain_body};
use super::line::Dialler;
use super::probe::Prober;
use super::reading::Seen;
use super::reference::ReferenceServer;
use super::target::{HttpChoice, Target};
use crate::builtin::{MAX_REDIRECTS, is_redirect};
use crate::instance::Death;
use crate::process::quoted;
use crate::suite::{Options, Progress, blank_result, sum_up};

/// What a run may take beyond the time for which the plain stream is watched.
const OVERHEAD: Duration = Duration::from_millis(9500);
/// The same for a library, which nobody is waiting for in production.
const LIBRARY_OVERHEAD: Duration = Duration::from_mins(10);
/// The same where streams are counted, twice where they seem to stay.
const GAUGE_OVERHEAD: Duration = Duration::from_secs(35);
/// After how many events the plain stream of a library is left.
const PLAIN_EVENTS: u32 = 12;
/// How long an adapter that does not answer may take to end.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long a connection may take.
const DIAL_LIMIT: Duration = Duration::from_secs(4);

/// Which server is tested.
#[derive(Debug, Clone)]
pub enum ServerSubject {
    /// An endpoint, by its URL.
    Url(Box<Target>),
    /// The reference server, asked like the target but for its URL.
    Builtin(Box<Target>),
    /// A library, behind the adapter that this shell command starts.
    Exec(String),
    /// A library that runs already.
    Library(Arc<Library>),
}

/// What a run is about.
#[derive(Clone, Copy)]
struct Scope<'r> {
    target: &'r Target,
    /// The library that is told what to send.
    library: Option<&'r Library>,
    /// Whether the cases of endpoints are judged.
    looks_at_endpoint: bool,
    /// How the server is named on the command line, unless by its URL.
    named: &'r str,
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
    let mut line = Subject { role: Role::Server.name().to_owned(), ..Subject::default() };
    let bench = Bench { options, profile, progress, finish: &finish };
    let outcome = tokio::select! {
        it = bench.test(subject, &mut line) => Some(it),
        () = interrupt => None,
    };
    result.subject = line;
    result.interrupted = outcome.is_none();
    if let Some(Err(error)) = outcome {
        result.errors.push(error);
    }
    result.cases = finished.into_inner().unwrap_or_default();
    sum_up(&mut result, options, began);
    result
}

/// What all parts of a run share.
struct Bench<'r> {
    options: &'r Options,
    profile: Profile,
    progress: &'r (dyn Fn(Progress) + Sync),
    finish: &'r (dyn Fn(CaseResult) + Sync),
}

impl Bench<'_> {
    async fn test(&self, subject: &ServerSubject, line: &mut Subject) -> Result<(), RunError> {
        match subject {
            ServerSubject::Url(target) => {
                line.name.clone_from(&target.url);
                let scope = Scope { target, library: None, looks_at_endpoint: true, named: "" };
                self.run(scope, line).await
            }
            ServerSubject::Builtin(target) => {
                "the reference server".clone_into(&mut line.name);
                self.test_reference((**target).clone(), line).await
            }
            ServerSubject::Exec(command) => {
                line.name.clone_from(command);
                let running = launch(command).await.map_err(dead)?;
                let named = format!("--exec {}", quoted(command));
                let outcome = tokio::select! {
                    outcome = self.test_library(&running.library, true, &named, line) => outcome,
                    death = running.death() => Err(dead(death)),
                };
                // That nobody listens any more may be seen before the end of the process is.
                let outcome = match outcome {
                    Err(error) => {
                        let death = tokio::time::timeout(LAST_WORDS, running.death()).await;
                        Err(death.map_or(error, dead))
                    }
                    Ok(()) => Ok(()),
                };
                running.end().await;
                outcome
            }
            ServerSubject::Library(library) => self.test_library(library, false, "", line).await,
        }
    }

    /// The reference server by its URL, and as a library.
    async fn test_reference(&self, mut target: Target, line: &mut Subject) -> Result<(), RunError> {
        let server = ReferenceServer::start().await.map_err(|error| {
            let message = format!("failed to start the reference server: {error}");
            subject_error(message, "free a port on the loopback interface")
        })?;
        if let Ok(own) = Target::new(&server.url()) {
            target.address = own.address;
        }
        target.gauge = server.gauge_url().parse().ok();
        let named = "--builtin";
        let scope = Scope { target: &target, library: None, looks_at_endpoint: true, named };
        self.run(scope, line).await?;
        self.test_library(&server.library(), false, named, line).await
    }

    async fn test_library(
        &self,
        library: &Library,
        looks_at_endpoint: bool,
        named: &str,
        line: &mut Subject,
    ) -> Result<(), RunError> {
        let hello = &library.hello;
        line.name.clone_from(&hello.name);
        line.version.clone_from(&hello.version);
        line.language.clone_from(&hello.language);
        line.runtime.clone_from(&hello.runtime);
        line.features.clone_from(&hello.features);
        let target = library_target(library)?;
        let scope = Scope { target: &target, library: Some(library), looks_at_endpoint, named };
        self.run(scope, line).await
    }

    async fn run(&self, scope: Scope<'_>, line: &mut Subject) -> Result<(), RunError> {
        let Scope { target, library, .. } = scope;
        let began = Instant::now();
        let scale = self.options.time_scale;
        let dialler = Dialler::new(&target.trust, DIAL_LIMIT.mul_f64(scale)).map_err(|error| {
            let help = "give certificates in PEM to `--cacert`";
            RunError { kind: "usage".to_owned(), message: error.to_string(), help: help.to_owned() }
        })?;
        let overhead = match (library, &target.gauge) {
            (Some(_), _) => LIBRARY_OVERHEAD,
            (None, Some(_)) => OVERHEAD + GAUGE_OVERHEAD,
            (None, None) => OVERHEAD,
        };
        let mut prober = Prober {
            target,
            address: target.address.clone(),
            version: match target.http {
                Some(HttpChoice::Http2) => Version::Http2,
                _ => Version::Http11,
            },
            dialler,
            began,
            deadline: began + target.watch + overhead.mul_f64(scale),
            time_scale: scale,
            library,
            sent: AtomicU64::new(0),
        };
        let reached = tokio::select! {
            reached = reach(&prober) => reached?,
            failed = trigger(&prober) => return Err(failed),
        };
        (prober.address, prober.version) = (reached.address, reached.version);
        if library.is_none()
            && let Ok(answer) = &reached.first.exchange.answer
        {
            line.runtime = answer.header("server").join(", ");
        }
        let due = due(self.options, self.profile, &prober, scope.looks_at_endpoint);
        if due.is_empty() {
            return Ok(());
        }
        (self.progress)(Progress::Planned(due.len()));
        let first = reached.first;
        let judge = judge(&prober, self.options, &due, first, self.finish, scope.named);
        tokio::select! {
            () = judge => Ok(()),
            failed = trigger(&prober) => Err(failed),
        }
    }
}

/// Where a library is told what to send.
fn library_target(library: &Library) -> Result<Target, RunError> {
    let mut target = Target::new(&library.hello.url).map_err(|error| {
        let help = "say where the adapter listens: \"url\":\"http://127.0.0.1:PORT/emit\"";
        subject_error(format!("the adapter's `hello` is wrong: {error}"), help)
    })?;
    "POST".clone_into(&mut target.method);
    target.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    target.body = Some(plain_body(&library.features));
    target.min_events = Some(PLAIN_EVENTS);
    Ok(target)
}

fn dead(death: Death) -> RunError {
    subject_error(death.message, &death.help)
}

fn subject_error(message: String, help: &str) -> RunError {
    RunError { kind: "subject".to_owned(), message, help: help.to_owned() }
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

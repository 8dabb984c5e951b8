//! The suite proves itself on servers: each case is failed by each mutant that it names; the same
//! server without a defect passes all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ssespec_harness::{
    Announced, Announcement, Library, Memory, Options, PROTOCOL_VERSION, Selection, ServerHello,
    ServerSubject, Target, test_server,
};
use ssespec_report::{CaseResult, RunResult, Verdict};
use ssespec_scenario::{Catalogue, Role, ServerFeature};
use ssespec_testkit::{MutantServer, ServerDefect, kills};

/// How many mutants are tested at once. Most of the time they wait for time to pass.
const AT_ONCE: usize = 12;
/// How often a mutant that got through is run again, alone: a machine that stood still for a moment
/// makes ssespec distrust what rests on waiting.
const TRIES: u32 = 4;
/// Events after which the plain stream is left.
const EVENTS: u32 = 12;

/// Runs the server cases that match against a URL.
async fn run(url: &str, gauge: &str, patterns: &[String], slow: bool) -> RunResult {
    let mut options = options(patterns);
    let mut target = Target::new(url).expect("a URL");
    target.gauge = Some(gauge.parse().expect("a gauge"));
    if slow {
        // Half a minute of silence, at a fifth of its length.
        options.time_scale = 0.2;
        target.watch = Duration::from_secs(7);
    } else if !url.ends_with("/finite") {
        target.watch = Duration::from_secs(4);
        target.min_events = Some(EVENTS);
    }
    let subject = ServerSubject::Url(Box::new(target));
    test_server(&subject, &options, &|_| {}, std::future::pending()).await
}

/// Runs the cases that match against a library that is told what to send.
async fn run_library(defect: Option<ServerDefect>, patterns: &[String]) -> RunResult {
    let announced = Announced::default();
    let heard = announced.clone();
    let tell = move |request| heard.hear(&Announcement::Disconnected { request });
    let server = MutantServer::start_telling(defect, tell).expect("a free port");
    let queued = server.queued();
    // The mutants speak HTTP/1 alone, and flush by themselves.
    let features: Vec<_> = ServerFeature::ALL
        .into_iter()
        .filter(|it| {
            use ServerFeature::{Flush, Http2, JsonData};
            !matches!(it, Flush | Http2 | JsonData)
        })
        .collect();
    let hello = ServerHello {
        protocol: PROTOCOL_VERSION,
        role: "server".to_owned(),
        name: "mutant".to_owned(),
        url: server.emit_url(),
        features: features.iter().map(|it| it.name().to_owned()).collect(),
        ..ServerHello::default()
    };
    let memory = Memory::new(move || Some(queued()));
    let library = Library { hello, features, announced, memory };
    let subject = ServerSubject::Library(Arc::new(library));
    test_server(&subject, &options(patterns), &|_| {}, std::future::pending()).await
}

fn options(patterns: &[String]) -> Options {
    let catalogue = Catalogue::builtin().only(Role::Server);
    let mut options = Options::new(catalogue);
    options.selection =
        Selection::new(patterns, &[], &options.catalogue).expect("each pattern fits a case");
    options.block = false;
    options.jobs = 32;
    options
}

fn shown(case: &CaseResult) -> String {
    let reason = case.reason.as_ref().map(|it| format!("{}: {}", it.kind, it.message));
    format!(
        "{} {} {:?} ({})",
        case.id,
        case.verdict.name(),
        case.status,
        reason.unwrap_or_default()
    )
}

/// Runs a mutant against the cases that name it; what does not prove it.
async fn survivors(defect: ServerDefect, patterns: Vec<String>) -> Vec<String> {
    let server = MutantServer::start(Some(defect)).expect("a free port");
    let ends =
        matches!(defect, ServerDefect::LastChunkMissing | ServerDefect::LastBlankLineMissing);
    let url = if ends { server.finite_url() } else { server.url() };
    let result = if patterns.iter().any(|it| it.starts_with("library/")) {
        run_library(Some(defect), &patterns).await
    } else {
        run(&url, &server.gauge_url(), &patterns, defect == ServerDefect::FallsSilent).await
    };
    let mut flaws: Vec<String> = result.errors.iter().map(|error| error.message.clone()).collect();
    for id in &patterns {
        let case = result.cases.iter().find(|case| case.id.split('@').next() == Some(id));
        let proven = case.is_some_and(|case| {
            let breach = if case.level == "must" { Verdict::Fail } else { Verdict::Warn };
            case.verdict == breach && case.status.is_none()
        });
        if !proven {
            flaws.push(case.map_or_else(|| format!("{id} was not run"), shown));
        }
    }
    flaws
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_defect_each_case_passes() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for _ in 0..TRIES {
        let server = MutantServer::start(None).expect("a free port");
        let (url, finite_url, gauge) = (server.url(), server.finite_url(), server.gauge_url());
        let heartbeat = ["server/heartbeat".to_owned()];
        let (library, endless, finite, watched) = tokio::join!(
            run_library(None, &[]),
            run(&url, &gauge, &[], false),
            run(&finite_url, &gauge, &[], false),
            run(&url, &gauge, &heartbeat, true)
        );
        for result in [&library, &endless, &finite, &watched] {
            assert!(result.errors.is_empty(), "{:?}", result.errors);
            for case in &result.cases {
                // What ssespec distrusts on a busy machine is looked at again.
                let wrong = matches!(
                    case.verdict,
                    Verdict::Fail | Verdict::Warn | Verdict::Error | Verdict::Blocked
                );
                assert!(!wrong, "{}", shown(case));
                let id = case.id.split('@').next().unwrap_or_default();
                seen.entry(id.to_owned()).or_default().insert(case.verdict.name());
            }
        }
        if seen.values().all(|verdicts| verdicts.contains("pass") || verdicts.contains("observed"))
        {
            return;
        }
    }
    seen.retain(|_, verdicts| !verdicts.contains("pass") && !verdicts.contains("observed"));
    panic!("{seen:#?}");
}

#[test]
fn each_mutant_is_caught_by_each_case_that_names_it() {
    let kills = kills(Role::Server);
    let patterns = |defect: ServerDefect| kills.get(defect.name()).cloned().unwrap_or_default();
    let next = AtomicUsize::new(0);
    let survived = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(defect) = ServerDefect::ALL.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let found = alone(survivors(*defect, patterns(*defect)));
                    survived.lock().unwrap().push((*defect, found));
                }
            });
        }
    });
    let mut flaws = Vec::new();
    for (defect, mut found) in survived.into_inner().expect("no thread panicked") {
        for _ in 0..TRIES {
            if found.is_empty() {
                break;
            }
            found = alone(survivors(defect, patterns(defect)));
        }
        flaws.extend(found.into_iter().map(|flaw| format!("{}: {flaw}", defect.name())));
    }
    assert!(flaws.is_empty(), "{} flaws:\n{}", flaws.len(), flaws.join("\n"));
}

/// Runs a future on a runtime of its own.
fn alone<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(future)
}

#[test]
fn cases_and_mutants_name_each_other() {
    let kills = kills(Role::Server);
    let known: BTreeSet<&str> = ServerDefect::ALL.iter().map(|defect| defect.name()).collect();
    for (name, cases) in &kills {
        assert!(known.contains(name.as_str()), "`{name}` is no mutant; {cases:?} name it");
    }
    for name in known {
        assert!(kills.contains_key(name), "no case names `{name}`");
    }
    for case in Catalogue::builtin().only(Role::Server).cases() {
        let records = case.endpoint.as_ref().is_some_and(|it| it.check.only_records());
        assert_eq!(case.kills.is_empty(), records, "`{}`", case.id);
    }
}

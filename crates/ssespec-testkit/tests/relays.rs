//! The suite proves itself on proxies: each case is failed by each mutant that it names; the same
//! proxy without a defect passes all of them.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ssespec_harness::{Options, ProxySubject, Selection, test_proxy};
use ssespec_report::{CaseResult, RunResult, Verdict};
use ssespec_scenario::{Catalogue, Role};
use ssespec_testkit::{MutantRelay, RelayDefect, kills};

/// How many mutants are tested at once. Most of the time they wait for time to pass.
const AT_ONCE: usize = 12;
/// How often a mutant that got through is run again, alone: a machine that stood still for a moment
/// makes ssespec distrust what rests on waiting.
const TRIES: u32 = 4;

const LOCALHOST: [u8; 4] = [127, 0, 0, 1];

/// An address at which nobody listens.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(SocketAddr::from((LOCALHOST, 0))).expect("a free port");
    listener.local_addr().expect("it has an address")
}

/// Runs the cases that match through a proxy.
async fn run(defect: Option<RelayDefect>, patterns: &[String]) -> RunResult {
    let mut options = Options::new(Catalogue::builtin().only(Role::Proxy));
    options.selection =
        Selection::new(patterns, &[], &options.catalogue).expect("each pattern fits a case");
    options.block = false;
    options.jobs = 12;
    if defect.is_some() {
        // What does not come is not waited for so long.
        options.time_scale = 0.5;
    }
    let origin = free_address();
    let listen = SocketAddr::from((LOCALHOST, 0));
    let relay = MutantRelay::start(defect, listen, origin).await.expect("a free port");
    let subject = ProxySubject::new(&relay.url(), origin).expect("a URL");
    test_proxy(&subject, &options, &|_| {}, std::future::pending()).await
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
async fn survivors(defect: RelayDefect, patterns: Vec<String>) -> Vec<String> {
    let result = run(Some(defect), &patterns).await;
    let mut flaws: Vec<String> = result.errors.iter().map(|error| error.message.clone()).collect();
    for id in &patterns {
        let case = result.cases.iter().find(|case| case.id.split('@').next() == Some(id));
        let proven = case.is_some_and(|case| {
            let breach = if case.level == "must" { Verdict::Fail } else { Verdict::Warn };
            // Where nothing came to the origin the case has not even begun.
            let began = case.reason.as_ref().is_some_and(|it| it.kind != "unasked");
            case.verdict == breach && case.status.is_none() && began
        });
        if !proven {
            flaws.push(case.map_or_else(|| format!("{id} was not run"), shown));
        }
    }
    flaws
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_defect_each_case_passes() {
    for tried in 1..=TRIES {
        let result = run(None, &[]).await;
        assert!(result.errors.is_empty(), "{:?}", result.errors);
        let passed = |case: &&CaseResult| {
            matches!(case.verdict, Verdict::Pass | Verdict::Observed) && case.status.is_none()
        };
        let wrong: Vec<String> = result.cases.iter().filter(|it| !passed(it)).map(shown).collect();
        assert_eq!(result.cases.len(), Catalogue::builtin().only(Role::Proxy).cases().len());
        if wrong.is_empty() {
            return;
        }
        // What ssespec distrusts on a busy machine is looked at again.
        let distrusted = |case: &&CaseResult| case.verdict == Verdict::Inconclusive;
        let all_distrusted =
            result.cases.iter().filter(|it| !passed(it)).all(|case| distrusted(&case));
        assert!(all_distrusted && tried < TRIES, "{wrong:#?}");
    }
}

#[test]
fn each_mutant_is_caught_by_each_case_that_names_it() {
    let kills = kills(Role::Proxy);
    let patterns = |defect: RelayDefect| kills.get(defect.name()).cloned().unwrap_or_default();
    let next = AtomicUsize::new(0);
    let survived = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(defect) = RelayDefect::ALL.get(next.fetch_add(1, Ordering::Relaxed))
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
    let kills = kills(Role::Proxy);
    let known: BTreeSet<&str> = RelayDefect::ALL.iter().map(|defect| defect.name()).collect();
    for (name, cases) in &kills {
        assert!(known.contains(name.as_str()), "`{name}` is no mutant; {cases:?} name it");
    }
    for name in known {
        assert!(kills.contains_key(name), "no case names `{name}`");
    }
    for case in Catalogue::builtin().only(Role::Proxy).cases() {
        let records = case.proxy.as_ref().is_some_and(|it| it.check.only_records());
        let records = records || case.rule == "proxy.incremental";
        assert_eq!(case.kills.is_empty(), records, "`{}`", case.id);
    }
}

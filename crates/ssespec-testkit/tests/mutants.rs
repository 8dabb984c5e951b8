//! The suite proves itself: each case is failed by each mutant that it names, for what the mutant
//! does; the same client without a defect passes all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ssespec_harness::{Options, Selection, Subject, test_client};
use ssespec_report::{CaseResult, RunResult, Verdict};
use ssespec_scenario::{Case, Catalogue, Role, Route};
use ssespec_testkit::{Defect, PENDING, Place, UNPROVEN, kills, table};

/// How many mutants are tested at once. Most of the time they wait for time to pass.
const AT_ONCE: usize = 8;

/// How often a mutant that got through is run again. A machine that stood still for a moment hides
/// what comes too early, and voids what comes too late.
const TRIES: u32 = 6;

/// The tests that take a while take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Kinds of reason that say nothing about what the client did.
const NO_PROOF: [&str; 8] =
    ["adapter", "blocked", "cut", "error", "feature", "lag", "subject", "timeout"];

/// The mutants of which nothing but a time-out can be seen, and why.
const ONLY_SILENT: [(Defect, &str); 1] =
    [(Defect::WaitsForTheNextEvent, "it holds back the sentinel event like any other")];

/// Cases that are not for pages.
const NOT_IN_PAGES: [&str; 3] = ["streams/", "tls/", "redirect/cookie-header-"];

fn is_for_pages(id: &str) -> bool {
    !NOT_IN_PAGES.iter().any(|theme| id.starts_with(theme))
}

/// A mutant, which is in a page where that does not keep it from the cases.
fn subject(defect: Option<Defect>, patterns: &[String]) -> Subject {
    let name = defect.map_or("none", Defect::name);
    let in_page = patterns.iter().all(|pattern| is_for_pages(pattern));
    let outside = if in_page { "" } else { "env -u SSESPEC_ORIGIN " };
    Subject::Exec(format!("{outside}{} --defect {name}", env!("CARGO_BIN_EXE_ssespec-mutant")))
}

/// Runs a subject against the cases that match.
fn run(defect: Option<Defect>, patterns: &[String], time_scale: f64) -> RunResult {
    let catalogue = Catalogue::builtin();
    let mut options = Options::new(catalogue.clone());
    options.selection = Selection::new(patterns, &[], catalogue).expect("each pattern fits a case");
    options.time_scale = time_scale;
    options.block = false;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let never = std::future::pending::<()>();
    runtime.block_on(test_client(&subject(defect, patterns), &options, &|_| {}, never))
}

/// The route on which a case shows best what it is about: the plainest, but for promptness, which
/// is a matter of what the network withholds.
fn natural_route(case: &Case) -> Route {
    let routes = case.routes();
    let plainest = if case.prompt { Route::H1 } else { Route::Feed };
    [plainest, Route::H1, Route::H2c]
        .into_iter()
        .find(|route| routes.contains(route))
        .unwrap_or(Route::H2)
}

fn pattern(id: &str) -> String {
    let case = Catalogue::builtin().case(id).expect("the id is built in");
    format!("{id}@{}", natural_route(case).name())
}

fn reason(case: &CaseResult) -> (&str, &str) {
    case.reason.as_ref().map_or(("", ""), |reason| (&reason.kind, &reason.message))
}

/// What is wrong with this result as a proof, if anything is.
fn flaw(defect: Defect, case: &CaseResult, unspoilt: Option<&CaseResult>) -> Option<String> {
    let (kind, message) = reason(case);
    let shown = format!("{} ({kind}: {message})", case.verdict.name());
    if case.status.is_some() {
        return Some(format!("{shown}, and {:?}", case.status));
    }
    let silent = ONLY_SILENT.iter().any(|(silent, _)| *silent == defect);
    let tells = !NO_PROOF.contains(&kind) || silent && kind == "timeout";
    let proof = match case.verdict {
        Verdict::Observed => unspoilt.is_some_and(|unspoilt| message != reason(unspoilt).1),
        Verdict::Fail => case.level == "must" && tells,
        Verdict::Warn => case.level == "should" && tells,
        _ => false,
    };
    (!proof).then_some(shown)
}

/// Runs a mutant against cases; gives each case that does not prove it, and why.
fn survivors(
    defect: Defect,
    patterns: &[String],
    unspoilt: &BTreeMap<String, CaseResult>,
    time_scale: f64,
) -> BTreeMap<String, String> {
    if patterns.is_empty() {
        return BTreeMap::new();
    }
    // What follows a `close` shows within a silence that must not be too short.
    let needs_silence = defect.place() == Place::Close && defect != Defect::CloseNotAcknowledged;
    let time_scale = if needs_silence { 1.0 } else { time_scale };
    let result = run(Some(defect), patterns, time_scale);
    let mut survived = BTreeMap::new();
    for pattern in patterns {
        let case = result.cases.iter().find(|case| case.id == *pattern);
        let flaw = match case {
            Some(case) => flaw(defect, case, unspoilt.get(pattern)),
            None => Some(format!("not run: {:?}", result.errors)),
        };
        survived.extend(flaw.map(|flaw| (pattern.clone(), flaw)));
    }
    survived
}

#[test]
fn without_a_defect_all_cases_pass() {
    let _turn = TURN.lock();
    let result = run(None, &[], 1.0);
    let outside = NOT_IN_PAGES.map(|theme| format!("{theme}*"));
    let outside = run(None, &[&outside[..], &["*@h1s".to_owned()]].concat(), 1.0);
    assert!(result.errors.is_empty(), "{:?}", result.errors);
    assert!(outside.errors.is_empty(), "{:?}", outside.errors);
    let inside = result.cases.iter().filter(|case| is_for_pages(&case.id) && case.route != "h1s");
    for case in inside.chain(&outside.cases) {
        let fine = match case.verdict {
            Verdict::Pass | Verdict::Observed => !reason(case).1.starts_with("something else"),
            // It has no HTTP/2 over TLS.
            Verdict::NotApplicable => case.route == "h2",
            _ => false,
        };
        assert!(fine, "{}: {:?} {:?} {:?}", case.id, case.verdict, case.status, case.reason);
    }
    assert!(result.summary.pass > 900, "{:?}", result.summary);
}

#[test]
fn each_mutant_is_caught_by_each_case_that_names_it() {
    let _turn = TURN.lock();
    let kills = kills(Role::Client);
    let open_cases = Catalogue::builtin().cases().iter().filter(|case| !case.outcomes.is_empty());
    let patterns: Vec<String> = open_cases.map(|case| pattern(&case.id)).collect();
    let unspoilt: BTreeMap<String, CaseResult> =
        run(None, &patterns, 1.0).cases.into_iter().map(|case| (case.id.clone(), case)).collect();

    let patterns_of = |defect: Defect| -> Vec<String> {
        kills.get(defect.name()).into_iter().flatten().map(|id| pattern(id)).collect()
    };
    // The table ends with those that are caught by waiting.
    let slow_first: Vec<Defect> = Defect::ALL.iter().rev().copied().collect();
    let next = AtomicUsize::new(0);
    let survived = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(defect) = slow_first.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let patterns = patterns_of(*defect);
                    let found = survivors(*defect, &patterns, &unspoilt, 0.4);
                    survived.lock().unwrap().push((*defect, found));
                }
            });
        }
    });

    // What the busy machine left open is run again, one mutant at a time, and more than once if
    // need be.
    let mut flaws = Vec::new();
    let survived = survived.into_inner().expect("no thread panicked");
    for (defect, mut left) in survived {
        left.retain(|pattern, _| !is_pending(defect, pattern));
        for _ in 0..TRIES {
            let patterns: Vec<String> = left.into_keys().collect();
            left = survivors(defect, &patterns, &unspoilt, 1.0);
        }
        flaws.extend(
            left.into_iter().map(|(pattern, flaw)| {
                format!("{pattern} does not catch {}: {flaw}", defect.name())
            }),
        );
    }
    assert!(flaws.is_empty(), "{} flaws:\n{}", flaws.len(), flaws.join("\n"));
}

fn is_pending(defect: Defect, pattern: &str) -> bool {
    let id = pattern.split('@').next().unwrap_or(pattern);
    PENDING.iter().any(|(case, pending, _)| *case == id && *pending == defect)
}

#[test]
fn cases_and_mutants_name_each_other() {
    let kills = kills(Role::Client);
    let known: BTreeSet<&str> = Defect::ALL.iter().map(|defect| defect.name()).collect();
    for (name, cases) in &kills {
        assert!(known.contains(name.as_str()), "`{name}` is no mutant; {} names it", cases[0]);
    }
    for name in known {
        assert!(kills.contains_key(name), "no case names `{name}`");
    }
    for case in Catalogue::builtin().only(Role::Client).cases() {
        let excused = UNPROVEN.iter().any(|(id, _)| *id == case.id);
        assert_eq!(case.kills.is_empty(), excused, "`{}` names no mutant", case.id);
    }
}

#[test]
fn the_table_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mutants.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == table(),
        "docs/mutants.md is stale: cargo run -p ssespec-testkit -- --table > docs/mutants.md"
    );
}

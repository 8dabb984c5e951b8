//! A bug at a chunk boundary shows over a real network connection every time, not now and then.
//!
//! Writes on loopback coalesce before the client reads, most of all on a busy machine. A suite
//! that sent the two halves of a CRLF and hoped would pass a client that mishandles the cut. Here
//! both cores are kept busy, and the client must be caught a thousand times out of a thousand.

use std::sync::atomic::{AtomicBool, Ordering};

use ssespec_harness::{Options, Subject, test_client};
use ssespec_report::{RunResult, Verdict};
use ssespec_scenario::{Catalogue, SourceFile};

const TIMES: usize = 1000;

/// A case with two known outcomes, many times. Such a case is run once and shows the outcome that
/// was seen, so that no second try hides what the first one showed; and an outcome with two events
/// is the proof that the cut was real, because only the cut makes them two.
fn catalogue() -> Catalogue {
    let mut text = String::from(
        "[[rule]]\nid = \"split.crlf\"\nlevel = \"info\"\n\
         text = \"A CR and an LF in two reads are one line ending.\"\n\
         link = \"https://html.spec.whatwg.org/multipage/server-sent-events.html\"\n",
    );
    for number in 0..TIMES {
        text.push_str(&format!(
            r#"
[[case]]
id = "split/crlf-{}"
rule = "split.crlf"
title = "CR at the end of one chunk and LF at the start of the next, again, {number}"
routes = ["h1"]
stream = ['data: A\r', '\ndata: B\r\n\r\n']
outcomes = [
  {{ name = "one ending", expect = [{{ event = {{ data = 'A\nB' }} }}] }},
  {{ name = "two endings", expect = [{{ event = {{ data = 'A' }} }}, {{ event = {{ data = 'B' }} }}] }},
]
"#,
            word(number)
        ));
    }
    let source = SourceFile { name: "split.toml".to_owned(), text };
    Catalogue::from_sources(&[source]).unwrap_or_else(|failure| panic!("{}", failure.render(false)))
}

/// Ids are words.
fn word(number: usize) -> String {
    let digits = number.to_string();
    let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let words = digits.bytes().map(|digit| names[usize::from(digit - b'0')]);
    words.collect::<Vec<_>>().join("-")
}

/// Runs a subject against the catalogue while both cores are busy.
fn run_on_a_busy_machine(defect: &str) -> RunResult {
    let binary = env!("CARGO_BIN_EXE_ssespec-mutant");
    let subject = Subject::Exec(format!("{binary} --defect {defect}"));
    let options = Options::new(catalogue());
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let never = std::future::pending::<()>();
        let result = runtime.block_on(test_client(&subject, &options, &|_| {}, never));
        over.store(true, Ordering::Relaxed);
        result
    })
}

/// How often this outcome was seen.
fn seen(result: &RunResult, outcome: &str) -> usize {
    let is_it = |case: &&ssespec_report::CaseResult| {
        case.verdict == Verdict::Observed
            && case.status.is_none()
            && case.reason.as_ref().is_some_and(|reason| reason.message == outcome)
    };
    result.cases.iter().filter(is_it).count()
}

#[test]
fn a_client_that_mishandles_a_split_crlf_is_caught_every_time() {
    let result = run_on_a_busy_machine("crlf-as-two-endings-across-reads");
    assert!(result.errors.is_empty(), "{:?}", result.errors);
    assert_eq!(result.summary.inconclusive, 0);
    assert_eq!(seen(&result, "two endings"), TIMES, "{:?}", result.summary);
}

#[test]
fn a_client_that_does_not_is_never_accused() {
    let result = run_on_a_busy_machine("none");
    assert!(result.errors.is_empty(), "{:?}", result.errors);
    assert_eq!(seen(&result, "one ending"), TIMES, "{:?}", result.summary);
}

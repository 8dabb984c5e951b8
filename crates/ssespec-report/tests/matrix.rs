//! The matrix over many results: what a cell says, what is shared, and its page.

mod samples;

use samples::{ATTACK, case, entry, hostile, mismatch, pass, red, run, server, with_status};
use ssespec_report::html::{IndexLinks, IndexSection, index_to_html, matrix_to_html};
use ssespec_report::markdown::matrix_to_markdown;
use ssespec_report::matrix::{Matrix, MergeError, from_json, matrix_schema, merge, to_json};
use ssespec_report::{CaseResult, Direction, RunResult, Status, Tool, Verdict, picture};

fn tool() -> Tool {
    Tool { name: "ssespec".to_owned(), version: "0.1.0".to_owned() }
}

fn named(name: &str, cases: Vec<CaseResult>) -> (String, RunResult) {
    let mut result = run(cases);
    name.clone_into(&mut result.subject.name);
    (format!("{name}.json"), result)
}

fn merged(results: &[(String, RunResult)]) -> Matrix {
    merge(tool(), results).expect("results of one role")
}

/// Three clients that differ.
fn three() -> Matrix {
    let mut best = red();
    best.cases.retain(|case| case.verdict == Verdict::Pass && case.status.is_none());
    best.cases.push(pass("line/crlf-split-across-chunks@h2"));
    "@scope/best".clone_into(&mut best.subject.name);
    let middle = named("middle|of_all", vec![pass("data/joined@h1"), mismatch()]);
    merged(&[("red.json".to_owned(), red()), ("best.json".to_owned(), best), middle])
}

/// What the cell of a case and an implementation says: verdict and routes.
fn cell(matrix: &Matrix, id: &str, column: usize) -> String {
    let case = matrix.cases.iter().find(|case| case.id == id).expect(id);
    let outcome = matrix.row(case).nth(column).flatten().expect("a judged cell");
    let findings: Vec<String> = outcome
        .findings
        .iter()
        .map(|it| format!("{}@{}", it.verdict.name(), it.routes.join(",")))
        .collect();
    format!("{}: {}", outcome.verdict.name(), findings.join(" "))
}

#[test]
fn a_case_is_one_row_with_the_worst_verdict_of_its_routes() {
    let failing = |id: &str| case(id, Verdict::Fail, "missing", "event 1 is missing");
    let matrix = merged(&[
        named("a", vec![pass("t/a@h1"), failing("t/a@h2"), failing("t/a@h2c")]),
        named("b", vec![pass("t/a@feed")]),
        named(
            "c",
            vec![
                pass("t/a@h1"),
                case(
                    "t/a@h2",
                    Verdict::NotApplicable,
                    "feature",
                    "the subject does not claim `http2`",
                ),
            ],
        ),
    ]);
    assert_eq!(matrix.cases.len(), 1);
    // Those with the fewest failures come first.
    let keys: Vec<&str> = matrix.subjects.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["b", "c", "a"]);
    assert_eq!(cell(&matrix, "t/a", 0), "pass: pass@feed");
    assert_eq!(cell(&matrix, "t/a", 1), "pass: pass@h1 n/a@h2");
    assert_eq!(cell(&matrix, "t/a", 2), "fail: fail@h2,h2c pass@h1");
    assert_eq!(matrix.subjects[2].summary.fail, 1);
    assert_eq!(matrix.subjects[2].summary.pass, 0);
}

#[test]
fn a_failure_that_is_not_known_is_worse_than_one_that_is() {
    let failing = |id: &str| case(id, Verdict::Fail, "missing", "event 1 is missing");
    let known = |id: &str| with_status(failing(id), Status::KnownFailure);
    let matrix = merged(&[named(
        "a",
        vec![
            known("t/a@h1"),
            failing("t/a@h2"),
            known("t/b@h1"),
            pass("t/b@h2"),
            with_status(pass("t/c@h1"), Status::Flaky),
        ],
    )]);
    let status = |row: usize| matrix.row(&matrix.cases[row]).next().flatten().unwrap().status;
    assert_eq!(status(0), None);
    assert_eq!(status(1), Some(Status::KnownFailure));
    assert_eq!(cell(&matrix, "t/c", 0), "pass: pass@h1");
    assert!(matrix.row(&matrix.cases[2]).next().flatten().unwrap().is_failure());
}

#[test]
fn the_order_of_the_results_does_not_matter() {
    let mut results = vec![
        ("red.json".to_owned(), red()),
        named("a", vec![pass("data/joined@h1")]),
        named("b", vec![pass("data/joined@h1"), mismatch()]),
    ];
    let forwards = to_json(&merged(&results));
    results.reverse();
    assert_eq!(to_json(&merged(&results)), forwards);
}

#[test]
fn cases_that_only_some_results_hold_leave_cells_empty() {
    let matrix = merged(&[named("a", vec![pass("t/a@h1")]), named("b", vec![pass("t/b@h1")])]);
    assert_eq!(matrix.cases[0].cells, [Some(0), None]);
    assert_eq!(matrix.cases[1].cells, [None, Some(0)]);
}

#[test]
fn what_is_alike_is_held_once_and_evidence_only_where_it_did_not_pass() {
    let matrix = three();
    let passes = matrix.outcomes.iter().filter(|it| it.verdict == Verdict::Pass).count();
    assert!(passes < 6, "{passes}");
    for outcome in &matrix.outcomes {
        for finding in outcome.findings.iter().filter(|it| it.status.is_none()) {
            if matches!(finding.verdict, Verdict::Pass | Verdict::NotApplicable) {
                assert!(finding.evidence.is_none() && finding.reproduce.is_empty());
                assert!(finding.expected.is_empty() && finding.observed.is_empty());
            } else {
                assert!(finding.reason.is_some() || finding.verdict == Verdict::Observed);
            }
        }
    }
}

#[test]
fn huge_evidence_is_shortened() {
    let mut huge = samples::huge();
    let entries = huge.evidence.iter_mut().flat_map(|it| &mut it.timeline);
    for timeline in entries.take(1) {
        timeline.bytes = "x".repeat(100_000);
        timeline.total_bytes = None;
    }
    huge.evidence.as_mut().unwrap().timeline.push(entry(1, 1, Direction::Note, "end", ""));
    let json = to_json(&merged(&[named("a", vec![huge])]));
    assert!(json.len() < 60_000, "{} bytes", json.len());
    assert!(json.contains("entries left out"));
    assert!(json.contains("\"total_bytes\":100000"));
}

#[test]
fn subjects_of_one_name_have_keys_of_their_own() {
    let matrix = merged(&[named("a b", vec![pass("t/a@h1")]), named("a b", vec![pass("t/a@h1")])]);
    let keys: Vec<&str> = matrix.subjects.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["a-b", "a-b-2"]);
    let results = ["a.json", "reports/a-in-a-worker.json"].map(|source| {
        let (_, result) = named("a", vec![pass("t/a@h1")]);
        (source.to_owned(), result)
    });
    let labels: Vec<String> = merged(&results).subjects.into_iter().map(|it| it.label).collect();
    assert_eq!(labels, ["a", "a-in-a-worker"]);
}

#[test]
fn clients_and_servers_do_not_mix() {
    assert!(matches!(merge(tool(), &[]), Err(MergeError::Empty)));
    let error = merge(tool(), &[("a.json".to_owned(), red()), ("b.json".to_owned(), server())]);
    let message = error.unwrap_err().to_string();
    assert_eq!(message, "`a.json` is the result of a client, `b.json` that of a server");
}

#[test]
fn what_is_written_is_read_back() {
    let matrix = three();
    assert_eq!(from_json(&to_json(&matrix)).unwrap(), matrix);
    let hostile = merged(&[("x.json".to_owned(), hostile())]);
    assert_eq!(from_json(&to_json(&hostile)).unwrap(), hostile);
    let schema = matrix_schema();
    assert_eq!(schema["properties"]["kind"]["const"], "matrix");
    let json: serde_json::Value = serde_json::from_str(&to_json(&matrix)).unwrap();
    for key in json.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}

#[test]
fn a_result_is_no_matrix_and_a_matrix_no_result() {
    let result = ssespec_report::json::to_json(&red());
    let refused = from_json(&result).unwrap_err().to_string();
    assert!(refused.starts_with("the file is the result of one run, not a matrix"), "{refused}");
    let refused = ssespec_report::json::from_json(&to_json(&three())).unwrap_err().to_string();
    assert!(refused.starts_with("the file is a matrix, not the result of one run"), "{refused}");
    let json = to_json(&three());
    let newer = json.replacen("\"schema_version\": 1", "\"schema_version\": 2", 1);
    assert!(from_json(&newer).unwrap_err().to_string().contains("schema version `2`"));
    assert!(from_json(&json[..json.len() / 2]).unwrap_err().to_string().contains("cut off"));
}

#[test]
fn the_page_holds_a_cell_for_each_case_and_implementation() {
    let matrix = three();
    let page = matrix_to_html(&to_json(&matrix)).unwrap();
    let lines: Vec<&str> =
        page.lines().filter(|line| line.starts_with("<tr><th scope=\"row\"><a href=\"#")).collect();
    let cells = lines.iter().filter(|line| line.contains("class=\"t\""));
    assert_eq!(cells.clone().count(), matrix.cases.len());
    for line in cells {
        assert_eq!(line.matches("<td class=").count(), 4, "{line}");
    }
    for outside in ["<link", "@import", "url(", "<iframe", "<img"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn what_a_subject_says_stays_text() {
    let clean = matrix_to_html(&to_json(&three())).unwrap();
    let hostile = merged(&[("<script>.json".to_owned(), hostile())]);
    let page = matrix_to_html(&to_json(&hostile)).unwrap();
    assert!(page.contains("alert(1)"), "{ATTACK}");
    assert_eq!(page.matches("<script").count(), clean.matches("<script").count());
    assert_eq!(page.matches("</script").count(), clean.matches("</script").count());
    assert!(!page.contains("<img") && !page.contains("href=\"javascript:"));
    let section = IndexSection {
        title: ATTACK.to_owned(),
        page: "clients/matrix.html".to_owned(),
        results: "clients/".to_owned(),
        matrix: &hostile,
    };
    let index = index_to_html(&hostile.tool, &[section], &[], IndexLinks::default()).unwrap();
    let svg = picture::to_svg(&hostile);
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for text in [&page, &index, &svg, &to_json(&hostile).replace("\\u", "")] {
        let is_json = text.starts_with('{');
        assert!(is_json || !text.contains(steers));
        assert!(is_json || !text.contains("<img"), "{text}");
    }
    assert!(!index.contains("<script") && !svg.contains("<script"));
}

#[test]
fn golden_markdown() {
    insta::assert_snapshot!("matrix-markdown", matrix_to_markdown(&three()));
}

#[test]
fn golden_picture() {
    insta::assert_snapshot!("matrix-picture", picture::to_svg(&three()));
}

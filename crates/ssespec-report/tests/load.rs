//! The pages of load runs, from the results of two real ones.

use serde_json::{Value, json};
use ssespec_report::Tool;
use ssespec_report::html::{
    HtmlError, IndexLinks, IndexLoad, index_to_html, load_to_html, loads_to_html,
};
use ssespec_report::json::ReadError;
use ssespec_report::load::{COMPARED, Run, comparison_to_markdown, is_load, runs_to_markdown};

const STALLED: &str = include_str!("samples/load/stall.json");
const CALM: &str = include_str!("samples/load/calm.json");

fn tool() -> Tool {
    Tool { name: "ssespec".to_owned(), version: "0.1.0".to_owned() }
}

fn run(name: &str, json: &str) -> Run {
    Run::read(name, json).expect("it is a load run")
}

fn edited(json: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(json).expect("it is JSON");
    edit(&mut value);
    value.to_string()
}

/// The picture under this title.
fn svg<'p>(page: &'p str, group: &str, title: &str) -> &'p str {
    let (_, page) = page.split_once(&format!("<h2 id=\"{group}\"")).expect("it is on the page");
    let (_, page) =
        page.split_once(&format!("<strong>{title}</strong>")).expect("it is on the page");
    let start = page.find("<svg").expect("it is on the page");
    let end = page.find("</svg>").expect("it is on the page");
    &page[start..end + "</svg>".len()]
}

#[test]
fn a_page_needs_nothing_beside_it() {
    let runs = [run("stall.json", STALLED), run("calm.json", CALM)];
    for page in [load_to_html(STALLED).unwrap(), loads_to_html(&tool(), &runs).unwrap()] {
        assert!(!page.contains("<script") && !page.contains(" src=") && !page.contains("NaN"));
        let bare = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!bare.contains("http"));
        // What a failure would show is not empty where there is something to show.
        for word in ["Over time", "Percentiles", "All times", "855", "lag"] {
            assert!(page.contains(word), "{word}");
        }
    }
}

#[test]
fn charts_are_as_they_were() {
    let page = load_to_html(STALLED).unwrap();
    insta::assert_snapshot!("load-chart-over-time", svg(&page, "time", "Streams"));
    insta::assert_snapshot!("load-chart-percentiles", svg(&page, "percentiles", "ttfe"));
}

#[test]
fn a_comparison_is_a_table_too() {
    let runs = [run("stall.json", STALLED), run("calm.json", CALM)];
    insta::assert_snapshot!("load-comparison-markdown", comparison_to_markdown(&runs));
}

#[test]
fn a_metric_that_is_not_known_is_shown_as_others_are() {
    let json = edited(STALLED, |run| {
        let times = run["latencies"]["lag"].clone();
        run["latencies"]["token-gap"] = times;
        run["workload"]["arrival"] = json!("open");
    });
    let page = load_to_html(&json).unwrap();
    assert!(svg(&page, "percentiles", "token-gap").contains("class=\"line\""));
    assert!(page.contains("<code>token-gap</code>"));
    assert!(page.contains("<dt>arrival</dt><dd>open</dd>"));
}

#[test]
fn a_result_of_an_earlier_tool_is_shown_without_what_it_lacks() {
    let json = edited(STALLED, |run| {
        let run = run.as_object_mut().unwrap();
        for key in ["command", "machine", "budget"] {
            run.remove(key);
        }
        for second in run["seconds"].as_array_mut().unwrap() {
            for key in ["planned", "p50_us", "length_s"] {
                second.as_object_mut().unwrap().remove(key);
            }
        }
    });
    let page = load_to_html(&json).unwrap();
    assert!(!page.contains("Run it again"));
    assert!(!svg(&page, "time", "Streams").contains("planned"));
    assert!(svg(&page, "time", "lag").contains("<title>99 %</title>"));
}

#[test]
fn a_run_without_anything_has_a_page() {
    let json = edited(CALM, |run| {
        run["latencies"] = json!({});
        run["seconds"] = json!([]);
        run["error"] = json!({"kind": "subject", "message": "no stream", "help": "look `there`"});
    });
    let page = load_to_html(&json).unwrap();
    assert!(page.contains("look <code>there</code>"));
    assert!(!page.contains("<figure>"));
}

#[test]
fn what_is_no_load_run_is_refused() {
    let refused = |json: &str| load_to_html(json).unwrap_err();
    assert!(matches!(refused(""), HtmlError::Read(ReadError::Empty)));
    let cut = &STALLED[..STALLED.len() / 2];
    assert!(matches!(refused(cut), HtmlError::Read(ReadError::Truncated { .. })));
    let other = r#"{"schema_version": 1, "cases": []}"#;
    assert!(matches!(refused(other), HtmlError::Read(ReadError::OtherKind { .. })));
    let newer = edited(STALLED, |run| run["schema_version"] = json!(2));
    assert!(matches!(refused(&newer), HtmlError::Read(ReadError::OtherVersion { .. })));
    let broken = edited(STALLED, |run| run["latencies"]["lag"]["histogram"] = json!("AAAA"));
    let error = refused(&broken).to_string();
    assert!(error.contains("no V2 histogram"), "{error}");
    assert!(is_load(STALLED) && is_load(&newer) && is_load(&broken));
    assert!(!is_load(other) && !is_load("") && !is_load("x"));
}

#[test]
fn more_runs_than_can_be_told_apart_are_refused() {
    let runs = vec![run("calm.json", CALM); COMPARED + 1];
    let error = loads_to_html(&tool(), &runs).unwrap_err().to_string();
    assert_eq!(error, "7 load runs cannot be compared; from 1 to 6 can");
    assert!(loads_to_html(&tool(), &[]).is_err());
    assert!(loads_to_html(&tool(), &runs[..COMPARED]).is_ok());
}

#[test]
fn an_index_has_a_row_for_each_run() {
    let load = IndexLoad {
        page: "load/calm.html".to_owned(),
        result: "load/calm.json".to_owned(),
        run: run("calm.json", CALM),
    };
    let links = IndexLinks {
        reference: Some("reference/report.html"),
        load_tables: Some("load/README.md"),
    };
    let index = index_to_html(&tool(), &[], &[load], links).unwrap().replace("&#x2f;", "/");
    assert!(index.contains("<a href=\"load/README.md\">"));
    assert!(index.contains("<a href=\"reference/report.html\">"));
    assert!(index.contains("<a href=\"load/calm.html\">calm</a>"));
    assert!(index.contains("<a href=\"load/calm.json\">JSON</a>"));
    let none = index_to_html(&tool(), &[], &[], IndexLinks::default()).unwrap();
    assert!(none.contains("There are no results yet.") && !none.contains("Load</h2>"));
    let runs = [("load/calm.html".to_owned(), run("calm.json", CALM))];
    insta::assert_snapshot!("load-index-markdown", runs_to_markdown(&runs));
}

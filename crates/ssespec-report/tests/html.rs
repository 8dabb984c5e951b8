//! The HTML page: whole, self-contained, and nothing in it but text where subjects speak.

mod samples;

use samples::{ATTACK, hostile, red, server};

use ssespec_report::html::to_html;
use ssespec_report::json::to_json;

#[test]
fn it_needs_nothing_beside_it() {
    let page = to_html(&to_json(&red())).unwrap();
    for outside in ["<link", "@import", "url(", "<iframe", "<img"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn what_a_subject_says_stays_text() {
    let count = to_html(&to_json(&red())).unwrap().matches("<script>").count();
    let page = to_html(&to_json(&hostile())).unwrap();
    assert!(page.contains("alert(1)"), "the attack is in it");
    assert_eq!(page.matches("<script>").count(), count);
    assert!(!page.contains("<img"));
    assert!(!page.contains("\"javascript:"));
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!page.contains(steers), "{ATTACK}");
}

#[test]
fn each_case_can_be_linked_to_and_run_again() {
    let result = red();
    let page = to_html(&to_json(&result)).unwrap();
    for case in &result.cases {
        assert!(page.contains(&format!(" id=\"{}\"", escaped(&case.id))), "{}", case.id);
        let verdict = escaped(case.verdict.name());
        assert!(page.contains(&format!("data-verdict=\"{verdict}\"")), "{}", case.id);
    }
}

#[test]
fn columns_without_a_count_are_left_out() {
    let page = to_html(&to_json(&red())).unwrap();
    assert!(page.contains("<th scope=\"col\">blocked</th>"));
    let mut result = red();
    result.cases.retain(|case| case.verdict.is_scored());
    let page = to_html(&to_json(&result)).unwrap();
    assert!(page.contains("<th scope=\"col\">fail</th>"));
    assert!(!page.contains("<th scope=\"col\">blocked</th>"));
}

#[test]
fn cases_are_counted_by_level_and_by_theme() {
    let page = to_html(&to_json(&red())).unwrap();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(at("<caption>By level") < at("<caption>By theme"));
    assert!(at("<th scope=\"row\">MUST</th>") < at("<th scope=\"row\">SHOULD</th>"));
    assert!(at("<th scope=\"row\">SHOULD</th>") < at("<th scope=\"row\">INFO</th>"));
}

#[test]
fn a_server_s_failure_shows_the_byte_and_the_request() {
    let page = to_html(&to_json(&server())).unwrap();
    assert!(page.contains("In the stream, byte 6: this line has an unknown field"));
    assert!(page.contains("id: 7\\ndta: a\n       <b>^</b>"), "{page}");
    assert!(page.contains("curl -N"));
    let heads = "<text x=\"120\" y=\"16\">our client</text><text x=\"270\" y=\"16\">server</text>";
    assert!(page.contains(heads));
}

#[test]
fn what_is_no_result_is_refused() {
    assert!(to_html("").is_err());
    assert!(to_html("{}").is_err());
    assert!(to_html("{\"schema_version\":99}").is_err());
}

/// The renderer writes a slash as a character reference, which means the same.
fn escaped(text: &str) -> String {
    text.replace('/', "&#x2f;")
}

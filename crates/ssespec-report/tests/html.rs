//! The HTML page: whole, self-contained, and nothing in it but text where subjects speak.

mod samples;

use samples::red;

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
    let attack = "</script></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'";
    let mut result = red();
    let count = to_html(&to_json(&result)).unwrap().matches("<script>").count();
    result.subject.name = attack.to_owned();
    for case in &mut result.cases {
        case.title = attack.to_owned();
        case.reproduce = attack.to_owned();
        case.references = vec![attack.to_owned()];
        case.observed = vec![attack.to_owned()];
        for entry in case.evidence.iter_mut().flat_map(|evidence| &mut evidence.timeline) {
            entry.bytes = attack.to_owned();
        }
    }
    let page = to_html(&to_json(&result)).unwrap();
    assert_eq!(page.matches("<script>").count(), count);
    assert!(!page.contains("<img"));
}

#[test]
fn each_case_can_be_linked_to_and_run_again() {
    let result = red();
    let page = to_html(&to_json(&result)).unwrap();
    for case in &result.cases {
        // The renderer writes a slash as a character reference, which means the same.
        let escaped = |text: &str| text.replace('/', "&#x2f;");
        assert!(page.contains(&format!(" id=\"{}\"", escaped(&case.id))), "{}", case.id);
        let verdict = escaped(case.verdict.name());
        assert!(page.contains(&format!("data-verdict=\"{verdict}\"")), "{}", case.id);
    }
}

#[test]
fn what_is_no_result_is_refused() {
    assert!(to_html("").is_err());
    assert!(to_html("{}").is_err());
    assert!(to_html("{\"schema_version\":99}").is_err());
}

//! The JSON contract: what is written is read back, and nothing else is.

mod samples;

use proptest::{collection::vec, option, prelude::*};
use samples::{error, red, run};
use serde_json::Value;
use ssespec_report::{
    CaseResult, Difference, Direction, Evidence, Reason, RunResult, Status, TimelineEntry, Verdict,
    json::{ReadError, from_json, result_schema, to_json},
};

#[test]
fn golden() {
    insta::assert_snapshot!("result-json", to_json(&red()));
}

#[test]
fn a_result_cut_anywhere_is_refused() {
    let json = to_json(&run(vec![samples::mismatch()]));
    let body = json.trim_end();
    for (at, _) in body.char_indices() {
        match from_json(&body[..at]) {
            Err(ReadError::Empty) if at == 0 => {}
            Err(ReadError::Truncated { .. }) => {}
            other => panic!("cut at {at}: {other:?}"),
        }
    }
    assert!(from_json(&json).is_ok());
}

#[test]
fn what_is_no_result_is_refused_with_its_reason() {
    let refused = |text: &str| from_json(text).expect_err(text).to_string();
    let json = to_json(&run(Vec::new()));
    insta::assert_snapshot!(
        "read-errors",
        [
            refused(" \n"),
            refused("{\"schema_version\":"),
            refused("event: a"),
            refused("[]"),
            refused("{}"),
            refused(&json.replace("\"schema_version\": 1", "\"schema_version\": 2")),
            refused(&json.replace("\"schema_version\": 1", "\"schema_version\": \"1\"")),
            refused(&json.replace("\"suite\"", "\"suit\"")),
            refused(&format!("{json}{{}}")),
        ]
        .join("\n\n")
    );
}

#[test]
fn unknown_fields_are_passed_over() {
    let json = to_json(&red()).replacen('{', "{\"added_later\": {\"a\": [1]},", 1);
    assert_eq!(from_json(&json).unwrap(), red());
}

#[test]
fn the_schema_names_every_key_of_a_result_and_no_other() {
    let schema = result_schema();
    assert_eq!(schema["properties"]["schema_version"]["const"], 1);
    let mut result = red();
    result.errors.push(error("report", "a", "b"));
    result.cases.push(samples::huge());
    let json: Value = serde_json::from_str(&to_json(&result)).unwrap();
    check(&schema, &schema, &json, "");
}

/// Holds a value against the parts of a schema that the model uses.
fn check(root: &Value, schema: &Value, value: &Value, path: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).expect(reference);
        return check(root, target, value, path);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        assert!(!value.is_null(), "{path}: absent fields are left out");
        let typed = any.iter().find(|s| s["type"] != "null").expect("one that is not null");
        return check(root, typed, value, path);
    }
    if let Some(one_of) = schema["oneOf"].as_array() {
        return assert!(one_of.iter().any(|s| s["const"] == *value), "{path}: {value}");
    }
    if let Some(names) = schema["enum"].as_array() {
        return assert!(names.contains(value), "{path}: {value}");
    }
    let is_type = |name: &str| {
        schema["type"] == name
            || schema["type"].as_array().is_some_and(|all| all.iter().any(|t| t == name))
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let property = &schema["properties"][key];
                assert!(!property.is_null(), "{path}/{key} is not in the schema");
                assert!(property["description"].is_string() || property["$ref"].is_string());
                check(root, property, value, &format!("{path}/{key}"));
            }
            for key in schema["required"].as_array().into_iter().flatten() {
                assert!(map.contains_key(key.as_str().expect("a name")), "{path} lacks {key}");
            }
        }
        Value::Array(items) => {
            for item in items {
                check(root, &schema["items"], item, &format!("{path}/*"));
            }
        }
        Value::String(_) => assert!(is_type("string"), "{path}: {schema}"),
        Value::Number(_) => assert!(is_type("integer"), "{path}: {schema}"),
        Value::Bool(_) => assert!(is_type("boolean"), "{path}: {schema}"),
        Value::Null => panic!("{path}: null is never written"),
    }
}

fn reason() -> impl Strategy<Value = Reason> {
    (any::<[String; 6]>(), any::<u64>(), any::<u32>(), any::<bool>()).prop_map(
        |([kind, message, help, what, expected, observed], at_byte, caret, differs)| Reason {
            kind,
            message,
            help,
            difference: differs.then_some(Difference { what, at_byte, expected, observed, caret }),
            spot: None,
        },
    )
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let direction = prop_oneof![
        Just(Direction::ToSubject),
        Just(Direction::FromSubject),
        Just(Direction::Command),
        Just(Direction::Report),
        Just(Direction::Note)
    ];
    let entry = (any::<u64>(), any::<u32>(), direction, any::<[String; 2]>(), any::<Option<u64>>())
        .prop_map(|(at_us, connection, direction, [what, bytes], total_bytes)| TimelineEntry {
            at_us,
            connection,
            direction,
            what,
            bytes,
            total_bytes,
        });
    (any::<u32>(), any::<String>(), vec(entry, 0..60)).prop_map(|(runs, variant, timeline)| {
        Evidence { runs, variant, request: String::new(), timeline }
    })
}

/// Any case at all.
fn any_case() -> impl Strategy<Value = CaseResult> {
    let status =
        prop_oneof![Just(Status::KnownFailure), Just(Status::UnexpectedPass), Just(Status::Flaky)];
    (
        any::<[String; 8]>(),
        proptest::sample::select(Verdict::ALL.to_vec()),
        option::of(status),
        any::<[Vec<String>; 3]>(),
        option::of(reason()),
        option::of(evidence()),
        any::<u64>(),
    )
        .prop_map(
            |(
                [id, route, rule, level, rule_text, rule_url, title, reproduce],
                verdict,
                status,
                [expected, observed, references],
                reason,
                evidence,
                duration_ms,
            )| CaseResult {
                id,
                route,
                rule,
                level,
                rule_text,
                rule_url,
                title,
                verdict,
                status,
                duration_ms,
                expected,
                observed,
                reason,
                evidence,
                references,
                reproduce,
            },
        )
}

/// Any result at all.
fn any_result() -> impl Strategy<Value = RunResult> {
    let kinds =
        ["bug", "usage", "subject", "protocol", "known-failures", "report", "selection", "?"];
    let errors = vec((proptest::sample::select(kinds.to_vec()), any::<[String; 2]>()), 0..3);
    (vec(any_case(), 0..4), errors, any::<bool>(), any::<String>()).prop_map(
        |(cases, errors, interrupted, suite)| RunResult {
            interrupted,
            suite,
            errors: errors.iter().map(|(kind, [a, b])| error(kind, a, b)).collect(),
            ..run(cases)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_written_is_read_back(result in any_result()) {
        prop_assert_eq!(from_json(&to_json(&result)).unwrap(), result);
    }

    #[test]
    fn every_renderer_takes_any_result(result in any_result(), width in 0..200_usize) {
        use ssespec_report::{console, junit::to_junit, outcome::{FailOn, run_outcome}};
        let style = console::Style::plain().with_width(width);
        for fail_on in [FailOn::Must, FailOn::Should] {
            let mut text = console::summary(&result, fail_on, style);
            for case in &result.cases {
                text.push_str(&console::failure_block(case, style));
                let line = console::case_line(case, style);
                prop_assert!(!line.contains('\n'));
                text.push_str(&line);
            }
            prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'));

            let xml = to_junit(&result, fail_on).unwrap();
            let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
            let is_red = report.failures + report.errors > 0;
            prop_assert_eq!(is_red, !run_outcome(&result, fail_on).is_ok());
        }
    }
}

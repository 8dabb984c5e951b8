//! The JSON Schema describes the files that the loader reads.
//!
//! A validator with all of the specification is heavier than the crate itself; this one knows the
//! keywords that the schema uses, and refuses others, so that it cannot pass for want of looking.

use serde_json::{Map, Value};
use ssespec_scenario::{Catalogue, scenario_schema};

/// Whether a value fits a schema; `root` holds the definitions.
fn fits(value: &Value, schema: &Value, root: &Value) -> bool {
    let Value::Object(schema) = schema else {
        return schema == &Value::Bool(true);
    };
    let all = |schemas: &Value| schemas.as_array().expect("a list").clone();
    schema.iter().all(|(keyword, wanted)| match keyword.as_str() {
        "$ref" => {
            let pointer = wanted.as_str().expect("a pointer").trim_start_matches('#');
            fits(value, root.pointer(pointer).expect("a definition"), root)
        }
        "type" => match wanted.as_str().expect("one type") {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            other => panic!("unknown type {other}"),
        },
        "const" => value == wanted,
        "minimum" => value.as_i64() >= wanted.as_i64(),
        "maximum" => value.as_i64() <= wanted.as_i64(),
        "minLength" => value.as_str().map(|it| it.len() as u64) >= wanted.as_u64(),
        "anyOf" => all(wanted).iter().any(|it| fits(value, it, root)),
        "oneOf" => all(wanted).iter().filter(|it| fits(value, it, root)).count() == 1,
        "items" => {
            value.as_array().is_none_or(|items| items.iter().all(|it| fits(it, wanted, root)))
        }
        "required" => {
            all(wanted).iter().all(|name| value.get(name.as_str().expect("a name")).is_some())
        }
        "properties" | "additionalProperties" => {
            value.as_object().is_none_or(|object| fields_fit(object, schema, root))
        }
        "$defs" | "$schema" | "title" | "description" | "default" | "format" | "pattern"
        | "propertyNames" => true,
        other => panic!("unknown keyword {other}"),
    })
}

fn fields_fit(object: &Map<String, Value>, schema: &Map<String, Value>, root: &Value) -> bool {
    let known = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    object.iter().all(|(name, value)| match (known.and_then(|known| known.get(name)), others) {
        (Some(schema), _) | (None, Some(schema)) => fits(value, schema, root),
        (None, None) => true,
    })
}

/// Calls `visit` on each schema, with the path that leads to it.
fn each_schema(value: &Value, path: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(path, object);
            for (key, value) in object {
                each_schema(value, &format!("{path}/{key}"), visit);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                each_schema(item, &format!("{path}/{n}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn the_built_in_scenarios_fit() {
    let schema = scenario_schema();
    for source in Catalogue::builtin_sources() {
        let file: Value = toml::from_str(&source.text).expect("TOML");
        assert!(fits(&file, &schema, &schema), "{}", source.name);
    }
}

#[test]
fn what_the_loader_refuses_does_not_fit() {
    let schema = scenario_schema();
    let case = |rest: &str| format!("[[case]]\nid = 'a/b'\nrule = 'r.s'\ntitle = 't'\n{rest}");
    let fits = |text: &str| {
        let file: Value = toml::from_str(text).expect("TOML");
        fits(&file, &schema, &schema)
    };
    assert!(fits(&case("stream = ['a', { repeat = { bytes = 'x', times = 3 } }, ['b']]")));
    assert!(fits(&case("connection = [{ steps = [{ pause = '1s' }, { hold = {} }] }]")));
    for refused in [
        "colour = 'red'",
        "stream = 'a'",
        "stream = [5]",
        "stream = [{ repeat = { bytes = 'x' } }]",
        "stream = [{ bytes = 'x', repeat = { bytes = 'x', times = 3 } }]",
        "needs = ['telepathy']",
        "splits = 'some'",
        "connection = [{ steps = ['hold'] }]",
        "connection = [{ steps = [{ hold = { ms = 5 } }] }]",
        "connection = [{ steps = [{ pause = 5 }] }]",
        "connection = [{ steps = [{ end = {}, hold = {} }] }]",
        "connection = [{ respond = { status = 99 } }]",
        "expect = [{ event = 'a' }]",
        "open = { header = {} }",
    ] {
        assert!(!fits(&case(refused)), "{refused}");
    }
    assert!(!fits("[[case]]\nid = 'a/b'"));
    assert!(!fits("[[cases]]\nid = 'a/b'"));
}

#[test]
fn it_fits_toml_and_closes_its_tables() {
    let schema = scenario_schema();
    let definitions = schema["$defs"].as_object().expect("definitions");
    for (name, definition) in definitions {
        assert!(definition.get("description").is_some(), "{name}");
    }
    each_schema(&schema, "", &mut |path, object| {
        assert!(object.get("type") != Some(&Value::from("null")), "{path}: null");
        assert!(object.get("default") != Some(&Value::Null), "{path}: null");
        let Some(Value::Object(fields)) = object.get("properties") else {
            return;
        };
        assert_eq!(object.get("additionalProperties"), Some(&Value::Bool(false)), "{path} is open");
        for (name, field) in fields {
            let is_kebab = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(is_kebab || name == "h2-reset", "{path}/{name}");
            // A verb is described beside its only key.
            let described = object.contains_key("description") && fields.len() == 1;
            let described = described || field.get("description").is_some();
            assert!(described, "{path}/{name} is not described");
        }
    });
}

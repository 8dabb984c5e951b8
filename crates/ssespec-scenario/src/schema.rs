//! The JSON Schema of scenario files, for editors and for those who generate scenarios.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Case, Rule};

/// A scenario file as a whole.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "ssespec scenario file")]
#[expect(dead_code, reason = "the type stands for the file's shape in the schema")]
struct ScenarioFile {
    /// The cases of the file.
    #[serde(default)]
    case: Vec<Case>,
    /// Rules that the cases cite, beside the built-in ones.
    #[serde(default)]
    rule: Vec<Rule>,
}

/// The JSON Schema (draft 2020-12) of scenario files.
///
/// It accepts what the loader accepts, with the escapes of wire strings and the forms of ids and
/// durations. What the lint says beyond that takes more than a schema.
pub fn scenario_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(ScenarioFile).to_value();
    tidy(&mut schema);
    schema
}

/// Fits the schema of the Rust types to TOML, which has no null, and to editors, which show
/// descriptions as they are.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(object) => {
            drop_null_type(object);
            unwrap_nullable(object);
            // Defaults of whole tables list each field of theirs, and say nothing.
            if object
                .get("default")
                .is_some_and(|it| it.is_null() || it.is_object() || it.is_array())
            {
                object.remove("default");
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text
                    .split("\n\n")
                    .map(|paragraph| paragraph.replace('\n', " "))
                    .collect::<Vec<_>>()
                    .join("\n\n");
            }
            object.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

/// `"type": ["string", "null"]` becomes `"type": "string"`.
fn drop_null_type(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get("type")
        && let [one, null] = types.as_slice()
        && null == "null"
    {
        let one = one.clone();
        object.insert("type".to_owned(), one);
    }
}

/// `"anyOf": [it, null]` becomes `it`.
fn unwrap_nullable(object: &mut Map<String, Value>) {
    if let Some(Value::Array(choices)) = object.get("anyOf")
        && let [Value::Object(one), null] = choices.as_slice()
        && null.get("type").is_some_and(|it| it == "null")
    {
        let one = one.clone();
        object.remove("anyOf");
        object.extend(one);
    }
}

//! The JSON Schemas of what goes in and out.

use schemars::schema_for;
use serde_json::Value;
use ssespec_harness::{Announcement, Command, Emission, Message};

use crate::generate::Generated;

/// One schema a kind of document.
pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let schemas = [
        ("scenario", ssespec_scenario::scenario_schema()),
        ("result", ssespec_report::json::result_schema()),
        ("matrix", ssespec_report::matrix::matrix_schema()),
        ("load-result", ssespec_load::load_result_schema()),
        ("workload", ssespec::workload_schema()),
        (
            "adapter-command",
            titled(
                schema_for!(Command).to_value(),
                "A line that ssespec writes to an adapter's stdin",
            ),
        ),
        (
            "adapter-message",
            titled(schema_for!(Message).to_value(), "A line that an adapter writes to its stdout"),
        ),
        (
            "server-adapter-request",
            titled(
                schema_for!(Emission).to_value(),
                "The body of a request to the adapter of a server library",
            ),
        ),
        (
            "server-adapter-message",
            titled(
                schema_for!(Announcement).to_value(),
                "A line that the adapter of a server library writes to its stdout",
            ),
        ),
    ];
    schemas.into_iter().map(|(name, schema)| file(name, &schema)).collect()
}

fn titled(mut schema: Value, title: &str) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.insert("title".to_owned(), title.into());
    }
    schema
}

fn file(name: &str, schema: &Value) -> Result<Generated, String> {
    let mut text = serde_json::to_string_pretty(schema)
        .map_err(|error| format!("failed to write the schema `{name}`: {error}"))?;
    text.push('\n');
    Ok(Generated { path: format!("schemas/{name}.schema.json"), contents: text.into_bytes() })
}

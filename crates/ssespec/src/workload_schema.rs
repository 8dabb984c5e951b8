//! The JSON Schema of workload files, made of the command line, which is what they are read by.

use clap::{Arg, ArgAction, CommandFactory as _};
use serde_json::{Map, Value, json};

use crate::cli::Cli;
use crate::workload::{NOT_HERE, key};

/// The JSON Schema of the files of `load --workload`.
///
/// It says which options there are and which kind of value each has; what a text must look like is
/// judged when it is read.
pub fn workload_schema() -> Value {
    let command = Cli::command();
    let options = command.find_subcommand("load").cloned().unwrap_or_default();
    let mut properties = Map::new();
    properties.insert(
        "title".to_owned(),
        json!({ "description": "What the workload is, for people.", "type": "string" }),
    );
    for option in options.get_arguments() {
        let name = key(option);
        if !NOT_HERE.contains(&name.as_str()) {
            properties.insert(name, property(option));
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A workload of `ssespec load`",
        "description": "Options of `ssespec load` by their long names.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn property(option: &Arg) -> Value {
    let one = value(option);
    let mut property = if matches!(option.get_action(), ArgAction::Append) {
        json!({ "anyOf": [one.clone(), { "type": "array", "items": one }] })
    } else {
        one
    };
    let help = option.get_long_help().or(option.get_help()).map(ToString::to_string);
    if let (Value::Object(property), Some(help)) = (&mut property, help) {
        property.insert("description".to_owned(), help.into());
    }
    property
}

/// What one value of an option may be.
fn value(option: &Arg) -> Value {
    if matches!(option.get_action(), ArgAction::SetTrue) {
        return json!({ "type": "boolean" });
    }
    let choices: Vec<String> = option
        .get_possible_values()
        .iter()
        .filter(|choice| !choice.is_hide_set())
        .map(|choice| choice.get_name().to_owned())
        .collect();
    if !choices.is_empty() {
        return json!({ "type": "string", "enum": choices });
    }
    // As the reader takes them: a number where its text is a value of the option.
    let mut kinds = vec!["string", "number"];
    if option.get_num_args().is_some_and(|count| count.min_values() == 0) {
        kinds.push("boolean");
    }
    json!({ "type": kinds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_of_the_built_in_workloads_is_in_it() {
        let schema = workload_schema();
        for workload in ssespec_scenario::builtin_workloads() {
            let table: toml::Table = workload.text.parse().unwrap();
            for (name, value) in &table {
                let property = &schema["properties"][name];
                assert!(property.is_object(), "`{name}` of {}", workload.name);
                let kind = match value {
                    toml::Value::Array(_) => continue,
                    toml::Value::Boolean(_) => "boolean",
                    toml::Value::Integer(_) | toml::Value::Float(_) => "number",
                    _ => "string",
                };
                let text = property.to_string();
                assert!(text.contains(&format!("\"{kind}\"")), "`{name}`: {text}");
            }
        }
    }

    #[test]
    fn lists_switches_and_choices_are_told_apart() {
        let schema = workload_schema();
        let at = |name: &str| schema["properties"][name].clone();
        assert_eq!(at("insecure")["type"], "boolean");
        assert_eq!(at("arrivals")["enum"], json!(["constant", "poisson"]));
        assert_eq!(at("fail")["anyOf"][1]["type"], "array");
        assert_eq!(at("reconnect")["type"], json!(["string", "number", "boolean"]));
        assert!(at("report").is_null() && at("workload").is_null());
    }
}

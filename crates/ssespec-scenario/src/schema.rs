//! The JSON Schema of scenario files, for editors and for those who generate scenarios.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Case, Rule};

/// A scenario file as a whole.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "ssespec scenario file")]
#[expect(
    dead_code,
    reason = "the type stands for the file's shape in the schema"
)]
struct ScenarioFile {
    /// The cases of the file.
    #[serde(default)]
    case: Vec<Case>,
    /// Rules that the cases cite, beside the built-in ones.
    #[serde(default)]
    rule: Vec<Rule>,
}

/// The JSON Schema (draft 2020-12) of scenario files.
pub fn scenario_schema() -> serde_json::Value {
    schemars::schema_for!(ScenarioFile).to_value()
}

//! The JSON result: written, read back, and described by a schema.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, error::Category};

use crate::console::visible;
use crate::model::{RunResult, SCHEMA_VERSION};

/// What the result of a load run is called.
pub(crate) const LOAD_RESULT: &str = "load result";

/// Why a file could not be read as a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file is empty: its writer was stopped before it wrote anything.
    #[error(
        "the result is empty\nhelp: its writer did not get that far; run `ssespec test` again with \
         `--report json=PATH`"
    )]
    Empty,
    /// The text ends in the middle of the document.
    #[error(
        "the result is cut off at line {line}, column {column}\nhelp: its writer was stopped, or \
         the file was copied in part; write it again"
    )]
    Truncated {
        /// The line where the text ends, from 1.
        line: usize,
        /// The column where the text ends, from 1.
        column: usize,
    },
    /// The text is not JSON.
    #[error("the result is not JSON: {source}\nhelp: give a file that `--report json=PATH` wrote")]
    NotJson {
        /// What the JSON parser says, with line and column.
        source: serde_json::Error,
    },
    /// It is JSON, but it has no `schema_version`.
    #[error(
        "the file has no `schema_version`, so it is not a result\nhelp: give a file that \
         `--report json=PATH` wrote"
    )]
    NotAResult,
    /// It is another kind of document of ours.
    #[error("the file is {found}, not {wanted}\nhelp: give {wanted} in its place")]
    OtherKind {
        /// What it is.
        found: String,
        /// What was to be read.
        wanted: String,
    },
    /// It is a result, but one in another version of the schema.
    #[error(
        "the result has schema version `{found}`, this tool reads `{supported}`\nhelp: read it \
         with the version of ssespec that wrote it{}", written_by(.tool.as_deref())
    )]
    OtherVersion {
        /// The version in the file.
        found: Value,
        /// The version that this crate reads.
        supported: u32,
        /// The version of the tool that wrote it, where the file says so.
        tool: Option<String>,
    },
    /// It has the right version, but a field is missing or has the wrong type.
    #[error(
        "the result does not match its schema: {source}\nhelp: the file was edited; write it again"
    )]
    Shape {
        /// Which field, with line and column.
        source: serde_json::Error,
    },
}

/// Writes a result as indented JSON with a line end after it.
#[expect(
    clippy::missing_panics_doc,
    reason = "only maps with other than string keys could fail, and the model has none"
)]
pub fn to_json(result: &RunResult) -> String {
    let mut json =
        serde_json::to_string_pretty(result).expect("the model serializes to strings and numbers");
    json.push('\n');
    json
}

/// Reads a result that [`to_json`] wrote.
///
/// # Errors
///
/// Refuses text that is cut off, that is not JSON, that is no result, and results of another
/// [`SCHEMA_VERSION`]; fields that it does not know are passed over.
pub fn from_json(json: &str) -> Result<RunResult, ReadError> {
    read_as(json, None, SCHEMA_VERSION)
}

/// Reads a document of this kind, which a result does not name, and version.
pub(crate) fn read_as<T: DeserializeOwned>(
    json: &str,
    kind: Option<&'static str>,
    version: u32,
) -> Result<T, ReadError> {
    if json.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let stamp: Stamp = serde_json::from_str(json).map_err(|source| match source.classify() {
        Category::Eof => ReadError::Truncated { line: source.line(), column: source.column() },
        Category::Data => ReadError::NotAResult,
        Category::Syntax | Category::Io => ReadError::NotJson { source },
    })?;
    // The result of a load run came without a word for its kind.
    let found = match stamp.workload {
        Some(_) if stamp.cases.is_none() => Some(LOAD_RESULT),
        _ => stamp.kind.as_ref().and_then(Value::as_str),
    };
    match stamp.schema_version {
        None => Err(ReadError::NotAResult),
        Some(_) if found != kind => Err(ReadError::OtherKind {
            found: named(found.map(visible).as_deref()),
            wanted: named(kind),
        }),
        Some(found) if found != version => Err(ReadError::OtherVersion {
            found,
            supported: version,
            tool: stamp
                .tool
                .and_then(|tool| tool.get("version").and_then(Value::as_str).map(str::to_owned)),
        }),
        Some(_) => serde_json::from_str(json).map_err(|source| ReadError::Shape { source }),
    }
}

/// A kind of document, as people call it.
fn named(kind: Option<&str>) -> String {
    match kind {
        None => "the result of one run".to_owned(),
        Some(kind) => format!("a {kind}"),
    }
}

/// The JSON Schema of the result.
pub fn result_schema() -> Value {
    let mut schema = schemars::schema_for!(RunResult).to_value();
    if let Some(version) = schema.pointer_mut("/properties/schema_version") {
        version["const"] = SCHEMA_VERSION.into();
    }
    schema
}

/// What every version of every document has, however its other fields change.
#[derive(Deserialize)]
struct Stamp {
    kind: Option<Value>,
    workload: Option<IgnoredAny>,
    cases: Option<IgnoredAny>,
    schema_version: Option<Value>,
    tool: Option<Value>,
}

fn written_by(version: Option<&str>) -> String {
    version.map(|version| format!(": {version}")).unwrap_or_default()
}

//! The JSON matrix: written, read back, and described by a schema.

use serde::Serialize;
use serde_json::Value;

use super::model::{KIND, MATRIX_SCHEMA_VERSION, Matrix};
use crate::json::{ReadError, read_as};

/// Writes a matrix as JSON with a line end after it: one line for each item, as there are many.
pub fn to_json(matrix: &Matrix) -> String {
    let Matrix { kind, schema_version, tool, role, subjects, rules, cases, outcomes } = matrix;
    format!(
        "{{\n\"kind\": {},\n\"schema_version\": {schema_version},\n\"tool\": {},\n\"role\": {},\n\
         \"subjects\": {},\n\"rules\": {},\n\"cases\": {},\n\"outcomes\": {}\n}}\n",
        line(kind),
        line(tool),
        line(role),
        lines(subjects),
        lines(rules),
        lines(cases),
        lines(outcomes)
    )
}

/// Reads a matrix that [`to_json`] wrote.
///
/// # Errors
///
/// Refuses text that is cut off, that is not JSON, that is no matrix, and matrices of another
/// [`MATRIX_SCHEMA_VERSION`]; fields that it does not know are passed over.
pub fn from_json(json: &str) -> Result<Matrix, ReadError> {
    read_as(json, Some(KIND), MATRIX_SCHEMA_VERSION)
}

/// The JSON Schema of the matrix.
pub fn matrix_schema() -> Value {
    let mut schema = schemars::schema_for!(Matrix).to_value();
    for (field, value) in [("kind", KIND.into()), ("schema_version", MATRIX_SCHEMA_VERSION.into())]
    {
        if let Some(property) = schema.pointer_mut(&format!("/properties/{field}")) {
            property["const"] = value;
        }
    }
    schema
}

fn line<T: Serialize>(item: &T) -> String {
    serde_json::to_string(item).expect("only maps with other than string keys could fail")
}

fn lines<T: Serialize>(items: &[T]) -> String {
    if items.is_empty() {
        return "[]".to_owned();
    }
    let items: Vec<String> = items.iter().map(line).collect();
    format!("[\n{}\n]", items.join(",\n"))
}

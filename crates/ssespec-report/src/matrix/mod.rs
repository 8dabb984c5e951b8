//! Many results in one: implementations × cases. Its JSON is a contract of its own, beside that of
//! a single result.

mod json;
mod merge;
mod model;
mod shorten;

pub use json::{from_json, matrix_schema, to_json};
pub use merge::{MergeError, merge};
pub use model::{
    Entrant, Finding, MATRIX_SCHEMA_VERSION, Matrix, MatrixCase, MatrixRule, Outcome, Tally,
};

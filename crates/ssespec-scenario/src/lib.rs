//! Conformance scenarios for Server-Sent Events: the model, loading with source spans, lint,
//! and the JSON Schema.
//!
//! A scenario file is TOML with several `[[case]]` tables; `rules.toml` beside them holds the
//! rules that cases cite. [`Catalogue::builtin`] is what the binary carries.
//!
//! ```
//! use ssespec_scenario::Catalogue;
//!
//! let catalogue = Catalogue::builtin();
//! let case = catalogue.case("line/crlf-split-across-chunks").expect("a built-in case");
//! assert_eq!(catalogue.rule(&case.rule).expect("its rule").id, "line.crlf-split");
//! ```
//!
//! What it deliberately does not do: it runs nothing and opens no socket. The mock plays the
//! steps, the harness judges.

#![forbid(unsafe_code)]

mod case;
mod catalogue;
mod coding;
mod connection;
mod decode;
mod diagnostic;
mod duration;
mod embedded;
mod emission;
mod endpoint;
mod expectation;
mod explain;
mod feature;
mod lint;
mod load;
mod passage;
mod place;
mod rule;
mod schema;
mod step;
mod suggestion;
mod wire;
mod wording;

pub use case::{Case, Finish, Open, Outcome, Splits};
pub use catalogue::{Catalogue, LoadFailure};
pub use coding::Coding;
pub use connection::{Connection, Framing, HttpVersion, Origin, RequestMatch, Respond};
pub use diagnostic::{Diagnostic, Label, Related, Severity, render};
pub use duration::Span;
pub use embedded::builtin_workloads;
pub use emission::{EmitEvent, EmitStep, ServerFeature};
pub use endpoint::{Ask, AskId, AskVersion, Breach, Check, Endpoint, FirstStream, Role};
pub use expectation::{EventExpectation, Expectation, Kind};
pub use explain::explain;
pub use feature::{Feature, Profile, Route};
pub use load::{SourceFile, load_source, read_directory};
pub use passage::{Passage, PassageAsk, PassageCheck, SecondClient};
pub use rule::{Level, Rule};
pub use schema::scenario_schema;
pub use step::{AwaitCounts, ClientCommand, H2_ERROR_CODES, Step};
pub use suggestion::{suggest, with_suggestion};
pub use wire::{Chunk, Piece, Text, Wire, WireError, escape, unescape};
pub use wording::syntax_errors;

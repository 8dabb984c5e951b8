//! The scriptable mock server: it plays a scenario's steps byte by byte, on one listener for
//! HTTP/1, HTTP/2 in cleartext and TLS, and keeps a timed journal of both directions.
//!
//! ```
//! use ssespec_mock::{Mock, MockConfig, Script, Variation};
//! use ssespec_scenario::{Catalogue, Route};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let mock = Mock::start(MockConfig::default()).await.expect("a free port");
//! let case = Catalogue::builtin().case("line/crlf-split-across-chunks").expect("built in");
//! let run = mock.mount(Script::of(case, Variation::Whole));
//! assert!(run.url(Route::H1).starts_with("http://127.0.0.1:"));
//! # });
//! ```
//!
//! What it deliberately does not do: it judges nothing. It says what was asked, what was sent and
//! whether each cut was real; the harness draws conclusions.

#![forbid(unsafe_code)]

mod coding;
mod diversion;
mod http1;
mod http2;
mod journal;
mod origins;
mod pages;
mod places;
mod play;
mod run;
mod script;
mod server;
mod shared;
mod visit;

pub use diversion::Diversion;
pub use journal::{Entry, Happening};
pub use pages::{Page, Pages};
pub use places::{FlawedDoors, PageAt, Placement, Places, origin};
pub use run::{Reports, Run, Signal, secret};
pub use script::{Script, Variation};
pub use server::{Mock, MockConfig, MockError};

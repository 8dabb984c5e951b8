//! The built-in server: streams by a schedule, as lean as the client that reads them.
//!
//! | path | |
//! |---|---|
//! | `/load/stream` | a stream of its own schedule, from the instant of its request |
//! | `/load/broadcast` | the same schedule for all who listen |
//! | `/load/llm` | an answer, token by token, and `[DONE]`; GET, or POST with whatever body |
//! | `/load/broadcast?rate=0&topic=NAME` | what others POST there, to all who listen on that topic of this process |
//! | `/load/step` | a control connection: each byte sent on it lets all streams with `pace=step` have one batch |
//!
//! | parameter | | default |
//! |---|---|---|
//! | `rate` | events a second; 0 for none | 1 |
//! | `size` | bytes of each event, with its field names and line ends | 100 |
//! | `batch` | events in one write, all due at once | 1 |
//! | `seq` | the id of the first event | 1 |
//! | `count` | the stream ends after so many events | endless |
//! | `pace` | `step` for batches on demand in place of the rate | |
//! | `loses`, `repeats`, `reorders` | one event in so many is lost, repeated, or changes places with the next | none |
//!
//! `/load/llm` has parameters of its own: `tokens` (100), `ttft`, the time to the first one
//! (200ms), and `itl`, the time between them (20ms); and `loses`, `repeats` and `reorders`.
//!
//! Each event tells when it was due, so that a client on this machine can tell how late it is. A
//! server that stands still sends late what was due meanwhile; it leaves nothing out, and plans
//! nothing anew.

mod control;
mod feed;
mod hub;
mod request;
mod serve;
mod server;
mod threads;

pub use feed::{Feed, Flaws, Form, Pace, Schedule};
pub use request::check_target;
pub use serve::{FromOrigin, OriginPlan, OriginReport, Stall, ToOrigin, serve};
pub use threads::Threads;

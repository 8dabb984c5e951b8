//! Load generator for Server-Sent Events: it holds many streams at once, checks every event on
//! each of them with the reference parser, and measures every latency from the instant at which it
//! should have begun.
//!
//! A [`Run`] is prepared, which finds the server and reckons what the run takes of the machine; it
//! is run by workers, each a process with one reactor, and ends in a [`LoadResult`]. An idle stream
//! costs a worker some 500 bytes, its parser and its sequence state included.
//!
//! ```
//! use std::time::Duration;
//!
//! use ssespec_load::{Launcher, Machine, Run, Subject, Workload};
//!
//! // Twenty streams of the built-in server, fifty events a second on each.
//! let subject = Subject::Builtin { target: "/load/stream?rate=50".to_owned(), stalls: vec![] };
//! let workload = Workload {
//!     streams: 20,
//!     ramp: Duration::from_millis(100),
//!     hold: Duration::from_millis(300),
//!     thresholds: vec!["lost > 0".parse()?],
//!     // This run is not about latencies, so a busy machine does no harm.
//!     loop_lag_limit: Duration::from_secs(3600),
//!     ..Workload::new(subject)
//! };
//! let run = Run::prepare(workload, Machine::this()).map_err(|error| error.to_string())?;
//! let result = run.run(&Launcher::Threads, &mut |_| {}).result;
//! assert_eq!(result.outcome.exit_code, 0, "{:?}", result.outcome.reasons);
//! assert_eq!(result.streams.opened, 20);
//! assert!(result.traffic.events >= 20);
//! # Ok::<(), String>(())
//! ```
//!
//! What it deliberately does not do: it prints nothing and reads no environment, and it has no
//! runtime, because a task for each stream would cost more memory than the stream.

#![forbid(unsafe_code)]

mod address;
mod alarm;
mod arrivals;
mod body;
mod budget;
mod chance;
pub mod client;
pub mod clock;
mod conclusion;
mod coordinator;
pub mod delivery;
mod dial;
mod duration;
mod end;
pub mod exports;
mod gather;
mod hazard;
mod head;
mod host;
mod http2;
pub mod latency;
mod launcher;
mod leaves;
mod memory;
pub mod metrics;
pub mod origin;
mod pause;
mod pipe;
mod plan;
mod pointer;
mod protocol;
mod publish;
mod reach;
mod reactor;
mod reading;
pub mod result;
mod run;
mod series;
mod slo;
mod starts;
mod stream;
pub mod summary;
mod talk;
mod tally;
mod template;
pub mod threshold;
mod watch;
mod worker;

pub use address::{Address, AddressError, Request, RequestTemplate};
pub use arrivals::{Arrivals, Lifetime, Rate, Spacing, Stage, WrittenStage};
pub use budget::{Budget, Machine, Refusal, Wanted};
pub use hazard::Hazard;
pub use host::Host;
pub use http2::OF_A_CONNECTION;
pub use launcher::Launcher;
pub use pipe::{PreparedTls, Tls, Trusted};
pub use plan::{
    Ids, Multiplexing, Pace, Plan, Reconnect, STREAMS_PER_SOURCE, Slowness, Sources, Storm,
};
pub use pointer::Pointer;
pub use protocol::{FromWorker, PROTOCOL, ToWorker, read_message, write_message};
pub use publish::{MOST_PUBLISHERS, Publish, PublishCounts, PublishPlan};
pub use reactor::INTERVAL_NS;
pub use reading::{Matcher, Reading, Timestamp};
pub use result::{LoadResult, load_result_schema};
pub use run::{Finished, Interrupter, PrepareError, Progress, Run, Subject, Workload};
pub use slo::Slo;
pub use talk::TalkCounts;
pub use tally::{
    DeliveryCounts, Health, LostRange, Occurrence, Occurrences, SocketCounts, StreamCounts, Tally,
    Traffic,
};
pub use template::{PUBLISH_VARIABLES, STREAM_VARIABLES, Template, TemplateError};
pub use threshold::Threshold;
pub use worker::work;

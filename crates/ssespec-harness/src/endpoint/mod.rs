//! Servers and proxies, tested by their URL: asks an endpoint for its stream in many ways at once, keeps what
//! came as bytes with their times, and judges that.
//!
//! No check talks to the server. Each is a pure function over exchanges, so that it can be replayed.

mod alone;
mod check;
mod curl;
mod due;
mod exchange;
mod gather;
mod gauge;
mod http1;
mod http2;
mod judge;
mod library;
mod line;
mod probe;
mod proxy;
mod reading;
mod reference;
mod run;
mod slow_reader;
mod target;
mod timeline;
mod verdict;

pub use gauge::Gauge;
pub use library::{
    Announced, Announcement, Emission, EmitCommand, Library, Memory, Retry, ServerHello, WireEvent,
};
pub use proxy::{ProxySubject, test_proxy};
pub use reference::ReferenceServer;
pub use run::{ServerSubject, test_server};
pub use target::{HttpChoice, Target, TargetError, Trigger};

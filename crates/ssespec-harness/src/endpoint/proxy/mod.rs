//! Proxies: the mock is the origin, our client comes in through the proxy, and what happened at
//! the two ends is compared.

mod attempt;
mod body;
mod check;
mod conclusion;
mod cut;
mod message;
mod process;
mod run;
mod sharing;
mod subject;

pub use run::test_proxy;
pub use subject::ProxySubject;

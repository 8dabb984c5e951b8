//! What is done with no other request beside it, because more is looked at than the answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ssespec_scenario::{Check, Endpoint};

use super::check::{recovers, released};
use super::exchange::Trouble;
use super::gauge::look_at_gauge;
use super::probe::Prober;
use super::reading::Seen;
use super::slow_reader::look_at_memory;
use super::verdict::Finding;

/// Within what time the application must learn that the client has left.
const RELEASE_LIMIT: Duration = Duration::from_secs(10);

/// Does what the check is about, and looks at it.
pub(super) async fn look_alone(
    endpoint: &Endpoint,
    prober: &Prober<'_>,
) -> (Finding, Option<Seen>) {
    let scaled = |time: Duration| time.mul_f64(prober.time_scale);
    if endpoint.check == (Check::GaugeFalls {}) {
        return look_at_gauge(prober).await;
    }
    let Some(library) = prober.library else {
        return (Finding::Moot("no library is tested".to_owned(), "give one by `--exec`"), None);
    };
    match &endpoint.check {
        Check::Recovers {} => {
            let mut failed = prober.ask(&endpoint.ask, None).await;
            let Some(failed) = failed.pop() else {
                return (Finding::Moot("nothing was asked".to_owned(), ""), None);
            };
            let next = prober.glance().await;
            (recovers(&failed, &next), Some(failed))
        }
        Check::Released {} => {
            let mut seen = prober.ask(&endpoint.ask, None).await;
            // No other request has gone out since.
            let number = prober.sent.load(Ordering::Relaxed);
            match seen.first().map(|seen| &seen.exchange.answer) {
                // Whoever waits for the head in vain leaves as well.
                Some(Ok(_) | Err(Trouble::Silent(_))) => {}
                Some(Err(trouble)) => return (Finding::Blocked(trouble.shown()), seen.pop()),
                None => return (Finding::Moot("nothing was asked".to_owned(), ""), None),
            }
            let limit = scaled(RELEASE_LIMIT);
            (released(library.announced.left(number, limit).await, limit), seen.pop())
        }
        Check::BoundedMemory {} => look_at_memory(endpoint, library, prober).await,
        _ => (Finding::Moot("it was not looked at".to_owned(), ""), None),
    }
}

//! What is done with no other request beside it, because more is looked at than the answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ssespec_scenario::{Check, EmitStep, Endpoint};
use tokio::time::Instant;

use super::check::{bounded_memory, recovers, released};
use super::exchange::Trouble;
use super::probe::Prober;
use super::reading::Seen;
use super::verdict::Finding;

/// Within what time the application must learn that the client has left.
const RELEASE_LIMIT: Duration = Duration::from_secs(10);
/// How long a client that reads nothing is sent to, at most.
const STALL: Duration = Duration::from_secs(30);
/// How often memory is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(200);
/// For how many glances memory must stand still until it is believed to have stopped growing.
const STEADY: u32 = 10;

/// Does what the check is about, and looks at it.
pub(super) async fn look_alone(
    endpoint: &Endpoint,
    prober: &Prober<'_>,
) -> (Finding, Option<Seen>) {
    let scaled = |time: Duration| time.mul_f64(prober.time_scale);
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
        Check::BoundedMemory {} => {
            let before = library.memory.bytes();
            let line = match prober.open_unread(&prober.asked(&endpoint.ask, None)).await {
                Ok(line) => line,
                Err(trouble) => return (Finding::Blocked(trouble.shown()), None),
            };
            let until = Instant::now() + scaled(STALL);
            let mut most = before;
            let mut steady = 0;
            while Instant::now() < until && steady < STEADY {
                tokio::time::sleep(scaled(GLANCE)).await;
                let now = library.memory.bytes();
                steady = if now > most { 0 } else { steady + 1 };
                most = most.max(now);
            }
            drop(line);
            (
                bounded_memory(
                    before,
                    most,
                    endpoint.ask.steps.iter().map(EmitStep::data_bytes).sum(),
                ),
                None,
            )
        }
        _ => (Finding::Moot("it was not looked at".to_owned(), ""), None),
    }
}

//! What a client costs that reads nothing: the memory of the server's processes, beyond what they
//! take for a client that reads.

use std::time::Duration;

use ssespec_scenario::{Ask, EmitStep, Endpoint};
use tokio::time::Instant;

use super::library::Library;
use super::probe::Prober;
use super::reading::Seen;
use super::verdict::Finding;

/// How long a client is sent to, at most.
const LIMIT: Duration = Duration::from_secs(30);
/// How often memory is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(200);
/// For how many glances memory must stand still until it is believed to have stopped growing.
const STEADY: u32 = 10;
/// In how many parts a client that reads is sent the same: it must not fall behind.
const PARTS: u32 = 64;
/// The time between two of them.
const PAUSE_MS: u64 = 20;

/// Sends the same to a client that reads and to one that does not.
pub(super) async fn look_at_memory(
    endpoint: &Endpoint,
    library: &Library,
    prober: &Prober<'_>,
) -> (Finding, Option<Seen>) {
    let sent: u64 = endpoint.ask.steps.iter().map(EmitStep::data_bytes).sum();
    let glance = GLANCE.mul_f64(prober.time_scale);
    let at_rest = library.memory.bytes();
    let paced = Ask { steps: paced(&endpoint.ask.steps), ..endpoint.ask.clone() };
    let paced = prober.asked(&paced, None);
    let read = prober.drain(&paced, sent, LIMIT);
    tokio::pin!(read);
    let mut with_reader = at_rest;
    loop {
        let over = tokio::time::timeout(glance, &mut read).await.is_ok();
        with_reader = with_reader.max(library.memory.bytes());
        if over {
            break;
        }
    }
    let line = match prober.open_unread(&prober.asked(&endpoint.ask, None)).await {
        Ok(line) => line,
        Err(trouble) => return (Finding::Blocked(trouble.shown()), None),
    };
    let until = Instant::now() + LIMIT.mul_f64(prober.time_scale);
    let mut unread = library.memory.bytes();
    let mut steady = 0;
    while Instant::now() < until && steady < STEADY {
        tokio::time::sleep(glance).await;
        let now = library.memory.bytes();
        steady = if now > unread { 0 } else { steady + 1 };
        unread = unread.max(now);
    }
    drop(line);
    (bounded_memory(at_rest, with_reader, unread, sent), None)
}

/// The same, in parts with pauses between them.
fn paced(steps: &[EmitStep]) -> Vec<EmitStep> {
    let mut paced = Vec::new();
    for step in steps {
        let EmitStep::Repeat { count, event } = step else {
            paced.push(step.clone());
            continue;
        };
        for part in 0..PARTS {
            let count = count / PARTS + u32::from(part < count % PARTS);
            if count > 0 {
                paced.push(EmitStep::Repeat { count, event: event.clone() });
                paced.push(EmitStep::SleepMs(PAUSE_MS));
            }
        }
    }
    paced
}

/// `server.slow-reader`. Memory in bytes: before anything was sent, the most with a client that
/// reads, the most with one that does not; and how much each was to be sent.
fn bounded_memory(
    at_rest: Option<u64>,
    with_reader: Option<u64>,
    unread: Option<u64>,
    sent: u64,
) -> Finding {
    let (Some(at_rest), Some(with_reader), Some(unread)) = (at_rest, with_reader, unread) else {
        let why = "the memory of the adapter's processes cannot be seen".to_owned();
        return Finding::Moot(why, "run it on Linux, with /proc mounted");
    };
    let megabytes = |bytes: u64| bytes / (1 << 20);
    let usual = with_reader.saturating_sub(at_rest);
    let more = unread.saturating_sub(with_reader);
    let shown = format!(
        "{0} MiB were sent to a client that reads, and memory grew by {1} MiB; {0} MiB to one that \
         reads nothing, and it grew by {2} MiB more",
        megabytes(sent),
        megabytes(usual),
        megabytes(more)
    );
    if more >= sent / 2 {
        return Finding::broke(
            "memory",
            shown,
            "wait until the client has taken what was sent, or drop or end the stream beyond a limit",
        );
    }
    if usual >= sent / 2 {
        return Finding::Open(
            format!("what a client costs is hidden by what is left to be collected: {shown}"),
            "start the adapter with a small heap, such as `java -XX:+UseSerialGC -Xmn16m`",
        );
    }
    Finding::Kept(shown)
}

#[cfg(test)]
mod tests {
    use ssespec_scenario::EmitEvent;

    use super::*;

    const MIB: u64 = 1 << 20;

    fn verdict(at_rest: u64, with_reader: u64, unread: u64) -> Finding {
        let some = |mib: u64| Some(mib * MIB);
        bounded_memory(some(at_rest), some(with_reader), some(unread), 64 * MIB)
    }

    #[test]
    fn only_what_a_reader_does_not_cost_is_held_against_it() {
        assert!(matches!(verdict(50, 60, 70), Finding::Kept(_)));
        assert!(matches!(verdict(50, 60, 124), Finding::Broke(_)));
        assert!(matches!(verdict(50, 150, 150), Finding::Open(..)));
        assert!(matches!(verdict(50, 150, 250), Finding::Broke(_)));
        assert!(matches!(bounded_memory(None, None, None, MIB), Finding::Moot(..)));
    }

    #[test]
    fn parts_hold_all_of_it() {
        let repeat = EmitStep::Repeat { count: 130, event: EmitEvent::default() };
        let parts = paced(&[repeat, EmitStep::Hold {}]);
        let events = parts.iter().map(|step| match step {
            EmitStep::Repeat { count, .. } => *count,
            _ => 0,
        });
        assert_eq!(events.sum::<u32>(), 130);
        assert_eq!(parts.last(), Some(&EmitStep::Hold {}));
    }
}

//! Whether the mock kept to the times of a case. A client whose own timer ran out because we were
//! late with our bytes, or with `close`, has done nothing wrong.

use std::time::Duration;

use ssespec_mock::{Entry, Happening};
use ssespec_scenario::{Case, Step};

/// What the sleep of a pause may overrun without being late.
const SLACK: Duration = Duration::from_millis(200);

/// What may go by before a client that waits to reconnect is told to close.
const CLOSE_MARGIN: Duration = Duration::from_millis(250);

/// What a client needs to hear that it is to close.
pub(crate) const CLOSE_HEARD: Duration = Duration::from_millis(100);

/// The shortest time-out of its own that a client is thought to have unasked.
const OWN_TIMER: Duration = Duration::from_secs(1);

/// Whether something that the case sends or commands came so late that a client could run out of
/// its own patience.
pub(crate) fn was_late(case: &Case, journal: &[Entry]) -> bool {
    sent_beyond_the_read_timeout(case, journal) || closed_too_late(case, journal)
}

/// How long we may lag at once before a timer of the client's own, which the case means us to
/// forestall, may run out.
pub(crate) fn margin(case: &Case) -> Duration {
    let longest_pause = pauses(case).max().unwrap_or_default();
    match case.open.read_timeout_ms.map(Duration::from_millis) {
        Some(limit) if longest_pause < limit => limit.saturating_sub(longest_pause) / 2,
        _ if case.closes() => CLOSE_MARGIN,
        _ => OWN_TIMER,
    }
}

/// When the client was told to close, and when it sent a request too many after that.
pub(crate) fn since_close(journal: &[Entry]) -> Option<(Duration, Duration)> {
    let told = journal.iter().find(|entry| entry.what == Happening::CloseAsked)?;
    let excess = journal
        .iter()
        .find(|entry| matches!(entry.what, Happening::Request { excess: true, .. }))
        .filter(|excess| excess.at > told.at)?;
    Some((told.at, excess.at))
}

/// Between two writes lay more than the read timeout allows, though no pause asked for it, nor
/// anything that the client was to do.
fn sent_beyond_the_read_timeout(case: &Case, journal: &[Entry]) -> bool {
    let Some(limit) = case.open.read_timeout_ms.map(Duration::from_millis) else {
        return false;
    };
    if pauses(case).any(|pause| pause >= limit) || case.awaited_left() > 0 {
        return false;
    }
    let writes: Vec<&Entry> = journal
        .iter()
        .filter(|entry| matches!(entry.what, Happening::Head(_) | Happening::Chunk { .. }))
        .collect();
    writes.windows(2).any(|pair| match pair {
        [before, after] if before.connection == after.connection => {
            after.at.saturating_sub(before.at) + SLACK >= limit
        }
        _ => false,
    })
}

/// A request beyond those of the case came when `close` should have been said, and was not.
fn closed_too_late(case: &Case, journal: &[Entry]) -> bool {
    let asked = journal.iter().any(|entry| entry.what == Happening::CloseAsked);
    let excess = journal
        .iter()
        .position(|entry| matches!(entry.what, Happening::Request { excess: true, .. }));
    let Some(excess) = excess.filter(|_| case.closes() && !asked) else {
        return false;
    };
    let at = |index: usize| journal.get(index).map_or(Duration::ZERO, |entry| entry.at);
    let waited = at(excess).saturating_sub(excess.checked_sub(1).map_or(Duration::ZERO, at));
    waited > pauses(case).max().unwrap_or_default() + SLACK
}

/// The pauses that the case makes.
pub(crate) fn pauses(case: &Case) -> impl Iterator<Item = Duration> {
    case.steps().filter_map(|step| match step {
        Step::Pause(span) => Some(span.0),
        _ => None,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use ssespec_net::{Request, Taken};
    use ssespec_scenario::Catalogue;

    use super::*;

    pub(crate) fn entry(at_ms: u64, what: Happening) -> Entry {
        Entry { at: Duration::from_millis(at_ms), connection: 1, what }
    }

    fn chunk(at_ms: u64) -> Entry {
        entry(at_ms, Happening::Chunk { bytes: Vec::new(), before: Taken::Yes })
    }

    /// A request too many.
    pub(crate) fn request(at_ms: u64) -> Entry {
        let request = Request {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            version: "1.1",
            headers: Vec::new(),
            body: Vec::new(),
            raw_head: Vec::new(),
        };
        entry(at_ms, Happening::Request { request, excess: true, at: ([127, 0, 0, 1], 80).into() })
    }

    fn late(id: &str, journal: &[Entry]) -> bool {
        let case = Catalogue::builtin().case(id).expect("it is built in");
        was_late(case, journal)
    }

    #[test]
    fn writes_later_than_the_read_timeout() {
        let id = "reconnect/comments-hold-off-the-read-timeout";
        let head = || entry(0, Happening::Head(Vec::new()));
        assert!(!late(id, &[head(), chunk(10), chunk(450)]));
        assert!(late(id, &[head(), chunk(3800), chunk(4200)]));
        // Without a read timeout nobody is in a hurry.
        assert!(!late("data/one-line", &[head(), chunk(3800)]));
    }

    #[test]
    fn what_a_client_of_little_patience_stands() {
        let of = |id| margin(Catalogue::builtin().case(id).expect("it is built in"));
        assert_eq!(of("reconnect/comments-hold-off-the-read-timeout").as_millis(), 550);
        assert_eq!(of("close/during-the-wait"), CLOSE_MARGIN);
        assert_eq!(of("data/one-line"), OWN_TIMER);
    }

    #[test]
    fn a_request_after_the_close() {
        let asked = || entry(100, Happening::CloseAsked);
        let between = (Duration::from_millis(100), Duration::from_millis(600));
        assert_eq!(since_close(&[asked(), request(600)]), Some(between));
        assert_eq!(since_close(&[request(50), asked()]), None);
        assert_eq!(since_close(&[asked()]), None);
    }

    #[test]
    fn a_close_that_never_came() {
        let id = "close/during-the-wait";
        let end = || entry(100, Happening::Raw(Vec::new()));
        assert!(late(id, &[end(), request(900)]));
        // It came back at once, when nothing was due yet.
        assert!(!late(id, &[end(), request(120)]));
        assert!(!late(id, &[end(), entry(110, Happening::CloseAsked), request(900)]));
    }
}

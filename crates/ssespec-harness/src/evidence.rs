//! The timeline of an attempt, both directions, for the report.

use std::time::Duration;

use ssespec_mock::{Entry, Happening};
use ssespec_net::{Request, Taken};
use ssespec_report::{Direction, TimelineEntry};
use ssespec_scenario::escape;

use crate::attempt::Attempt;
use crate::matching::show_observed;

/// Longest text of one entry, in bytes of what it shows.
const SHOWN_BYTES: usize = 512;
/// Most entries that are kept.
const MAX_ENTRIES: usize = 400;

/// Everything that happened, in the order of time.
pub(crate) fn timeline(attempt: &Attempt) -> Vec<TimelineEntry> {
    let mut entries: Vec<TimelineEntry> = Vec::new();
    for told in &attempt.told {
        entries.push(entry(told.at, 0, Direction::Command, &told.what, &[]));
    }
    for (at, bytes) in &attempt.fed {
        entries.push(entry(*at, 0, Direction::ToSubject, "chunk", bytes));
    }
    for happened in &attempt.journal {
        entries.push(from_journal(happened));
    }
    for seen in &attempt.reports {
        let shown = show_observed(&seen.report);
        entries.push(entry(seen.at, 0, Direction::Report, &shown, &[]));
    }
    entries.sort_by_key(|entry| entry.at_us);
    let (head, left_out, tail) = ends(&entries, MAX_ENTRIES / 2, MAX_ENTRIES / 2);
    if left_out == 0 {
        return entries;
    }
    let at = Duration::from_micros(tail.first().map_or(0, |entry| entry.at_us));
    let note = entry(at, 0, Direction::Note, &format!("{left_out} entries left out"), &[]);
    [head, &[note], tail].concat()
}

/// The first and the last items of a list, and how many there are between them; of a short list all
/// are among the first.
pub(crate) fn ends<T>(items: &[T], head: usize, tail: usize) -> (&[T], usize, &[T]) {
    match items.len().checked_sub(head + tail) {
        None | Some(0) => (items, 0, &[]),
        Some(left_out) => {
            let (first, rest) = items.split_at(head);
            (first, left_out, rest.split_at(left_out).1)
        }
    }
}

/// One entry; of long bytes the beginning is shown.
pub(crate) fn entry(
    at: Duration,
    connection: u32,
    direction: Direction,
    what: &str,
    bytes: &[u8],
) -> TimelineEntry {
    let shown = bytes.get(..SHOWN_BYTES).unwrap_or(bytes);
    TimelineEntry {
        at_us: u64::try_from(at.as_micros()).unwrap_or(u64::MAX),
        connection,
        direction,
        what: what.to_owned(),
        bytes: escape(shown),
        total_bytes: (shown.len() < bytes.len()).then_some(bytes.len() as u64),
    }
}

pub(crate) fn from_journal(happened: &Entry) -> TimelineEntry {
    let to = |what: &str, bytes: &[u8]| {
        entry(happened.at, happened.connection, Direction::ToSubject, what, bytes)
    };
    let from = |what: &str, bytes: &[u8]| {
        entry(happened.at, happened.connection, Direction::FromSubject, what, bytes)
    };
    match &happened.what {
        Happening::Request { request, excess, .. } => {
            from(if *excess { "request, one too many" } else { "request" }, &head_of(request))
        }
        Happening::Head(bytes) => to("head", bytes),
        Happening::Chunk { bytes, before: Taken::No } => {
            to("chunk, the cut before it not proven", bytes)
        }
        Happening::Chunk { bytes, .. } => to("chunk", bytes),
        Happening::Encoded { plain, flushed } => {
            let what = if *flushed { "encoded, with a flush" } else { "encoded, without a flush" };
            entry(happened.at, happened.connection, Direction::Note, what, plain)
        }
        Happening::NotAskedFor(coding) => {
            let what = format!("sent uncoded: the request does not ask for {}", coding.name());
            entry(happened.at, happened.connection, Direction::Note, &what, &[])
        }
        Happening::Raw(bytes) => to("raw", bytes),
        Happening::Sentinel => {
            entry(happened.at, happened.connection, Direction::Note, "sentinel sent", &[])
        }
        Happening::End => to("end of the body", &[]),
        Happening::Truncated => to("FIN, the body unfinished", &[]),
        Happening::Reset => to("RST", &[]),
        Happening::H2Reset(code) => to(&format!("RST_STREAM {code}"), &[]),
        Happening::Goaway(code) => to(&format!("GOAWAY {code}"), &[]),
        Happening::Left { how } => from(&format!("left: {how}"), &[]),
        Happening::CloseAsked => entry(
            happened.at,
            happened.connection,
            Direction::Note,
            "the case closes the client",
            &[],
        ),
        Happening::RestartAsked => entry(
            happened.at,
            happened.connection,
            Direction::Note,
            "the case has the client connect again",
            &[],
        ),
    }
}

fn head_of(request: &Request) -> Vec<u8> {
    let mut bytes = if request.raw_head.is_empty() {
        let mut head = format!("{} {} HTTP/2\n", request.method, request.target).into_bytes();
        for (name, value) in &request.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.push(b'\n');
        }
        head
    } else {
        request.raw_head.clone()
    };
    bytes.extend_from_slice(&request.body);
    bytes
}

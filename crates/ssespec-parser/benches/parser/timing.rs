//! Checking and timing.

use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::peers::{PEERS, Peer, Sink};
use crate::streams::Stream;
use crate::vectors::VECTORS;

/// The length of each stream; slower parsers get a part of it.
pub(crate) const STREAM_BYTES: usize = 64 << 20;

/// What one run should take at most.
const RUN: Duration = Duration::from_millis(100);

/// Rounds; each times every parser once, so that a change of the machine's speed meets them all.
pub(crate) const ROUNDS: usize = 9;

/// How a peer did on the vectors.
pub(crate) struct Correct {
    pub(crate) passed: usize,
    /// The rules of the vectors that it fails, each once.
    pub(crate) failed_rules: Vec<&'static str>,
}

/// One parser's medians on one stream.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) gigabytes_per_second: f64,
    /// Whether it found as many events and bytes of data as it should.
    pub(crate) complete: bool,
    pub(crate) timed_bytes: usize,
}

/// One stream in chunks of one size.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) chunk_bytes: usize,
    pub(crate) rows: Vec<Row>,
    /// memchr counting newlines in the same bytes.
    pub(crate) newlines_gigabytes_per_second: f64,
}

/// Every peer on every vector: whole, and byte by byte.
pub(crate) fn check_all() -> Vec<Correct> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let all = PEERS.iter().map(check).collect();
    panic::set_hook(hook);
    all
}

fn check(peer: &Peer) -> Correct {
    let mut correct = Correct { passed: 0, failed_rules: Vec::new() };
    for (rule, body, expected) in VECTORS {
        let body = Bytes::from_static(body);
        let passes = [body.len(), 1].into_iter().all(|chunk| {
            let run = panic::catch_unwind(AssertUnwindSafe(|| {
                let mut sink = Sink { keep: true, ..Sink::default() };
                (peer.run)(&body, chunk, &mut sink);
                sink.seen
            }));
            run.is_ok_and(|seen| {
                seen.iter().map(|(a, b, c)| (&**a, &**b, &**c)).eq(expected.iter().copied())
            })
        });
        if passes {
            correct.passed += 1;
        } else if !correct.failed_rules.contains(rule) {
            correct.failed_rules.push(rule);
        }
    }
    correct
}

/// Times all peers, or only the named ones, on one stream.
pub(crate) fn time(stream: &Stream, chunk: usize, only: &[String]) -> Table {
    let body = Bytes::from(stream.body.clone());
    let mut rows: Vec<(&Peer, Bytes, Vec<f64>)> = PEERS
        .iter()
        .filter(|peer| only.is_empty() || only.iter().any(|name| peer.name.contains(name)))
        .map(|peer| (peer, part(peer, &body, chunk), Vec::new()))
        .collect();
    let mut newlines = Vec::new();
    for _ in 0..ROUNDS {
        for (peer, part, speeds) in &mut rows {
            let mut sink = Sink::default();
            speeds.push(speed(part.len(), || (peer.run)(part, chunk, &mut sink)));
        }
        newlines.push(speed(body.len(), || {
            for piece in body.chunks(chunk) {
                black_box(memchr::memchr_iter(b'\n', piece).count());
            }
        }));
    }
    let rows = rows.into_iter().map(|(peer, part, speeds)| Row {
        name: peer.name,
        gigabytes_per_second: median(speeds),
        complete: counts(peer, &part, chunk) == counts(&PEERS[0], &part, chunk),
        timed_bytes: part.len(),
    });
    Table {
        title: stream.title,
        chunk_bytes: chunk,
        rows: rows.collect(),
        newlines_gigabytes_per_second: median(newlines),
    }
}

/// As much of the body as the peer gets through in the time of a run.
fn part(peer: &Peer, body: &Bytes, chunk: usize) -> Bytes {
    let mut length = 256 << 10;
    loop {
        let start = Instant::now();
        (peer.run)(&body.slice(..length), chunk, &mut Sink::default());
        if length >= body.len() || start.elapsed() * 2 > RUN {
            return body.slice(..length);
        }
        length = (length * 2).min(body.len());
    }
}

fn counts(peer: &Peer, body: &Bytes, chunk: usize) -> (u64, u64) {
    let mut sink = Sink::default();
    (peer.run)(body, chunk, &mut sink);
    (sink.events, sink.data_bytes)
}

fn speed(bytes: usize, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    bytes as f64 / start.elapsed().as_secs_f64() / 1e9
}

fn median(mut speeds: Vec<f64>) -> f64 {
    speeds.sort_by(f64::total_cmp);
    speeds.get(speeds.len() / 2).copied().unwrap_or_default()
}

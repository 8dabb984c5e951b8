//! A server that stands still shows in `lag` and `gap`, as its schedule says.

use std::time::Duration;

use ssespec_load::latency::{Latency, Metric};
use ssespec_load::origin::{Feed, Flaws, Form, Pace, Schedule, Stall};

use crate::place::{builtin, run, workload};

const MS: u64 = 1_000_000;

/// The lags that a schedule and a stall have by arithmetic alone, sorted, in nanoseconds.
fn expected(interval_ns: u64, events: u64, stall: Stall) -> Vec<u64> {
    let due = (0..events).map(|event| event * interval_ns);
    let end = stall.at_ns + stall.for_ns;
    let lag = |due: u64| if (stall.at_ns..end).contains(&due) { end - due } else { 0 };
    let mut lags: Vec<u64> = due.map(lag).collect();
    lags.sort_unstable();
    lags
}

/// The same from the server's own feed, on a clock that only this test moves.
fn emitted(interval_ns: u64, events: u64, stall: Stall) -> Latency {
    let schedule = Schedule {
        pace: Pace::Every(interval_ns),
        batch: 1,
        size_bytes: 50,
        first_id: 1,
        count: events,
        form: Form::Plain,
        flaws: Flaws::default(),
    };
    let mut feed = Feed::new(schedule, 0);
    let mut latency = Latency::new();
    let mut out = Vec::new();
    while let Some(due_ns) = feed.due_ns() {
        let end = stall.at_ns + stall.for_ns;
        let now = if (stall.at_ns..end).contains(&due_ns) { end } else { due_ns };
        feed.fill(now, usize::MAX, &mut out, |late_ns| latency.record_ns(late_ns));
        out.clear();
    }
    latency
}

#[test]
fn every_event_that_was_due_in_a_stall_is_charged_with_what_is_left_of_it() {
    // 20 s at 1,000 events/s, one second of which the server stands still: one event in twenty.
    let stall = Stall { at_ns: 5_000 * MS, for_ns: 1_000 * MS };
    let (lags, latency) = (expected(MS, 20_000, stall), emitted(MS, 20_000, stall));
    assert_eq!(latency.count(), 20_000);
    for (quantile, closed_form_us) in [(0.5, 0), (0.94, 0), (0.99, 800_000), (0.999, 980_000)] {
        let measured = latency.quantile_us(quantile).unwrap();
        // Three digits, and one event.
        let allowed = closed_form_us / 500 + 1_000;
        assert!(measured.abs_diff(closed_form_us) <= allowed, "{quantile}: {measured}");
    }
    let longest_us = lags.last().unwrap() / 1000;
    assert!(latency.max_us().unwrap().abs_diff(longest_us) <= longest_us / 500);
}

#[test]
fn a_stall_shows_over_sockets() {
    // What can be said however slow the machine is: the stall is at least so long, so that what
    // was due at its start waited at least so long.
    let stall = Stall { at_ns: 200 * MS, for_ns: 1_000 * MS };
    let mut asked = workload(builtin("/load/stream?rate=100", vec![stall]), 5);
    asked.hold = Duration::from_millis(1_500);
    let result = run(asked);
    assert!(result.traffic.events > 0);
    let lag = result.times(Metric::Lag).unwrap();
    assert_eq!(lag.count, result.traffic.events);
    // Streams whose request the server read only after the stall have no lag, but then their
    // first event was late.
    let ttfe = result.times(Metric::Ttfe).map_or(0, |times| times.max_us);
    assert!(lag.max_us.max(ttfe) >= 980_000, "lag {} ttfe {ttfe}", lag.max_us);
    // A gap is shorter where the event before it was read late.
    assert!(result.times(Metric::Gap).is_some_and(|times| times.max_us > 0) || ttfe >= 980_000);
    let emission = result.times(Metric::Emission).unwrap();
    assert!(emission.count >= result.traffic.events);
}

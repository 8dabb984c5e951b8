//! Streams that arrive and leave by a plan.

use std::time::Duration;

use ssespec_load::latency::Metric;
use ssespec_load::{Arrivals, Lifetime, Spacing, Stage, Workload};

use crate::place::{HEAD, Server, Then, run_until, workload};

/// One event on each stream, which then stays open.
fn greeting() -> Server {
    Server::answering(&format!("{HEAD}data: a\n\n"), Then::Hold)
}

fn at_rate(milli: u64, spacing: Spacing) -> Arrivals {
    Arrivals::Rates { stages: vec![Stage { level: milli, over_ns: 0 }], spacing }
}

#[test]
fn streams_that_leave_are_replaced_where_they_are_held() {
    let server = greeting();
    let asked = Workload {
        lifetime: Some(Lifetime::Exponential(1_000_000)),
        ..workload(server.subject(), 3)
    };
    let result = run_until(asked, |progress| progress.total_events >= 30);
    let streams = &result.streams;
    assert!(streams.started >= 30, "{streams:?}");
    assert!(streams.left >= streams.started - 3, "{streams:?}");
    assert!(result.held.peak <= 3);
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
}

#[test]
fn streams_arrive_at_a_rate_and_leave() {
    let server = greeting();
    for spacing in [Spacing::Constant, Spacing::Poisson] {
        let asked = Workload {
            arrivals: at_rate(500_000, spacing),
            lifetime: Some(Lifetime::Fixed(1_000_000)),
            ..workload(server.subject(), 10_000)
        };
        let result = run_until(asked, |progress| progress.total_events >= 100);
        let streams = &result.streams;
        assert!(streams.started >= 100 && streams.left > 0, "{streams:?}");
        assert_eq!(streams.skipped, 0);
        // What is counted from the plan is never shorter than what is counted from the start.
        let (corrected, raw) = (Metric::TtfeCorrected, Metric::Ttfe);
        let [corrected, raw] = [corrected, raw].map(|metric| result.times(metric).unwrap().mean_us);
        assert!(corrected + 2.0 >= raw, "{corrected} {raw}");
    }
}

#[test]
fn arrivals_without_room_are_not_passed_over_in_silence() {
    let server = greeting();
    let asked = Workload {
        arrivals: at_rate(1_000_000, Spacing::Constant),
        ..workload(server.subject(), 5)
    };
    let result = run_until(asked, |progress| {
        progress.total_events >= 5 && progress.elapsed > Duration::from_secs(2)
    });
    assert_eq!(result.streams.started, 5);
    assert!(result.streams.skipped > 0);
    assert!(
        result.hazards.iter().any(|hazard| hazard.fatal && hazard.seen.contains("not started"))
    );
}

#[test]
fn levels_are_reached_from_above_too() {
    let server = greeting();
    let stage = |level, over_ns| Stage { level, over_ns };
    let stages = vec![stage(3, 0), stage(3, 100_000_000), stage(1, 0)];
    let asked = Workload { arrivals: Arrivals::Levels { stages }, ..workload(server.subject(), 3) };
    let result = run_until(asked, |progress| {
        progress.open == 1 && progress.elapsed > Duration::from_secs(2)
    });
    assert_eq!((result.streams.started, result.streams.left), (3, 2));
    assert_eq!(result.held.at_end, 1);
}

//! Streams that are read slowly, beside others.

use std::time::Duration;

use ssespec_load::latency::Metric;
use ssespec_load::{Slowness, Workload};

use crate::place::{builtin, run_until, workload};

#[test]
fn slow_streams_are_in_no_latency_and_lose_nothing() {
    for pace in ["never", "pause=50ms", "2000B/s"] {
        let slow: Slowness = format!("50%:{pace}").parse().unwrap();
        let asked = Workload {
            slow: Some(slow),
            receive_buffer: Some(4096),
            ..workload(builtin("/load/stream?rate=200", Vec::new()), 10)
        };
        let result = run_until(asked, |progress| {
            progress.open == 10
                && progress.total_events >= 1000
                && progress.elapsed > Duration::from_secs(2)
        });
        assert!(result.errors.0.is_empty(), "{:?}", result.errors);
        assert_eq!(result.streams.slow, 5, "{pace}");
        let delivery = &result.delivery;
        assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
        let timed = result.times(Metric::Lag).unwrap().count;
        assert!(timed <= result.traffic.events, "{pace}");
        // Who never reads has at most what came with the head.
        let slowly = result.traffic.events - timed;
        assert!(if pace == "never" { slowly <= 50 } else { slowly > 5 }, "{pace}: {slowly}");
    }
}

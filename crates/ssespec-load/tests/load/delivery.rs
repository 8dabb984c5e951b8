//! Lost, repeated and reordered events are found, however rare.

use proptest::prelude::*;
use ssespec_load::delivery::{Arrival, Delivery, OPEN_RANGES, Range};
use ssespec_load::{LoadResult, Progress};

use crate::place::{builtin, run_until, workload};

/// Two streams of 200,000 events each, as fast as they go.
fn sent(flaw: &str) -> LoadResult {
    let target = format!("/load/stream?rate=1000000000&size=30&count=200000&{flaw}");
    let done = |progress: &Progress| progress.total_events >= 399_000 && progress.open == 0;
    run_until(workload(builtin(&target, Vec::new()), 2), done)
}

#[test]
fn one_event_in_a_hundred_thousand_that_is_lost() {
    // The last event of all is lost as well, and no id comes after it that would show it.
    let result = sent("loses=100000");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (2, 0, 0));
    let examples: Vec<_> =
        delivery.lost_examples.iter().map(|lost| (lost.range.from, lost.range.to)).collect();
    assert_eq!(examples, [(100_000, 100_000); 2]);
}

#[test]
fn one_event_in_a_hundred_thousand_that_is_repeated() {
    let result = sent("repeats=100000");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 4, 0));
    assert_eq!(result.traffic.events, 400_004);
}

#[test]
fn one_event_in_a_hundred_thousand_that_comes_too_late() {
    let result = sent("reorders=99999");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 4));
}

#[test]
fn a_server_without_flaws_has_none() {
    let result = sent("");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
    assert_eq!(delivery.numbered, 400_000);
    assert!(result.violations.0.is_empty() && result.errors.0.is_empty());
}

/// What `Delivery` says of a whole stream.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    lost: Vec<u64>,
    duplicated: u64,
    reordered: u64,
}

/// The same from a list of all that has come, which takes memory without bound.
fn naive(ids: &[u64]) -> Counts {
    let mut counts = Counts::default();
    let mut seen: Vec<u64> = Vec::new();
    for id in ids {
        if seen.contains(id) {
            counts.duplicated += 1;
        } else if seen.iter().any(|earlier| earlier > id) {
            counts.reordered += 1;
        }
        seen.push(*id);
    }
    if let (Some(first), Some(last)) = (seen.iter().min(), seen.iter().max()) {
        counts.lost = (*first..=*last).filter(|id| !seen.contains(id)).collect();
    }
    counts
}

fn observed(ids: &[u64]) -> Counts {
    let mut delivery = Delivery::default();
    let mut counts = Counts::default();
    let mut lost: Vec<Range> = Vec::new();
    for id in ids {
        match delivery.observe(&id.to_string(), *id, |range| lost.push(range)) {
            Arrival::Duplicated => counts.duplicated += 1,
            Arrival::Reordered => counts.reordered += 1,
            _ => {}
        }
    }
    lost.extend(delivery.finish());
    counts.lost = lost.into_iter().flat_map(|range| range.from..=range.to).collect();
    counts
}

proptest! {
    #[test]
    fn the_bounded_state_says_what_the_whole_list_does(
        // So few ids that there are never more holes than are remembered.
        ids in prop::collection::vec(0..2 * OPEN_RANGES as u64, 0..200),
    ) {
        prop_assert_eq!(observed(&ids), naive(&ids));
    }

    #[test]
    fn nothing_is_lost_twice_however_many_holes_there_are(
        ids in prop::collection::vec(0..10_000_u64, 0..400),
    ) {
        let mut lost = observed(&ids).lost;
        let all = lost.len();
        lost.sort_unstable();
        lost.dedup();
        prop_assert_eq!(lost.len(), all);
    }
}

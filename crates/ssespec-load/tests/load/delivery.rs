//! Lost, repeated and reordered events are found, however rare.

use proptest::prelude::*;
use ssespec_load::LoadResult;
use ssespec_load::delivery::{Arrival, Delivery, OPEN_RANGES, Range};

use crate::place::{builtin, run, workload};

/// A stream of somewhat more than a hundred thousand events, as fast as it goes.
fn sent(flaw: &str) -> LoadResult {
    let target = format!("/load/stream?rate=1000000000&size=30&count=100010&{flaw}");
    let result = run(workload(builtin(&target, Vec::new()), 1));
    assert_eq!(result.streams.ended, 1, "{:?}", result.errors);
    result
}

#[test]
fn one_event_in_a_hundred_thousand_that_is_lost() {
    let result = sent("loses=100000");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (1, 0, 0));
    let range = delivery.lost_examples.first().map(|lost| lost.range);
    assert_eq!(range, Some(Range { from: 100_000, to: 100_000 }));
}

#[test]
fn one_event_in_a_hundred_thousand_that_is_repeated() {
    let result = sent("repeats=100000");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 1, 0));
    assert_eq!(result.traffic.events, 100_011);
}

#[test]
fn one_event_in_a_hundred_thousand_that_comes_too_late() {
    let result = sent("reorders=100000");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 1));
}

#[test]
fn a_server_without_flaws_has_none() {
    let result = sent("");
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
    assert_eq!(delivery.numbered, 100_010);
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

//! What several workers report is what one would have reported.

use proptest::prelude::*;
use ssespec_load::latency::{Latency, Metric};
use ssespec_load::{Tally, read_message, write_message};

fn recorded(values: &[u64]) -> Latency {
    let mut latency = Latency::new();
    for ns in values {
        latency.record_ns(*ns);
    }
    latency
}

proptest! {
    // Each case encodes and merges some dozens of histograms.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn merged_histograms_are_those_of_one_process_bit_by_bit(
        values in prop::collection::vec(0..8_000_000_000_000_u64, 0..300),
        workers in 1..8_usize,
    ) {
        let whole = recorded(&values);
        let mut merged = Latency::new();
        for worker in 0..workers {
            let share: Vec<u64> =
                values.iter().copied().skip(worker).step_by(workers).collect();
            // Over the pipe, as it comes from a worker.
            let mut tally = Tally::default();
            for ns in share {
                tally.latencies.record_ns(Metric::Gap, ns);
            }
            let mut line = Vec::new();
            write_message(&mut line, &tally).unwrap();
            let told: Tally = read_message(&mut line.as_slice()).unwrap().unwrap();
            prop_assert_eq!(&told, &tally);
            merged.merge(told.latencies.of(Metric::Gap));
        }
        prop_assert_eq!(merged.to_v2().unwrap(), whole.to_v2().unwrap());
    }
}

#[test]
fn times_beyond_an_hour_count_as_an_hour() {
    let latency = recorded(&[u64::MAX - 500, 3_600_000_000_000]);
    assert_eq!(latency.count(), 2);
    assert!(latency.quantile_us(0.0) >= Some(3_590_000_000));
}

#[test]
fn a_histogram_with_other_bounds_is_refused() {
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Serializer as _, V2Serializer};

    let mut other = Histogram::<u64>::new_with_bounds(1, 1000, 2).unwrap();
    other.record(7).unwrap();
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(&other, &mut bytes).unwrap();
    assert!(Latency::from_v2(&bytes).unwrap_err().contains("bounds"));
    assert!(Latency::from_v2(b"no").is_err());
}

//! The scenarios that the binary carries are free of findings, and loading them is no cost.

use std::time::{Duration, Instant};

use ssespec_scenario::{Catalogue, LoadFailure};

#[test]
fn the_built_in_scenarios_are_free_of_findings() {
    let sources = Catalogue::builtin_sources();
    let (catalogue, diagnostics) = Catalogue::check(&sources);
    assert!(!catalogue.cases().is_empty());
    let found = !diagnostics.is_empty();
    let failure = LoadFailure { diagnostics, sources };
    assert!(!found, "{}", failure.render(false));
}

#[test]
fn each_built_in_case_can_be_failed_or_only_observes() {
    let (catalogue, _) = Catalogue::check(&Catalogue::builtin_sources());
    let idle: Vec<&str> = catalogue
        .cases()
        .iter()
        .filter(|case| case.kills.is_empty() && case.outcomes.is_empty())
        .map(|case| case.id.as_str())
        .collect();
    assert!(idle.is_empty(), "no mutant is named that these cases must catch: {idle:#?}");
}

#[test]
fn loading_takes_no_time() {
    let sources = Catalogue::builtin_sources();
    let took = (0..5)
        .map(|_| {
            let start = Instant::now();
            let (catalogue, _) = Catalogue::check(&sources);
            assert!(!catalogue.cases().is_empty());
            start.elapsed()
        })
        .min()
        .unwrap_or_default();
    // A few ms when optimized; this bound only catches what grows with the bytes of large chunks.
    assert!(took < Duration::from_millis(500), "took {took:?}");
}

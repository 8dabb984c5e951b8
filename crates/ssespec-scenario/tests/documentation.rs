//! What docs/scenarios.md shows as TOML loads without findings, but for what it calls a sketch.

use std::fs;
use std::path::Path;

use ssespec_scenario::{Catalogue, Feature, LoadFailure, SourceFile, Step};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    fs::read_to_string(path).expect("the scenario reference")
}

/// The blocks of code whose fence is followed by exactly this word.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(block, _)| block.to_owned()))
        .collect()
}

#[test]
fn each_example_loads() {
    let blocks = blocks(&page(), "toml");
    assert!(blocks.len() >= 6, "only {} examples", blocks.len());
    let sources: Vec<SourceFile> = blocks
        .into_iter()
        .enumerate()
        .map(|(n, text)| SourceFile {
            name: format!("example {} of docs/scenarios.md", n + 1),
            text,
        })
        .collect();
    let (_, diagnostics) = Catalogue::check(&sources);
    let found = !diagnostics.is_empty();
    let failure = LoadFailure { diagnostics, sources };
    assert!(!found, "{}", failure.render(false));
}

#[test]
fn each_sketch_is_one() {
    for text in blocks(&page(), "toml,sketch") {
        let name = "sketch".to_owned();
        let loaded = Catalogue::from_sources(&[SourceFile { name, text }]);
        assert!(loaded.is_err(), "a sketch that loads is an example");
    }
}

#[test]
fn the_finding_that_it_shows_is_what_the_lint_says() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid");
    let golden = fs::read_to_string(golden.join("sentinel-in-open-block.snap"));
    let golden = golden.expect("the golden file");
    for block in blocks(&page(), "text") {
        assert!(golden.contains(&block), "{block}");
    }
}

#[test]
fn each_feature_and_verb_is_named() {
    let page = page();
    for feature in Feature::ALL {
        assert!(page.contains(&format!("`{}`", feature.name())), "{feature:?}");
    }
    let verbs =
        "send withhold raw sentinel pause await client end truncate reset h2-reset goaway hold";
    for verb in verbs.split(' ') {
        assert!(page.contains(&format!("`{{ {verb} = ")), "{verb}");
    }
    // A new verb must be added to the list above.
    assert_eq!(Step::Hold {}.verb(), "hold");
}

//! How the tests and options of LaunchDarkly's harness map to ours: `docs/from-sse-contract-tests.md`.

use std::collections::BTreeMap;

use serde::Deserialize;
use ssespec_scenario::{Catalogue, Feature};

use crate::generate::Generated;

const DATA: &str = include_str!("../data/sse-contract-tests.toml");
const PAGE: &str = include_str!("../data/from-sse-contract-tests.md");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    test: Vec<Test>,
    flag: Vec<Pair>,
    capability: Vec<Pair>,
}

/// A test of theirs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    number: u32,
    group: String,
    name: String,
    #[serde(default)]
    capability: Option<String>,
    #[serde(default)]
    note: String,
}

/// A word of theirs and ours for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    theirs: String,
    #[serde(default)]
    ours: String,
    #[serde(default)]
    note: String,
}

pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let data: Data =
        toml::from_str(DATA).map_err(|error| format!("sse-contract-tests.toml: {error}"))?;
    let page = PAGE
        .replace("{flags}", &pairs(&data.flag))
        .replace("{capabilities}", &capabilities(&data.capability)?)
        .replace("{count}", &data.test.len().to_string())
        .replace("{tests}", &tests(&data.test)?);
    let path = "docs/from-sse-contract-tests.md".to_owned();
    Ok(vec![Generated { path, contents: page.into_bytes() }])
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn pairs(pairs: &[Pair]) -> String {
    let rows = pairs.iter().map(|pair| {
        let theirs: Vec<String> = pair.theirs.split(", ").map(code).collect();
        format!("| {} | {} | {} |\n", theirs.join(", "), code(&pair.ours), pair.note)
    });
    rows.collect()
}

fn capabilities(all: &[Pair]) -> Result<String, String> {
    for pair in all.iter().filter(|pair| !pair.ours.is_empty()) {
        Feature::from_name(&pair.ours)
            .ok_or_else(|| format!("sse-contract-tests.toml: `{}` is no feature", pair.ours))?;
    }
    Ok(pairs(all))
}

/// The cases that cover each of their tests, by its number.
fn covering() -> Result<BTreeMap<u32, Vec<&'static str>>, String> {
    let mut covering: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for case in Catalogue::builtin().cases() {
        for row in case.covers.iter().filter_map(|row| row.strip_prefix("ld:")) {
            let number = row.parse().map_err(|_| format!("`{}` covers `ld:{row}`", case.id))?;
            covering.entry(number).or_default().push(&case.id);
        }
    }
    Ok(covering)
}

fn tests(tests: &[Test]) -> Result<String, String> {
    let covering = covering()?;
    if let Some(unknown) =
        covering.keys().find(|number| !tests.iter().any(|t| t.number == **number))
    {
        return Err(format!("a case covers `ld:{unknown}`, and there is no such test"));
    }
    let mut out = String::new();
    let mut group = "";
    for test in tests {
        if test.group != group {
            group = &test.group;
            let line = "| their test | capability | here | |\n|---|---|---|---|\n";
            out.push_str(&format!("\n### {group}\n\n{line}"));
        }
        let cases = covering.get(&test.number).map(Vec::as_slice).unwrap_or_default();
        if cases.is_empty() {
            return Err(format!("no case covers test {}, `{}`", test.number, test.name));
        }
        let cases: Vec<String> = cases.iter().map(|id| code(id)).collect();
        let capability = test.capability.as_deref().map(code).unwrap_or_default();
        out.push_str(&format!(
            "| {}: {} | {capability} | {} | {} |\n",
            test.number,
            test.name,
            cases.join(", "),
            test.note
        ));
    }
    Ok(out)
}

//! Dependencies between the crates go one way, and the crates that work on data know no runtime.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate may use of the workspace.
const ARROWS: &[(&str, &[&str])] = &[
    ("ssespec-parser", &[]),
    ("ssespec-scenario", &["ssespec-parser"]),
    ("ssespec-net", &[]),
    ("ssespec-report", &[]),
    ("ssespec-mock", &["ssespec-net", "ssespec-parser", "ssespec-scenario"]),
    (
        "ssespec-harness",
        &["ssespec-mock", "ssespec-net", "ssespec-parser", "ssespec-report", "ssespec-scenario"],
    ),
    ("ssespec-load", &["ssespec-net", "ssespec-parser", "ssespec-report"]),
    (
        "ssespec",
        &[
            "ssespec-harness",
            "ssespec-load",
            "ssespec-mock",
            "ssespec-net",
            "ssespec-parser",
            "ssespec-report",
            "ssespec-scenario",
        ],
    ),
];

/// Not published; they may use anything, and nothing that is published may use them.
const UNPUBLISHED: &[&str] = &["ssespec-testkit", "xtask"];

/// Crates without a runtime.
const WITHOUT_TOKIO: &[&str] = &["ssespec-parser", "ssespec-scenario", "ssespec-report"];

/// What cargo says about the workspace, for the platform that the test runs on.
fn metadata() -> Value {
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let version = run("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let text = run(
        env!("CARGO"),
        &[
            "metadata",
            "--format-version=1",
            "--locked",
            "--manifest-path",
            manifest,
            "--filter-platform",
            host,
        ],
    );
    serde_json::from_str(&text).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The packages of the workspace by name.
fn members(metadata: &Value) -> BTreeMap<&str, &Value> {
    let ids: BTreeSet<&str> = list(&metadata["workspace_members"]).iter().map(text).collect();
    list(&metadata["packages"])
        .iter()
        .filter(|package| ids.contains(text(&package["id"])))
        .map(|package| (text(&package["name"]), package))
        .collect()
}

#[test]
fn dependencies_go_one_way() {
    let metadata = metadata();
    let members = members(&metadata);
    for (name, package) in &members {
        if UNPUBLISHED.contains(name) {
            assert_eq!(
                package["publish"],
                Value::Array(Vec::new()),
                "{name} says `publish = false`"
            );
            continue;
        }
        assert_eq!(package["publish"], Value::Null, "{name} can be published");
        let (_, allowed) = ARROWS
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("say in ARROWS what `{name}` may use"));
        for dependency in list(&package["dependencies"]) {
            let used = text(&dependency["name"]);
            // Tests may use the testkit.
            let is_test = dependency["kind"] == "dev";
            assert!(
                is_test || !members.contains_key(used) || allowed.contains(&used),
                "`{name}` must not depend on `{used}`"
            );
        }
    }
}

#[test]
fn crates_that_work_on_data_know_no_runtime() {
    let metadata = metadata();
    let members = members(&metadata);
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
    let names: BTreeMap<&str, &str> = list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    for name in WITHOUT_TOKIO {
        let mut seen = BTreeSet::new();
        let mut open = vec![text(&members[name]["id"])];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            assert_ne!(names[id], "tokio", "`{name}` must not depend on tokio");
            let normal = list(&nodes[id]["deps"]).iter().filter(|dependency| {
                list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null())
            });
            open.extend(normal.map(|dependency| text(&dependency["pkg"])));
        }
    }
}

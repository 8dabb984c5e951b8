//! Load runs whose pages have everything that such pages can have.

use serde_json::{Value, json};
use ssespec_report::load::Run;

use super::sample::ATTACK;

/// Two real runs: one against a server that stands still, loses and repeats, and a calm one.
const STALLED: &str = include_str!("../../../crates/ssespec-report/tests/samples/load/stall.json");
const CALM: &str = include_str!("../../../crates/ssespec-report/tests/samples/load/calm.json");

/// A run with errors, violations, a fatal hazard, and a metric that no page knows.
pub(super) fn run() -> Result<String, String> {
    edited(STALLED, |run| {
        run["errors"] = json!({
            "connect.refused": {"count": 12, "first": "stream 17: connection refused"},
            "status.503": {"count": 3, "first": "stream 4: 503 Service Unavailable"},
        });
        run["violations"] = json!({
            "line.nul": {"count": 2, "first": "stream 9, byte 512: \\0 in an id"},
        });
        run["streams"]["failed"] = json!(15);
        if let Some(hazards) = run["hazards"].as_array_mut() {
            hazards.push(json!({
                "hazard": "no-sequence", "fatal": true,
                "seen": "the generator came up to 1.20 s late (p99 310.0 ms, allowed 100.0 ms)",
                "why": "its own lateness is in every time", "help": "use fewer streams",
            }));
        }
        let times = run["latencies"]["lag"].clone();
        run["latencies"]["token-gap"] = times;
    })
}

/// A run in which whatever a server could say is an attack.
pub(super) fn hostile() -> Result<String, String> {
    edited(STALLED, |run| {
        let occurrences = json!({ ATTACK: {"count": 1, "first": ATTACK} });
        run["errors"] = occurrences.clone();
        run["violations"] = occurrences;
        run["url"] = json!(ATTACK);
        run["command"] = json!(ATTACK);
        run["workload"]["kind"] = json!(ATTACK);
        let times = run["latencies"]["lag"].clone();
        run["latencies"][ATTACK] = times;
    })
}

/// Six runs, as many as can be compared.
pub(super) fn compared() -> Result<Vec<Run>, String> {
    let names = ["before", "after", "with-a-proxy-whose-name-is-long", "calm", "calm-2", "calm-3"];
    let read = |(number, name): (usize, &str)| {
        let json = if number < 3 { STALLED } else { CALM };
        let json = edited(json, |run| {
            // Each is a little higher than the last, so that no line hides another.
            for second in run["seconds"].as_array_mut().into_iter().flatten() {
                for count in ["open", "events"] {
                    let more =
                        second[count].as_u64().unwrap_or_default() * (20 + number as u64) / 20;
                    second[count] = json!(more);
                }
            }
        })?;
        Run::read(&format!("{name}.json"), &json).map_err(|error| error.to_string())
    };
    names.into_iter().enumerate().map(read).collect()
}

fn edited(json: &str, edit: impl FnOnce(&mut Value)) -> Result<String, String> {
    let mut run: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    edit(&mut run);
    Ok(run.to_string())
}

//! The page over the load runs, and one that compares those of servers.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use ssespec_report::html::loads_to_html;
use ssespec_report::load::{COMPARED, Run};
use ssespec_report::quantity::{Bytes, Count, Microseconds};

use super::facts::Facts;
use super::servers::Scene;
use super::{DIRECTORY, clients, servers};
use crate::generate::Generated;
use crate::{reports, workspace};

const HEAD: &str = "\
# Load

Real servers and real clients under load, on one machine with both ends. Made by `cargo xtask
reports` from the JSON results beside it; do not edit. `cargo xtask load NAME` makes a run again.
What is measured, and how, is told in [load](../../docs/load.md).

The numbers tell what these programs do as their documentation writes them, on a small machine that
they share with the generator. They are no ranking: none is tuned, and another machine has other
numbers.
";

const SERVERS: &str = "\
Small programs, in [adapters/load](../../adapters/load), that send an event a second to everyone. As
nothing is sent at once to those who come, `ttfe` holds the wait for the next event, half a second
in the middle; `headers` is the time until the response begins. `e2e` is the time from the instant
that the payload tells, before the first stream is written to, to the dispatch, so it holds the time
that the server takes for all streams before. nchan is a hub: there the generator publishes, and
waits for all streams before it does, so `ttfe` has nothing to say.

Memory is what all processes of the server grew by, for each stream; processor time is theirs too,
as a share of one processor over the run. The kernel's part of memory is not in it.
";

const CLIENTS: &str = "\
The adapters that also [test these clients](../clients/README.md), one process each, on the built-in
server. `lag` is the time from the instant at which an event was due to the report of the client
over its pipe; `emission` is the part of it in which the server had not written yet. So the cost of
the adapter protocol is in all numbers. What that comes to is measured in the same run by a null
adapter, which only splits at blank lines; it stands in parentheses. Events a second are those while
all streams were held. Memory is that of the process by resident pages, and processor time that of
the process with all that it started, over all of the run.
";

const HELD_HEAD: &str = "\
| server | streams held | events | `headers` p50 | p99 | `ttfe` p50 | p99 | `e2e` p50 | p99 | lost | \
duplicated | reordered | failed | memory a stream | processor | |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
";

/// A run, as the tables read it.
struct Row {
    name: String,
    /// The address of the result, from the page.
    result: String,
    run: Value,
    facts: Option<Facts>,
}

impl Row {
    fn count(&self, pointer: &str) -> u64 {
        self.run.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
    }

    fn text(&self, pointer: &str) -> &str {
        self.run.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The median and the 99th percentile of a metric.
    fn times(&self, metric: &str) -> String {
        format!("{} | {}", self.time(metric, "p50_us"), self.time(metric, "p99_us"))
    }

    fn time(&self, metric: &str, quantile: &str) -> String {
        time(self.run.pointer(&format!("/latencies/{metric}/{quantile}")))
    }

    fn delivery(&self) -> String {
        let count = |what| Count(self.count(&format!("/delivery/{what}")));
        format!("{} | {} | {}", count("lost"), count("duplicated"), count("reordered"))
    }

    /// Events a second while all streams were held.
    fn events_per_second(&self) -> u64 {
        let ramp_s = self.count("/workload/ramp_ms") / 1000;
        let end_s = ramp_s + self.count("/workload/hold_ms") / 1000;
        let seconds = self.run.get("seconds").and_then(Value::as_array);
        let number = |of: &Value, key| of.get(key).and_then(Value::as_u64).unwrap_or(0);
        let held: Vec<u64> = seconds
            .into_iter()
            .flatten()
            .filter(|it| (ramp_s..end_s).contains(&number(it, "second")))
            .map(|it| number(it, "events"))
            .collect();
        held.iter().sum::<u64>() / (held.len() as u64).max(1)
    }

    /// How it ended, with the address of the result.
    fn ended(&self) -> String {
        let word = match self.count("/outcome/exit_code") {
            0 => "passed",
            1 => "failed",
            _ => "not to be trusted",
        };
        format!("[{word}]({})", self.result)
    }

    /// The server's memory for each stream, and its share of a processor.
    fn server(&self) -> String {
        let Some(facts) = &self.facts else {
            return "– | –".to_owned();
        };
        let grown = facts.memory_peak_bytes.saturating_sub(facts.memory_before_bytes);
        let bytes = grown / self.count("/held/peak").max(1);
        let share = facts.cpu_ms as f64 * 100.0 / self.count("/duration_ms").max(1) as f64;
        format!("{} | {share:.0} %", Bytes(bytes))
    }
}

/// The page, and the comparison of the servers, if there are results.
pub(super) fn generate() -> Result<Vec<Generated>, String> {
    let (held, clients) = (rows(&servers::HELD)?, rows(&clients::HELD)?);
    if held.is_empty() && clients.is_empty() {
        return Ok(Vec::new());
    }
    let mut page = HEAD.to_owned();
    of_servers(&mut page, &held)?;
    of_clients(&mut page, &clients)?;
    let mut machines: Vec<String> = held.iter().chain(&clients).map(machine).collect();
    machines.sort();
    machines.dedup();
    let _ = write!(page, "\n## Machine\n\n{}\n", machines.join("\n"));
    let mut files =
        vec![Generated { path: format!("{DIRECTORY}/README.md"), contents: page.into_bytes() }];
    if (2..=COMPARED).contains(&held.len()) {
        files.push(comparison(&held)?);
    }
    Ok(files)
}

fn of_servers(page: &mut String, held: &[Row]) -> Result<(), String> {
    let _ = write!(page, "\n## Servers\n\n{SERVERS}");
    let compared = if held.len() > 1 { ", [compared](comparison.html)" } else { "" };
    let _ = write!(page, "\n### {}{compared}\n\n", asked(held, "streams held"));
    page.push_str(HELD_HEAD);
    for row in held {
        held_line(page, row);
    }
    let storm = rows(&servers::STORM)?;
    let _ = write!(
        page,
        "\n### A storm of reconnections\n\nThe same, with one stream in five dropped within two \
         seconds. They come back after 3 s, as browsers do, and say by `Last-Event-ID` what they \
         had. *Replayed* are events that were due while a stream was away. nchan is asked for \
         those by the ids that it gave.\n\n\
         | server | dropped | came back | replayed | lost | duplicated | reordered | \
         `reconnect` p50 | p99 | `blackout` p99 | processor | |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n"
    );
    for row in &storm {
        let server = row.server();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            what(row),
            Count(row.count("/streams/dropped")),
            Count(row.count("/streams/reconnected")),
            Count(row.count("/delivery/replayed")),
            row.delivery(),
            row.times("reconnect"),
            row.time("blackout", "p99_us"),
            server.rsplit(" | ").next().unwrap_or_default(),
            row.ended()
        );
    }
    let many = rows(&servers::MANY)?;
    let _ = write!(page, "\n### {}\n\n", asked(&many, "streams held"));
    page.push_str(HELD_HEAD);
    for row in &many {
        held_line(page, row);
    }
    Ok(())
}

fn held_line(page: &mut String, row: &Row) {
    let _ = writeln!(
        page,
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        what(row),
        Count(row.count("/held/peak")),
        Count(row.count("/traffic/events")),
        row.times("headers"),
        // The wait for what is not published yet is not the server's.
        if row.run.get("publishing").is_some() {
            "– | –".to_owned()
        } else {
            row.times("ttfe")
        },
        row.times("e2e"),
        row.delivery(),
        Count(row.count("/streams/failed")),
        row.server(),
        row.ended()
    );
}

fn of_clients(page: &mut String, held: &[Row]) -> Result<(), String> {
    let _ = write!(page, "\n## Clients\n\n{CLIENTS}");
    let flood = rows(&clients::FLOOD)?;
    for (title, rows) in [
        (asked(held, "streams a process, an event a second on each"), held),
        (asked(&flood, "streams a process, a hundred events a second on each"), &flood),
    ] {
        if rows.is_empty() {
            continue;
        }
        let _ = write!(page, "\n### {title}\n\n");
        page.push_str(
            "| client | streams held | events/s | `lag` p50 | p99 | `emission` p99 | lost | \
             duplicated | reordered | memory a stream | processor an event | |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
        );
        for row in rows {
            client_line(page, row);
        }
    }
    Ok(())
}

fn client_line(page: &mut String, row: &Row) {
    let null = "/client/protocol";
    let beside = |own: String, of_null: String| format!("{own} ({of_null})");
    let lag = |quantile: &str| {
        beside(row.time("lag", quantile), time(row.run.pointer(&format!("{null}/lag/{quantile}"))))
    };
    let memory =
        |under: &str| Bytes(row.count(&format!("{under}/rss_per_stream_bytes"))).to_string();
    let cpu = |under: &str| {
        let ns = row.count(&format!("{under}/cpu_per_event_ns"));
        Microseconds(ns as f64 / 1000.0).to_string()
    };
    let _ = writeln!(
        page,
        "| {} {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        row.text("/client/processes/0/name"),
        row.text("/client/processes/0/version"),
        Count(row.count("/held/peak")),
        Count(row.events_per_second()),
        lag("p50_us"),
        lag("p99_us"),
        row.time("emission", "p99_us"),
        row.delivery(),
        beside(memory("/client"), memory(null)),
        beside(cpu("/client"), cpu(null)),
        row.ended()
    );
}

/// How many streams were asked for, as the heading of a table.
fn asked(rows: &[Row], of: &str) -> String {
    let streams = rows.first().map_or(0, |row| row.count("/workload/streams"));
    format!("{} {of}", Count(streams))
}

/// The server, with the address of its page where there is one.
fn what(row: &Row) -> String {
    let named = row.facts.as_ref().map_or(row.name.as_str(), |it| it.server.as_str());
    if row.result.contains('/') {
        return named.to_owned();
    }
    format!("[{named}]({}.html)", row.name)
}

fn time(value: Option<&Value>) -> String {
    let us = value.and_then(Value::as_f64);
    us.map_or_else(|| "–".to_owned(), |us| Microseconds(us).to_string())
}

fn machine(row: &Row) -> String {
    format!(
        "- {} processors ({}), {} of memory, {}; both ends on it; ssespec {}, {}",
        row.count("/machine/processors"),
        row.text("/machine/processor"),
        Bytes(row.count("/machine/memory_bytes")),
        row.text("/machine/system"),
        row.text("/tool/version"),
        row.text("/started").get(..10).unwrap_or_default()
    )
}

/// The results of a scene, by their names.
fn rows(scene: &Scene) -> Result<Vec<Row>, String> {
    let directory = Path::new(DIRECTORY).join(scene.group);
    let mut rows = Vec::new();
    for path in workspace::files(&workspace::root().join(&directory))? {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let failed =
            |error: &dyn std::fmt::Display| format!("failed to read `{}`: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&error))?;
        let run: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        let facts = match run.get("client") {
            None => Some(Facts::read(&path)?),
            Some(_) => None,
        };
        let result = Path::new(scene.group).join(format!("{name}.json"));
        rows.push(Row { result: result.display().to_string(), name, run, facts });
    }
    Ok(rows)
}

fn comparison(held: &[Row]) -> Result<Generated, String> {
    let read = |row: &Row| {
        let run = Run::read(&row.result, &row.run.to_string());
        run.map_err(|error| format!("failed to read {}: {error}", row.result))
    };
    let runs: Result<Vec<Run>, String> = held.iter().map(read).collect();
    let html = loads_to_html(&reports::tool(), &runs?)
        .map_err(|error| format!("the comparison failed: {error}"))?;
    Ok(Generated { path: format!("{DIRECTORY}/comparison.html"), contents: html.into_bytes() })
}

//! The result for people: one screen of text, or a page of Markdown.

use std::fmt::Write as _;

use ssespec_report::outcome::ExitCode;

use crate::budget::Bytes;
use crate::latency::Metric;
use crate::result::{LoadResult, Sockets, WorkloadSummary};
use crate::tally::Occurrences;
use crate::threshold::Microseconds;

/// Causes and rules listed in one section.
const LISTED: usize = 8;
/// How much of an example is shown.
const EXAMPLE_CHARS: usize = 90;

/// What a run came to, on one screen. Ends with a line end.
pub fn summary(result: &LoadResult) -> String {
    let mut out = String::new();
    let workload = &result.workload;
    let _ = writeln!(out, "{}: {}", result.url, asked(workload));
    if let Some(error) = &result.error {
        let _ = writeln!(out, "error: {}\nhelp: {}", error.message, error.help);
        push_outcome(&mut out, result);
        return out;
    }
    out.push('\n');
    for (name, text) in facts(result) {
        let _ = writeln!(out, "{name:<10} {text}");
    }
    push_times(&mut out, result);
    push_occurrences(&mut out, "errors", &result.errors);
    push_occurrences(&mut out, "payload faults", &result.payload_faults);
    push_occurrences(&mut out, "violations", &result.violations);
    for hazard in &result.hazards {
        let sign = if hazard.fatal { "!!" } else { "!" };
        let _ = writeln!(out, "\n{sign:<2} {}: {}", hazard.seen, hazard.why);
        let _ = writeln!(out, "   help: {}", hazard.help);
    }
    if !result.thresholds.is_empty() {
        out.push_str("\nfails where\n");
    }
    for threshold in &result.thresholds {
        let state = if threshold.breached { "BREACHED" } else { "no" };
        let _ = writeln!(out, "  {:<24} {state:<9} {}", threshold.fail, threshold.measured);
    }
    push_outcome(&mut out, result);
    out
}

/// What was asked for, in a line.
fn asked(workload: &WorkloadSummary) -> String {
    let (ramp, hold) = (seconds(workload.ramp_ms), seconds(workload.hold_ms));
    let mut text = match &workload.arrivals {
        None => {
            format!("{} streams, ramp {ramp}, held {hold}", thousands(workload.streams))
        }
        Some(arrivals) => {
            let all = seconds(workload.ramp_ms.saturating_add(workload.hold_ms));
            format!("{arrivals}, {all}, at most {} streams", thousands(workload.streams))
        }
    };
    if let Some(lifetime) = &workload.lifetime {
        let _ = write!(text, ", each for {lifetime}");
    }
    text
}

/// The lines above the table, by name.
fn facts(result: &LoadResult) -> Vec<(&'static str, String)> {
    let (streams, traffic) = (&result.streams, &result.traffic);
    let mut facts = vec![(
        "streams",
        format!(
            "{} started, {} opened, {} open at the end, {} failed, {} ended by the server",
            thousands(streams.started),
            thousands(streams.opened),
            thousands(result.held.at_end),
            thousands(streams.failed),
            thousands(streams.ended)
        ),
    )];
    if let Some(sockets) = &result.sockets {
        facts.push(("sockets", shared(sockets, result.workload.streams_per_connection)));
    }
    if streams.with_events > 1 && streams.last_first_event_us > 0 {
        let per_s = streams.with_events as f64 * 1e6 / streams.last_first_event_us as f64;
        let all = Microseconds(streams.last_first_event_us as f64);
        let text = format!("all first events within {all}, {per_s:.0} new streams a second");
        facts.push(("ramp", text));
    }
    if streams.dropped + streams.reconnected > 0 {
        let text = format!(
            "{} dropped by the plan, {} came back and had an event, {} events replayed",
            thousands(streams.dropped),
            thousands(streams.reconnected),
            thousands(result.delivery.replayed)
        );
        facts.push(("losses", text));
    }
    if streams.slow > 0 {
        let text = format!("{} read slowly; they are in no latency", thousands(streams.slow));
        facts.push(("slow", text));
    }
    if streams.resumed > 0 {
        let text = format!("{} handshakes resumed a session", thousands(streams.resumed));
        facts.push(("tls", text));
    }
    if streams.left + streams.skipped > 0 {
        let (left, skipped) = (thousands(streams.left), thousands(streams.skipped));
        facts.push(("churn", format!("{left} left by the plan, {skipped} found no room")));
    }
    facts.push((
        "events",
        format!(
            "{}, {:.0} a second, {} of bodies, {} comments",
            thousands(traffic.events),
            result.events_per_s(),
            Bytes(traffic.body_bytes),
            thousands(traffic.comments)
        ),
    ));
    if let Some(publishing) = &result.publishing {
        let (published, failed) = (thousands(publishing.published), thousands(publishing.failed));
        facts.push(("messages", format!("{published} published, {failed} failed")));
    }
    if let Some(talk) = &result.talk {
        let counts = &talk.counts;
        let (completed, tokens) = (thousands(counts.completed), thousands(counts.tokens));
        let mut text = format!(
            "{completed} completed, {:.1} a second; {tokens} tokens, {:.0} a second",
            talk.completed_per_s, talk.tokens_per_s
        );
        if let Some(slo) = &talk.slo {
            let percent = counts.good as f64 * 100.0 / counts.completed.max(1) as f64;
            let _ =
                write!(text, "; {percent:.1} % good by `{slo}`, {:.1} a second", talk.good_per_s);
        }
        facts.push(("answers", text));
    }
    let delivery = &result.delivery;
    let mut text = format!(
        "{} lost, {} duplicated, {} reordered of {} numbered",
        thousands(delivery.lost),
        thousands(delivery.duplicated),
        thousands(delivery.reordered),
        thousands(delivery.numbered)
    );
    if let Some(lost) = delivery.lost_examples.first() {
        let (from, to) = (lost.range.from, lost.range.to);
        let _ = write!(text, "; first lost: stream {}, ids {from} to {to}", lost.stream);
    }
    facts.push(("delivery", text));
    let health = &result.health;
    let percent = health.cpu_us * 100 / health.wall_us.max(1);
    let mut text = format!("{percent} % of a processor for each worker");
    let grown = health.memory_peak_bytes.saturating_sub(health.memory_before_bytes);
    if let Some(bytes) = grown.checked_div(result.held.peak).filter(|_| result.held.peak >= 1000) {
        let _ = write!(text, ", {bytes} B of memory a stream");
    }
    facts.push(("generator", text));
    if let Some(client) = &result.client {
        facts.extend(client.facts());
    }
    facts
}

/// What became of the connections that streams share.
fn shared(sockets: &Sockets, streams_per_connection: Option<u64>) -> String {
    let each = match streams_per_connection.unwrap_or(1) {
        1 => "1 stream".to_owned(),
        most => format!("{} streams", thousands(most)),
    };
    format!(
        "HTTP/2, at most {each} each: {} opened, {} at most at once, {} failed, {} ended",
        thousands(sockets.counts.opened),
        thousands(sockets.peak),
        thousands(sockets.counts.failed),
        thousands(sockets.counts.ended)
    )
}

const COLUMNS: [&str; 5] = ["p50", "p90", "p99", "p99.9", "max"];

/// The times of each metric that has any: name, count, and a cell a column.
fn rows(result: &LoadResult) -> impl Iterator<Item = (&'static str, u64, [String; 5])> + '_ {
    Metric::ALL.into_iter().filter_map(|metric| {
        let times = result.times(metric)?;
        let all = [times.p50_us, times.p90_us, times.p99_us, times.p99_9_us, times.max_us];
        Some((metric.name(), times.count, all.map(|us| Microseconds(us as f64).to_string())))
    })
}

fn push_times(out: &mut String, result: &LoadResult) {
    let _ = write!(out, "\n{:<12}", "");
    for column in COLUMNS {
        let _ = write!(out, "{column:>11}");
    }
    let _ = writeln!(out, "{:>14}", "count");
    for (name, count, cells) in rows(result) {
        let _ = write!(out, "{name:<12}");
        for cell in cells {
            let _ = write!(out, "{cell:>11}");
        }
        let _ = writeln!(out, "{:>14}", thousands(count));
    }
}

fn push_occurrences(out: &mut String, title: &str, occurrences: &Occurrences) {
    if occurrences.0.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    let mut all: Vec<_> = occurrences.0.iter().collect();
    all.sort_by_key(|(_, occurrence)| std::cmp::Reverse(occurrence.count));
    for (what, occurrence) in all.iter().take(LISTED) {
        let first: String = occurrence.first.chars().take(EXAMPLE_CHARS).collect();
        let _ = writeln!(out, "  {what:<20} {:>9}  {first}", thousands(occurrence.count));
    }
    if all.len() > LISTED {
        let _ = writeln!(out, "  and {} more", all.len() - LISTED);
    }
}

fn push_outcome(out: &mut String, result: &LoadResult) {
    let reasons = result.outcome.reasons.join("; ");
    let _ = match result.exit_code() {
        ExitCode::Ok => writeln!(out, "\nPASSED"),
        ExitCode::Interrupted => writeln!(out, "\nINTERRUPTED (exit code 130): {reasons}"),
        ExitCode::Untrusted => writeln!(out, "\nNOT TO BE TRUSTED (exit code 6): {reasons}"),
        code => writeln!(out, "\nFAILED (exit code {}): {reasons}", code.code()),
    };
}

/// What a run came to, as Markdown.
pub fn to_markdown(result: &LoadResult) -> String {
    let mut out = format!(
        "# Load: `{}`\n\n{}. {} {}, {}.\n\n",
        result.url,
        asked(&result.workload),
        result.tool.name,
        result.tool.version,
        result.started
    );
    if let Some(error) = &result.error {
        let _ = writeln!(out, "**{}**; {}\n", error.message, error.help);
    }
    out.push_str("| | |\n|---|---|\n");
    for (name, text) in facts(result) {
        let _ = writeln!(out, "| {name} | {text} |");
    }
    let _ = writeln!(out, "\n| | {} | count |\n|---|--:|--:|--:|--:|--:|--:|", COLUMNS.join(" | "));
    for (name, count, cells) in rows(result) {
        let _ = writeln!(out, "| `{name}` | {} | {} |", cells.join(" | "), thousands(count));
    }
    for (title, occurrences) in [
        ("Errors", &result.errors),
        ("Payload faults", &result.payload_faults),
        ("Violations", &result.violations),
    ] {
        if occurrences.0.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n## {title}\n\n| | count | first |\n|---|--:|---|");
        for (what, occurrence) in &occurrences.0 {
            let first = occurrence.first.replace('|', "\\|");
            let _ = writeln!(out, "| `{what}` | {} | {first} |", thousands(occurrence.count));
        }
    }
    if !result.hazards.is_empty() {
        out.push_str("\n## What makes this doubtful\n\n");
    }
    for hazard in &result.hazards {
        let weight = if hazard.fatal { "**Not to be trusted.** " } else { "" };
        let _ = writeln!(out, "* {weight}{}: {}. {}.", hazard.seen, hazard.why, hazard.help);
    }
    if !result.thresholds.is_empty() {
        out.push_str("\n## Thresholds\n\n| fails where | measured | |\n|---|--:|---|\n");
    }
    for threshold in &result.thresholds {
        let state = if threshold.breached { "**breached**" } else { "holds" };
        let _ = writeln!(out, "| `{}` | {} | {state} |", threshold.fail, threshold.measured);
    }
    let reasons = result.outcome.reasons.join("; ");
    let _ = writeln!(out, "\nExit code {}{}", result.outcome.exit_code, after(": ", &reasons));
    out
}

fn after(sign: &str, text: &str) -> String {
    if text.is_empty() { ".".to_owned() } else { format!("{sign}{text}.") }
}

/// A number with a comma between its thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1000) {
        format!("{} s", ms / 1000)
    } else {
        format!("{:.1} s", ms as f64 / 1000.0)
    }
}

/// A time in microseconds, for people.
pub fn microseconds(us: u64) -> String {
    Microseconds(us as f64).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(seconds(1500), "1.5 s");
    }
}

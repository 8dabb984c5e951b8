//! The page that the bench writes.

use std::fmt::{self, Write as _};
use std::process::Command;

use crate::peers::PEERS;
use crate::streams::Stream;
use crate::timing::{Correct, ROUNDS, Row, STREAM_BYTES, Table};
use crate::vectors::VECTORS;

/// The targets: least ratio to the fastest correct peer for borrowed and for owned events, at this
/// chunk size; for long lines the ratio to the fastest of all.
const TARGETS: &[(&str, usize, f64, f64)] = &[
    ("tokens", 16 << 10, 2.5, 2.0),
    ("mixed", 16 << 10, 2.5, 2.0),
    ("long lines", 16 << 10, 0.9, 0.9),
    ("tokens", 64, 1.5, 1.5),
    ("mixed", 64, 1.5, 1.5),
    ("long lines", 64, 1.5, 1.5),
];

/// What was tried towards the targets, and what came of it; kept by hand.
const NOTES: &str = include_str!("notes.md");

/// Renders the page.
///
/// # Errors
///
/// None in practice: a string takes all that is written to it.
pub(crate) fn render(
    streams: &[Stream],
    correct: &[Correct],
    tables: &[Table],
) -> Result<String, fmt::Error> {
    let mut page = String::from("# Parser throughput\n\n");
    writeln!(
        page,
        "Written by `cargo bench -p ssespec-parser`. Each figure is the median of {ROUNDS} rounds in \
         which all parsers take turns, over {} MiB or as much of it as a parser gets through in a \
         round's time. Every figure includes full UTF-8 validation where the parser does any. \
         {}\n",
        STREAM_BYTES >> 20,
        machine()
    )?;
    for stream in streams {
        writeln!(page, "- **{}**: {}", stream.title, stream.about)?;
    }
    page.push_str("\n## Targets\n\n");
    page.push_str("| stream | chunks | compared with | borrowed | target | owned | target |\n");
    page.push_str("|---|---:|---|---:|---:|---:|---:|\n");
    for table in tables {
        targets(&mut page, table, correct)?;
    }
    page.push('\n');
    page.push_str(NOTES.trim());
    page.push_str("\n\n## Correctness\n\n");
    writeln!(
        page,
        "{} vectors, each whole and byte by byte. What an API does not show is supplied by the \
         bench: it keeps the last event id for parsers that hand out bare blocks.\n",
        VECTORS.len()
    )?;
    page.push_str(
        "| parser | version | an event is | vectors passed | fails |\n|---|---|---|---:|---|\n",
    );
    for (peer, correct) in PEERS.iter().zip(correct) {
        let failed: Vec<_> = correct.failed_rules.iter().map(|rule| format!("`{rule}`")).collect();
        writeln!(
            page,
            "| {} | {} | {} | {} of {} | {} |",
            peer.name,
            peer.version,
            peer.yields,
            correct.passed,
            VECTORS.len(),
            failed.join(" ")
        )?;
    }
    for table in tables {
        speeds(&mut page, table, correct)?;
    }
    Ok(page)
}

/// Ours come first in every table.
fn peers<'t>(table: &'t Table, correct: &'t [Correct]) -> impl Iterator<Item = (&'t Row, bool)> {
    table
        .rows
        .iter()
        .zip(correct)
        .skip(2)
        .map(|(row, correct)| (row, correct.failed_rules.is_empty()))
}

fn targets(page: &mut String, table: &Table, correct: &[Correct]) -> fmt::Result {
    let target = TARGETS
        .iter()
        .find(|(title, chunk, ..)| *title == table.title && *chunk == table.chunk_bytes);
    let (Some((_, _, borrowed_target, owned_target)), [borrowed, owned, ..]) =
        (target, table.rows.as_slice())
    else {
        return Ok(());
    };
    let any = *borrowed_target < 1.0;
    let fastest = peers(table, correct)
        .filter(|(row, correct)| any || (*correct && row.complete))
        .map(|(row, _)| row)
        .max_by(|a, b| a.gigabytes_per_second.total_cmp(&b.gigabytes_per_second));
    let Some(fastest) = fastest else {
        return Ok(());
    };
    let cell = |row: &Row, target: f64| {
        let ratio = row.gigabytes_per_second / fastest.gigabytes_per_second;
        format!("{ratio:.2} | {target:.1}, {}", if ratio >= target { "met" } else { "**missed**" })
    };
    writeln!(
        page,
        "| {} | {} B | {} | {} | {} |",
        table.title,
        table.chunk_bytes,
        fastest.name,
        cell(borrowed, *borrowed_target),
        cell(owned, *owned_target)
    )
}

fn speeds(page: &mut String, table: &Table, correct: &[Correct]) -> fmt::Result {
    writeln!(page, "\n## {}, in chunks of {} bytes\n", table.title, table.chunk_bytes)?;
    page.push_str(
        "| parser | GB/s | of newline count | timed over | correct | found all events |\n",
    );
    page.push_str("|---|---:|---:|---:|---|---|\n");
    let newlines = table.newlines_gigabytes_per_second;
    for (row, correct) in table.rows.iter().zip(correct) {
        writeln!(
            page,
            "| {} | {:.2} | {:.2} | {} | {} | {} |",
            row.name,
            row.gigabytes_per_second,
            row.gigabytes_per_second / newlines,
            length(row.timed_bytes),
            if correct.failed_rules.is_empty() { "yes" } else { "no" },
            if row.complete { "yes" } else { "no" }
        )?;
    }
    writeln!(
        page,
        "| memchr, counting newlines | {newlines:.2} | 1.00 | {} | | |",
        length(STREAM_BYTES)
    )
}

fn length(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    format!(
        "Machine: {}, family {} model {}, {} cores, {}, {}.",
        field("model name").unwrap_or_else(|| "unknown processor".to_owned()),
        field("cpu family").unwrap_or_default(),
        field("model\t").unwrap_or_default(),
        std::thread::available_parallelism().map_or(1, usize::from),
        std::env::consts::OS,
        rustc.unwrap_or_else(|_| "unknown compiler".to_owned())
    )
}

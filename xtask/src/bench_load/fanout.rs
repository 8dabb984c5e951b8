//! Fan-out in lock-step: the next events only when all streams have the last.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use ssespec_load::summary::thousands;

use super::bare::Counted;
use super::held::rounded;
use super::{bare, mark, run, workload};

const STREAMS: u64 = 9_900;
const EVENT_BYTES: usize = 100;
/// How long each is measured; they take turns.
const SECONDS: u64 = 10;
const ROUNDS: usize = 3;

/// What one side of the comparison came to.
#[derive(Debug, Clone, Copy)]
struct Figure {
    events_per_s: f64,
    cpu_us_per_event: f64,
}

pub(crate) fn bench() -> Result<String, String> {
    let mut page = format!(
        "## Fan-out in lock-step\n\n\
         {} streams, {EVENT_BYTES} bytes an event, one server and one client process; the next \
         write only when all streams have the last event. The engine parses every event, checks its \
         sequence, and times it (`gap` and `lag`); the peer is a pair of bare epoll loops over \
         sockets of the same kind, in the same run, that send and count bytes. Median of {ROUNDS} \
         runs of {SECONDS} s, which take turns. Processor time is that of the client.\n\n\
         | events a write | engine, events/s | bare, events/s | ratio | target | | engine, µs/event | bare, µs/event | ratio | target | |\n\
         |--:|--:|--:|--:|---|---|--:|--:|--:|---|---|\n",
        thousands(STREAMS)
    );
    for batch in [1_u64, 16] {
        let (mut engines, mut peers) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            engines.push(engine(batch)?);
            peers.push(peer(batch)?);
            eprintln!("  {:?} {:?}", engines.last(), peers.last());
        }
        let (engine, peer) = (median(engines)?, median(peers)?);
        let ratio = engine.events_per_s / peer.events_per_s;
        let cost = engine.cpu_us_per_event / peer.cpu_us_per_event;
        let (target, reached) = if batch == 1 {
            ("≥ 0.9 of bare", ratio >= 0.9)
        } else {
            ("≥ 1,500,000/s", engine.events_per_s >= 1_500_000.0)
        };
        let _ = writeln!(
            page,
            "| {batch} | {} | {} | {ratio:.2} | {target} | {} | {:.2} | {:.2} | {cost:.2} | ≤ 1.25 | {} |",
            thousands(rounded(engine.events_per_s)),
            thousands(rounded(peer.events_per_s)),
            mark(reached),
            engine.cpu_us_per_event,
            peer.cpu_us_per_event,
            mark(cost <= 1.25),
        );
    }
    Ok(page)
}

fn median(mut figures: Vec<Figure>) -> Result<Figure, String> {
    figures.sort_by(|a, b| a.events_per_s.total_cmp(&b.events_per_s));
    figures.get(figures.len() / 2).copied().ok_or_else(|| "nothing was measured".to_owned())
}

/// The engine: the seconds in which all streams were open.
fn engine(batch: u64) -> Result<Figure, String> {
    let target = format!("/load/stream?pace=step&batch={batch}&size={EVENT_BYTES}");
    let hold = Duration::from_secs(SECONDS + 3);
    let mut asked = workload(&target, STREAMS, Duration::ZERO, hold);
    asked.lock_step = Some(batch);
    let mut before = None;
    let mut last = None;
    let result = run(asked, &mut |progress| {
        let cpu = progress.worker_pids.first().and_then(|pid| cpu_s(*pid));
        let now = (progress.elapsed.as_secs_f64(), progress.total_events, cpu.unwrap_or(0.0));
        if before.is_none() && progress.open == STREAMS {
            before = Some(now);
        }
        if cpu.is_some() {
            last = Some(now);
        }
    })?;
    let _ = result;
    let (Some(before), Some(last)) = (before, last) else {
        return Err("the streams did not come about".to_owned());
    };
    let events = (last.1 - before.1) as f64;
    Ok(Figure {
        events_per_s: events / (last.0 - before.0),
        cpu_us_per_event: (last.2 - before.2) * 1e6 / events,
    })
}

/// The processor time of another process.
fn cpu_s(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything; user and system time are the 12th and 13th
    // field after it, in hundredths of a second.
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

fn peer(batch: u64) -> Result<Figure, String> {
    // With the framing of a chunk, as the engine gets it.
    let chunk_bytes = usize::try_from(batch).unwrap_or(1) * EVENT_BYTES + 12;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let streams = STREAMS.to_string();
    let chunk = chunk_bytes.to_string();
    let mut server = Command::new(&program)
        .args(["bare-server", &streams, &chunk])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("failed to start the bare server: {error}"))?;
    let mut address = String::new();
    if let Some(output) = server.stdout.take() {
        let read = BufReader::new(output).read_line(&mut address);
        read.map_err(|error| error.to_string())?;
    }
    let client = Command::new(&program)
        .args(["bare-client", address.trim(), &streams, &chunk, &SECONDS.to_string()])
        .output()
        .map_err(|error| format!("failed to start the bare client: {error}"))?;
    let ended = server.wait().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&client.stdout);
    let figures: Vec<f64> = text.split_whitespace().filter_map(|it| it.parse().ok()).collect();
    let [rounds, seconds, cpu_s] = figures.as_slice() else {
        let said = String::from_utf8_lossy(&client.stderr);
        return Err(format!("the bare pair failed ({ended}): {said}"));
    };
    let events = rounds * STREAMS as f64 * batch as f64;
    Ok(Figure { events_per_s: events / seconds, cpu_us_per_event: cpu_s * 1e6 / events })
}

/// The bare client, as a process of its own: prints rounds, seconds and processor seconds.
pub(crate) fn bare_client(arguments: &[&str]) -> Result<(), String> {
    let [address, streams, chunk, seconds] = arguments else {
        return Err("bare-client takes an address and three numbers".to_owned());
    };
    let wrong = |what: &str| format!("`{what}` is no number");
    let Counted { rounds, seconds, cpu_s } = bare::count(
        address.parse().map_err(|_| wrong(address))?,
        streams.parse().map_err(|_| wrong(streams))?,
        chunk.parse().map_err(|_| wrong(chunk))?,
        seconds.parse().map_err(|_| wrong(seconds))?,
    )?;
    println!("{rounds} {seconds} {cpu_s}");
    Ok(())
}

/// The bare server, as a process of its own.
pub(crate) fn bare_server(arguments: &[&str]) -> Result<(), String> {
    let [streams, chunk] = arguments else {
        return Err("bare-server takes two numbers".to_owned());
    };
    let wrong = |what: &str| format!("`{what}` is no number");
    bare::serve(
        streams.parse().map_err(|_| wrong(streams))?,
        chunk.parse().map_err(|_| wrong(chunk))?,
    )
}

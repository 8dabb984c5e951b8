//! `cargo xtask bench-peers`: other load generators and ours on the same streams, from one server
//! that stands still for a second, loses events and repeats some.

use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use ssespec_load::clock;
use ssespec_load::origin::{FromOrigin, OriginPlan, OriginReport, Stall, ToOrigin};
use ssespec_load::{read_message, write_message};
use ssespec_report::quantity::{Bytes, Count, Microseconds};

use crate::load::process::{Group, Usage};
use crate::workspace;

/// Where the table goes.
const PAGE: &str = "reports/bench/peers.md";
const STREAMS: usize = 500;
const SECONDS: u64 = 25;
/// Five events a second on each; one in 50 is lost, and one in 70 comes twice.
const TARGET: &str = "/load/stream?rate=5&loses=50&repeats=70";
/// When the server stands still, after its start, and for how long.
const STALL: Stall = Stall { at_ns: 15_000_000_000, for_ns: 1_000_000_000 };

const HEAD: &str = "\
# Peers

Written by `cargo xtask bench-peers`: other load generators on the same streams, one after another,
on a machine of 2 processors that also runs the server. Memory is that of all processes of a tool,
with what they share counted once: at most, and what each stream added. *Told* is what the tool says
when it ends. *Sent* is what the server wrote, by its own count, while the tool was there.

";

const NOTES: &str = "
- **Locust** knows no event streams: [its user](../../adapters/load/locustfile.py) reads lines with
  `HttpUser`, takes each empty line for an event, and tells Locust the times between. It would
  notice what is lost or comes twice if the user had code for that.
- **oha** waits for whole responses, and these have no end: it holds the streams, and counts each as
  aborted when its time is over.
- **k6** with xk6-sse is not here: the module xk6-sse could not be had from the module proxy on the
  day, and k6 itself knows no event streams. **Gatling** is not here either: it takes a project of its
  own in Java or Scala.
";

/// What a tool came to.
#[derive(Debug, Default)]
struct Seen {
    events: Option<u64>,
    longest_gap_us: Option<f64>,
    lost: Option<u64>,
    duplicated: Option<u64>,
}

/// A load generator.
struct Peer {
    name: &'static str,
    program: String,
    version: &'static [&'static str],
    arguments: fn(base: &str) -> Vec<String>,
    /// What it wrote to its output, or into the file.
    read: fn(output: &str) -> Result<Seen, String>,
}

/// Where a tool writes what it found.
const OUTPUT: &str = "target/load/peer.json";

/// Runs them, and writes the table: `ssespec` a release build, the others as they are installed.
pub(crate) fn write(ssespec: &Path, locust: &str, oha: &str) -> Result<(), String> {
    ssespec_net::allow_open_files();
    let shown = ssespec.display().to_string();
    let peers = [
        Peer {
            name: "ssespec load",
            program: shown,
            version: &["--version"],
            arguments: |base| {
                let url = format!("{base}{TARGET}");
                let (streams, hold) = (STREAMS.to_string(), format!("{}s", SECONDS - 5));
                let report = format!("json={OUTPUT}");
                ["load", &url, "-c", &streams, "--ramp", "5s", "--duration", &hold]
                    .into_iter()
                    .chain(["--no-live", "--report", &report])
                    .map(str::to_owned)
                    .collect()
            },
            read: of_ssespec,
        },
        Peer {
            name: "Locust",
            program: locust.to_owned(),
            version: &["--version"],
            arguments: |base| {
                let (streams, time) = (STREAMS.to_string(), format!("{SECONDS}s"));
                ["-f", "adapters/load/locustfile.py", "--headless", "--only-summary", "--json"]
                    .into_iter()
                    .chain(["-u", &streams, "-r", "100", "-t", &time, "--host", base])
                    .map(str::to_owned)
                    .collect()
            },
            read: of_locust,
        },
        Peer {
            name: "oha",
            program: oha.to_owned(),
            version: &["--version"],
            arguments: |base| {
                let url = format!("{base}{TARGET}");
                let (streams, time) = (STREAMS.to_string(), format!("{SECONDS}s"));
                ["--no-tui", "--output-format", "json", "-c", &streams, "-z", &time, &url]
                    .map(str::to_owned)
                    .to_vec()
            },
            read: of_oha,
        },
    ];
    let mut page = HEAD.to_owned();
    let _ = write!(
        page,
        "{STREAMS} streams for {SECONDS} s, five events a second on each, one in 50 lost and one in 70 \
         sent twice; the server stands still for a second.\n\n\
         | tool | streams held | sent | events told | memory | a stream | processor, an event sent | \
         longest gap told | lost told | duplicated told |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for peer in &peers {
        let line = measure(peer, ssespec)?;
        print!("{line}");
        page.push_str(&line);
    }
    page.push_str(NOTES);
    workspace::write(&workspace::root().join(PAGE), page.as_bytes())?;
    println!("wrote {PAGE}");
    Ok(())
}

fn measure(peer: &Peer, ssespec: &Path) -> Result<String, String> {
    let output = workspace::root().join(OUTPUT);
    workspace::write(&output, b"")?;
    let origin = Origin::start(ssespec)?;
    let base = format!("http://{}", origin.address);
    let arguments = (peer.arguments)(&base);
    println!("\n{} {}", peer.name, arguments.join(" "));
    let mut command = Command::new(&peer.program);
    let file = std::fs::File::create(workspace::root().join("target/load/peer.out"));
    command
        .args(&arguments)
        .env("STREAM", TARGET)
        .stdout(file.map_err(|error| error.to_string())?)
        .current_dir(workspace::root());
    let mut group = Group::spawn(&mut command)?;
    let began = Instant::now();
    let (mut before, mut peak, mut held) = (Usage::default(), Usage::default(), 0);
    while group.runs()? && began.elapsed().as_secs() < SECONDS * 2 {
        let usage = group.usage();
        let open = connections(origin.address.port());
        if open == 0 && held == 0 {
            before = usage;
        }
        held = held.max(open);
        peak = peak.larger(usage);
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    drop(group);
    let report = origin.stop()?;
    let mut text =
        String::from_utf8_lossy(&std::fs::read(&output).unwrap_or_default()).into_owned();
    if text.is_empty() {
        let told = std::fs::read(workspace::root().join("target/load/peer.out"));
        text = String::from_utf8_lossy(&told.unwrap_or_default()).into_owned();
    }
    let seen = (peer.read)(&text).map_err(|error| format!("{}: {error}", peer.name))?;
    let grown = peak.memory_bytes.saturating_sub(before.memory_bytes);
    let per_event_us = peak.cpu_ms as f64 * 1000.0 / report.events.max(1) as f64;
    let count = |it: Option<u64>| it.map_or_else(|| "–".to_owned(), |it| Count(it).to_string());
    let gap = seen.longest_gap_us.map(|us| Microseconds(us).to_string());
    Ok(format!(
        "| {} {} | {held} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        peer.name,
        version(peer)?,
        Count(report.events),
        count(seen.events),
        Bytes(peak.memory_bytes),
        Bytes(grown / u64::try_from(held).unwrap_or(1).max(1)),
        Microseconds(per_event_us),
        gap.unwrap_or_else(|| "–".to_owned()),
        count(seen.lost),
        count(seen.duplicated),
    ))
}

/// The last word of the line that tells the version, or the second one.
fn version(peer: &Peer) -> Result<String, String> {
    let output = Command::new(&peer.program).args(peer.version).output();
    let output = output.map_err(|error| format!("failed to start {}: {error}", peer.name))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split_whitespace().nth(1).unwrap_or_default().to_owned())
}

/// How many connections to a port of this machine are open.
fn connections(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let remote = format!(":{port:04X}");
    // The number, the local and the remote address, and the state; 01 is ESTABLISHED.
    let open = |line: &str| {
        let mut fields = line.split_whitespace().skip(2);
        fields.next().is_some_and(|it| it.ends_with(&remote)) && fields.next() == Some("01")
    };
    table.lines().filter(|line| open(line)).count()
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("its result is not to be read: {error}"))
}

fn of_ssespec(text: &str) -> Result<Seen, String> {
    let result = json(text)?;
    let count = |pointer: &str| result.pointer(pointer).and_then(Value::as_u64);
    Ok(Seen {
        events: count("/traffic/events"),
        longest_gap_us: count("/latencies/gap/max_us").map(|us| us as f64),
        lost: count("/delivery/lost"),
        duplicated: count("/delivery/duplicated"),
    })
}

fn of_locust(text: &str) -> Result<Seen, String> {
    let result = json(text)?;
    let named = |name: &str| {
        result.as_array()?.iter().find(|it| it.get("name").and_then(Value::as_str) == Some(name))
    };
    let events = |name| named(name).and_then(|it| it.get("num_requests")?.as_u64());
    let longest = named("gap").and_then(|it| it.get("max_response_time")?.as_f64());
    Ok(Seen {
        events: Some(events("ttfe").unwrap_or(0) + events("gap").unwrap_or(0)),
        longest_gap_us: longest.map(|ms| ms * 1000.0),
        ..Seen::default()
    })
}

fn of_oha(text: &str) -> Result<Seen, String> {
    json(text)?;
    Ok(Seen::default())
}

/// The built-in server, in a process of its own.
struct Origin {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Origin {
    fn start(ssespec: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("the built-in server failed: {error}");
        let mut child = Command::new(ssespec)
            .arg("load-server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (mut input, output) = input.zip(output).ok_or("the built-in server has no pipes")?;
        let mut output = BufReader::new(output);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let plan = OriginPlan { listen, stalls: vec![STALL], cuts: Vec::new() };
        write_message(&mut input, &ToOrigin::Serve { plan }).map_err(failed)?;
        let said: Option<FromOrigin> = read_message(&mut output).map_err(failed)?;
        let Some(FromOrigin::Serving { address, .. }) = said else {
            return Err("the built-in server does not serve".to_owned());
        };
        let go = ToOrigin::Go { at_ns: clock::now_ns() };
        write_message(&mut input, &go).map_err(failed)?;
        Ok(Self { child, input, output, address })
    }

    fn stop(mut self) -> Result<OriginReport, String> {
        let failed = |error: std::io::Error| format!("the built-in server failed: {error}");
        write_message(&mut self.input, &ToOrigin::Stop).map_err(failed)?;
        self.input.flush().map_err(failed)?;
        let said: Option<FromOrigin> = read_message(&mut self.output).map_err(failed)?;
        self.child.wait().map_err(failed)?;
        match said {
            Some(FromOrigin::Done { report }) => Ok(*report),
            _ => Err("the built-in server did not end well".to_owned()),
        }
    }
}

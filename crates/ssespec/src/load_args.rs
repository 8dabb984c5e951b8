//! The command line of `ssespec load`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ssespec_load::origin::Stall;
use ssespec_load::{Reading, Slowness, Storm, Threshold, threshold};
use ssespec_scenario::Span;

use crate::cli::FormatArg;
use crate::load_client::{CLIENT_DEFAULTS, ClientArgs};
use crate::load_connection_args::ConnectionArgs;
use crate::load_workload_args::{ArrivalArgs, PublishArgs, ReadingArgs};

#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    /// The URL of the stream.
    #[arg(
        value_name = "URL",
        required_unless_present_any = ["builtin", "client", "workload"],
        conflicts_with = "builtin"
    )]
    pub(crate) url: Option<String>,
    /// The built-in server, in processes of its own; TARGET is `/load/stream`,
    /// `/load/broadcast` or `/load/llm`, with parameters such as `?rate=10&size=200`.
    #[arg(
        long,
        value_name = "TARGET",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "/load/stream"
    )]
    pub(crate) builtin: Option<String>,
    /// Take options from a TOML file, or from a built-in workload by its name; those of the command
    /// line come before them.
    #[arg(long, value_name = "FILE")]
    pub(crate) workload: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
    /// How many streams are held at once [default: 1000]; with a rate, how many may be open at most
    /// [default: as many as the rate and the lifetimes ask for].
    #[arg(short = 'c', long, value_name = "N",
          value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) streams: Option<u64>,
    /// The time over which the streams are started, 0s for as fast as it goes [default: 10s]; with
    /// a rate, over which it is reached [default: 0s].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) ramp: Option<Duration>,
    /// How long all of them are held after that, or arrive [default: 60s; with stages 0s].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) duration: Option<Duration>,
    #[command(flatten)]
    pub(crate) arriving: ArrivalArgs,
    /// A request header, as `Name: value` (repeatable).
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub(crate) headers: Vec<String>,
    /// The request method [default: GET, or POST with `--body`].
    #[arg(long, value_name = "NAME")]
    pub(crate) method: Option<String>,
    /// The request body; `@FILE` reads it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) body: Option<String>,
    #[command(flatten)]
    pub(crate) connecting: ConnectionArgs,
    /// What `{credential}` stands for in URL, headers and body: one a line, one line a stream.
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) publishing: PublishArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// When the run has failed, such as `ttfe.p99 > 200ms` or `lost > 0` (repeatable) [default:
    /// errors, lost, duplicated, reordered, payload-faults or publish-errors > 0; with `--client`
    /// also violations > 0 and opened < 100%].
    #[arg(long, value_name = "CONDITION")]
    pub(crate) fail: Vec<Threshold>,
    /// Streams that are lost come back after the reconnection time, with Last-Event-ID, as browsers
    /// do; RETRY where the server sets none.
    #[arg(
        long,
        value_name = "RETRY",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "3s",
        value_parser = time
    )]
    pub(crate) reconnect: Option<Duration>,
    /// Drop streams all at once: `20%@30s` for one in five after half a minute, or `20%@30s~5s`
    /// spread by chance over the next five seconds (repeatable).
    #[arg(long = "drop", value_name = "PERCENT@TIME", requires = "reconnect")]
    pub(crate) storms: Vec<Storm>,
    /// Read a share of the streams slowly: `10%:1000B/s`, `10%:pause=5s` or `10%:never`. They are in
    /// no latency.
    #[arg(long, value_name = "PERCENT:HOW")]
    pub(crate) slow: Option<Slowness>,
    /// The receive buffer of each socket, of which the system has a least size; with HTTP/2 the
    /// window of each stream.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub(crate) receive_buffer: Option<u64>,
    /// How long a stream may take to connect, and to answer.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    pub(crate) timeout: Duration,
    /// What ids say.
    #[arg(long, value_enum, default_value_t = IdsArg::Sequence)]
    pub(crate) ids: IdsArg,
    /// An address of this machine to connect from (repeatable) [default: the system's choice; for
    /// servers on 127.0.0.0/8 as many as it takes].
    #[arg(long = "source", value_name = "IP")]
    pub(crate) sources: Vec<IpAddr>,
    /// Worker processes [default: as many as descriptors and processors ask for].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) workers: Option<u64>,
    /// How late the generator may be, by its 99th percentile, before the result is not to be
    /// trusted.
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = time)]
    pub(crate) loop_lag_limit: Duration,
    /// Let the built-in server stand still: `1s@10s` for one second after ten (repeatable).
    #[arg(long = "stall", value_name = "TIME@TIME", value_parser = stall, conflicts_with = "url")]
    pub(crate) stalls: Vec<Stall>,
    /// Write a report: `html=PATH`, `json=PATH`, `csv=PATH`, `markdown=PATH`, `hlog=PATH`, or
    /// `hgrm=DIR` with a file a metric (repeatable).
    #[arg(long, value_name = "KIND=PATH", value_parser = report)]
    pub(crate) report: Vec<LoadReport>,
    /// Serve how the run is going in the text format of Prometheus, at the path /metrics of this
    /// address, such as 127.0.0.1:9464; port 0 for a free one.
    #[arg(long, value_name = "ADDR")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Lines of progress in place of the live view, also on a terminal.
    #[arg(long)]
    pub(crate) no_live: bool,
    /// What goes to stdout: nothing, as people read stderr, or the JSON result.
    #[arg(long, value_enum, default_value_t = FormatArg::Human)]
    pub(crate) format: FormatArg,
}

/// What ids say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IdsArg {
    /// Consecutive numbers: what is missing is lost.
    Sequence,
    /// Nothing; delivery is not judged.
    Opaque,
}

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoadReport {
    pub(crate) kind: LoadReportKind,
    pub(crate) path: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadReportKind {
    Json,
    Csv,
    Markdown,
    Html,
    Hlog,
    Hgrm,
}

impl LoadArgs {
    /// What is read out of events: also the time in the messages of the tool itself.
    pub(crate) fn reading(&self) -> Reading {
        let mut reading = self.reading.reading();
        let publishing = &self.publishing;
        if publishing.publish.is_some() && publishing.publish_body.is_none() {
            let own = || "/sent:ns".parse().ok();
            reading.timestamp = reading.timestamp.or_else(own);
        }
        reading
    }

    /// The conditions of the user, or those that hold without any.
    pub(crate) fn thresholds(&self) -> Vec<Threshold> {
        if self.fail.is_empty() {
            let payloads = self.reading().is_payload().then_some("payload-faults > 0");
            let messages = self.publishing.publish.as_ref().map(|_| "publish-errors > 0");
            let clients = self.client.client.iter().flat_map(|_| CLIENT_DEFAULTS);
            let defaults = threshold::DEFAULTS.into_iter().chain(payloads).chain(messages);
            return defaults.chain(clients).filter_map(|text| text.parse().ok()).collect();
        }
        self.fail.clone()
    }
}

pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let Span(time) = Span::parse(text)?;
    if time > Duration::from_hours(1000) {
        return Err("at most 1000h".to_owned());
    }
    Ok(time)
}

fn stall(text: &str) -> Result<Stall, String> {
    let form = || "write it as `1s@10s`: how long, and how long after the start".to_owned();
    let (length, at) = text.split_once('@').ok_or_else(form)?;
    let ns = |text| time(text).map(nanoseconds);
    Ok(Stall { at_ns: ns(at)?, for_ns: ns(length)? })
}

fn report(text: &str) -> Result<LoadReport, String> {
    let (kind, path) = text
        .split_once('=')
        .ok_or_else(|| "write it as KIND=PATH, such as `json=load.json`".to_owned())?;
    let kind = LoadReportKind::from_str(kind, false).map_err(|_| {
        format!("`{kind}` is no kind of report; there are html, json, csv, markdown, hlog and hgrm")
    })?;
    if path.is_empty() {
        return Err("the path is empty".to_owned());
    }
    Ok(LoadReport { kind, path: PathBuf::from(path) })
}

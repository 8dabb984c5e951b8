//! The command line: names, help, defaults. Scripts depend on the names.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
use ssespec_report::outcome::FailOn;

use crate::load_args::LoadArgs;
use crate::proxy_args::{ProxyArgs, watch};

/// What `--help` says about exit codes; a test compares it with the enum.
const EXIT_CODES: &str = "\
Exit codes:
  0    all scored cases passed
  1    a case or a threshold failed
  2    usage, scenario or configuration error
  3    the subject or its set-up failed
  4    nothing selected or nothing scored
  5    stale known-failures file
  6    the result is not to be trusted
  70   a bug of ssespec
  130  interrupted, partial report written";

/// The same for `report diff`.
const DIFF_EXIT_CODES: &str = "\
Exit codes:
  0    nothing regressed
  1    a case that passed fails, is flaky, in error, n/a or blocked, or a judged case is gone
  2    a file is not a result, is cut off, or has another schema version
  4    the results have no case in common
  6    cases were lost, but only to `inconclusive`";

/// Conformance suite for Server-Sent Events.
#[derive(Debug, Parser)]
#[command(name = "ssespec", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) subcommand: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    /// Test a client, a server or a proxy; without more, the built-in client, as a demonstration.
    Test(Box<TestArgs>),
    /// Run the mock server by itself: every scenario at /case/ID.
    Mock(MockArgs),
    /// Hold many streams at once, check every event on each, and measure from the schedule.
    #[command(after_help = EXIT_CODES)]
    Load(Box<LoadArgs>),
    /// A worker of `load`, which speaks over stdin and stdout.
    #[command(hide = true)]
    LoadWorker,
    /// A built-in server of `load`, which speaks over stdin and stdout.
    #[command(hide = true)]
    LoadServer,
    /// An adapter for `load --client` that hardly does anything.
    #[command(hide = true)]
    LoadNullAdapter,
    /// Decode an event stream with the reference parser.
    Decode(DecodeArgs),
    /// List the cases.
    List(ListArgs),
    /// Say all about one case, or one rule.
    Explain(ExplainArgs),
    /// Check scenario files.
    Lint(LintArgs),
    /// Turn results of runs that are over into other reports, merge them, compare them.
    Report(ReportArgs),
    /// Print shell completions.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    pub(crate) command: ReportCommand,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum ReportCommand {
    /// Write a JSON result, or a JSON matrix, as other kinds of report.
    Render(RenderArgs),
    /// Make one matrix of many results: implementations × cases; or compare load runs.
    Merge(MergeArgs),
    /// Say what changed from one result to another; exit with 1 where something regressed.
    #[command(after_help = DIFF_EXIT_CODES)]
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// A result that `--report json=PATH` of `test` or `load` wrote, or a matrix of `report merge`.
    pub(crate) result: PathBuf,
    /// Write a report: `html=PATH`, `markdown=PATH`, `junit=PATH`, `badge=PATH` or `json=PATH`
    /// (repeatable).
    #[arg(long, required = true, value_name = "KIND=PATH", value_parser = report_target)]
    pub(crate) report: Vec<ReportTarget>,
    /// From which level a breach is a failure, where the kind of report has such.
    #[arg(long, value_enum, default_value_t = FailOnArg::Must)]
    pub(crate) fail_on: FailOnArg,
}

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// Results that `--report json=PATH` wrote: all of clients, of servers, of proxies, or up to
    /// six of `load`.
    #[arg(required = true, value_name = "RESULT")]
    pub(crate) results: Vec<PathBuf>,
    /// Write the matrix: `html=PATH`, `markdown=PATH` or `json=PATH`; of load runs there is no JSON
    /// (repeatable).
    #[arg(long, required = true, value_name = "KIND=PATH", value_parser = matrix_target)]
    pub(crate) report: Vec<ReportTarget>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The result before.
    pub(crate) old: PathBuf,
    /// The result after.
    pub(crate) new: PathBuf,
    /// Also write what changed: `markdown=PATH` (repeatable).
    #[arg(long, value_name = "KIND=PATH", value_parser = diff_target)]
    pub(crate) report: Vec<ReportTarget>,
    /// From which level a new breach is a regression.
    #[arg(long, value_enum, default_value_t = FailOnArg::Must)]
    pub(crate) fail_on: FailOnArg,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct TestArgs {
    #[command(subcommand)]
    pub(crate) target: Option<TestTarget>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum TestTarget {
    /// Test a client, or a decoder.
    #[command(after_help = EXIT_CODES)]
    Client(ClientArgs),
    /// Test a server by the URL of its stream.
    #[command(after_help = EXIT_CODES)]
    Server(ServerArgs),
    /// Test a proxy: the origin and the client are ours, and what happens at both is compared.
    #[command(after_help = EXIT_CODES)]
    Proxy(ProxyArgs),
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ServerArgs {
    /// The URL of the stream.
    #[arg(value_name = "URL", required_unless_present_any = ["builtin", "exec"])]
    pub(crate) url: Option<String>,
    /// A shell command that starts an adapter, which has a server library send what it is told.
    #[arg(long, value_name = "CMD", conflicts_with_all = ["url", "builtin", "trigger", "gauge", "body", "method", "headers", "min_events", "http1", "http2", "cacert", "insecure"])]
    pub(crate) exec: Option<String>,
    /// The reference server.
    #[arg(long, conflicts_with = "url")]
    pub(crate) builtin: bool,
    /// A request header, as `Name: value` (repeatable).
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub(crate) headers: Vec<String>,
    /// The request method [default: GET, or POST with `--body`].
    #[arg(long, value_name = "NAME")]
    pub(crate) method: Option<String>,
    /// The request body; `@FILE` reads it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) body: Option<String>,
    /// Trust the certificates in this file, in PEM, in place of the system's.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(crate) cacert: Option<PathBuf>,
    /// Accept any certificate.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Use HTTP/1 only.
    #[arg(long, conflicts_with = "http2")]
    pub(crate) http1: bool,
    /// Use HTTP/2, in cleartext by prior knowledge, for all that does not ask for HTTP/1.0.
    #[arg(long)]
    pub(crate) http2: bool,
    /// How long the stream is watched.
    #[arg(long = "for", value_name = "TIME", default_value = "5s", value_parser = watch)]
    pub(crate) watch: Duration,
    /// Leave the stream after so many events; fewer are not enough to judge by.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) min_events: Option<u32>,
    /// A request that makes the server emit, sent once a second: `POST URL`.
    #[arg(long, value_name = "REQUEST")]
    pub(crate) trigger: Option<String>,
    /// Where the server shows how many streams are open: `URL`, `URL#METRIC` or `URL#/POINTER`.
    #[arg(long, value_name = "URL", conflicts_with = "builtin")]
    pub(crate) gauge: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ClientArgs {
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    /// What an `--each` command can do, beside opening a URL (repeatable).
    #[arg(long = "feature", value_name = "NAME", requires = "each")]
    pub(crate) features: Vec<String>,
    /// Open the streams of `--browser` in a worker of the page.
    #[arg(long, value_name = "KIND", requires = "browser")]
    pub(crate) worker: Option<WorkerArg>,
    /// Open the streams of `--browser` with this JavaScript module instead of EventSource.
    #[arg(long, value_name = "FILE", requires = "browser")]
    pub(crate) module: Option<PathBuf>,
    /// Ask the `--service` to end when the run is over.
    #[arg(long, requires = "service")]
    pub(crate) stop_service_at_end: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct SubjectArgs {
    /// A shell command that starts an adapter; it speaks the protocol over stdio.
    #[arg(long, value_name = "CMD")]
    pub(crate) exec: Option<String>,
    /// A shell command with `{url}` in it, started once a case; it prints events as JSON lines.
    #[arg(long, value_name = "CMD")]
    pub(crate) each: Option<String>,
    /// A browser: `chromium`, `firefox`, `webkit`, or the path of one.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) browser: Option<String>,
    /// The address of a test service that speaks LaunchDarkly's contract for SSE clients.
    #[arg(long, value_name = "URL")]
    pub(crate) service: Option<String>,
    /// The reference client.
    #[arg(long)]
    pub(crate) builtin: bool,
}

/// What `--worker` takes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WorkerArg {
    /// One for each frame of the page.
    Dedicated,
    /// One for all frames of an origin.
    Shared,
}

#[derive(Debug, Args)]
pub(crate) struct CommonArgs {
    /// Run only cases that match, such as `line/*` or `bom/split@h1`; `@FILE` reads patterns.
    #[arg(long, value_name = "GLOB")]
    pub(crate) run: Vec<String>,
    /// Leave out cases that match; `@FILE` reads patterns.
    #[arg(long, value_name = "GLOB")]
    pub(crate) skip: Vec<String>,
    /// The levels to judge by [default: eventsource for clients that reconnect, else decoder].
    #[arg(long, value_enum)]
    pub(crate) profile: Option<ProfileArg>,
    /// From which level a breach fails the run.
    #[arg(long, value_enum, default_value_t = FailOnArg::Must)]
    pub(crate) fail_on: FailOnArg,
    /// Known failures: a TOML table per case id, each with a `reason`.
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// Write the failures of this run as a known-failures file.
    #[arg(long, value_name = "FILE")]
    pub(crate) write_known: Option<PathBuf>,
    /// How many cases run side by side.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// What all waiting times are multiplied by, on slow machines.
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = time_scale)]
    pub(crate) time_scale: f64,
    /// How often each case is run.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) repeat: u32,
    /// Write a report: `json=PATH`, `junit=PATH`, `html=PATH`, `markdown=PATH`, or `badge=PATH`
    /// with a path in `.svg` or `.json` (repeatable).
    #[arg(long, value_name = "KIND=PATH", value_parser = report_target)]
    pub(crate) report: Vec<ReportTarget>,
    /// Write the timeline of each case that did not pass into this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) traces: Option<PathBuf>,
    /// Run the scenarios of this directory or file in place of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
    /// What goes to stdout: nothing, as people read stderr, or the JSON result.
    #[arg(long, value_enum, default_value_t = FormatArg::Human)]
    pub(crate) format: FormatArg,
}

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTarget {
    pub(crate) kind: ReportKind,
    pub(crate) path: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportKind {
    Json,
    Junit,
    /// One page that opens from disk.
    Html,
    /// A summary for CI.
    Markdown,
    /// An SVG, or what Shields makes one of, as the path ends.
    Badge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileArg {
    /// The letter of the standard.
    Eventsource,
    /// Clients that by design reconnect where the standard says to fail.
    Resilient,
    /// Without HTTP, or without reconnection.
    Decoder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnArg {
    Must,
    Should,
}

impl From<FailOnArg> for FailOn {
    fn from(arg: FailOnArg) -> Self {
        match arg {
            FailOnArg::Must => Self::Must,
            FailOnArg::Should => Self::Should,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    Human,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct MockArgs {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Serve only these cases (repeatable; globs).
    #[arg(long, value_name = "ID")]
    pub(crate) case: Vec<String>,
    /// Serve the scenarios of this directory or file in place of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DecodeArgs {
    /// The file; `-` is stdin.
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// How to print: readable text, or one JSON object a line.
    #[arg(long, value_enum, default_value_t = DecodeFormat::Text)]
    pub(crate) format: DecodeFormat,
    /// Also say what a server should not have sent, with the rule and the offset of the byte.
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecodeFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only cases that match (repeatable).
    #[arg(value_name = "GLOB")]
    pub(crate) patterns: Vec<String>,
    /// List the rules in place of the cases.
    #[arg(long, conflicts_with = "patterns")]
    pub(crate) rules: bool,
    /// The scenarios of this directory or file in place of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = FormatArg::Human)]
    pub(crate) format: FormatArg,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The id of a case, with or without its route, or of a rule.
    pub(crate) id: String,
    /// The scenarios of this directory or file in place of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Files, or directories with `.toml` files.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

fn report_target(text: &str) -> Result<ReportTarget, String> {
    target_of(text, ReportKind::value_variants())
}

fn matrix_target(text: &str) -> Result<ReportTarget, String> {
    target_of(text, &[ReportKind::Html, ReportKind::Markdown, ReportKind::Json])
}

fn diff_target(text: &str) -> Result<ReportTarget, String> {
    target_of(text, &[ReportKind::Markdown])
}

/// Reads `KIND=PATH` where these kinds can be had.
fn target_of(text: &str, kinds: &[ReportKind]) -> Result<ReportTarget, String> {
    let (kind, path) = text
        .split_once('=')
        .ok_or_else(|| "write it as KIND=PATH, such as `junit=reports/junit.xml`".to_owned())?;
    let names = || kinds.iter().filter_map(ValueEnum::to_possible_value);
    let found = ReportKind::from_str(kind, false).ok().filter(|kind| kinds.contains(kind));
    let kind = found.ok_or_else(|| {
        let known: Vec<String> = names().map(|value| format!("`{}`", value.get_name())).collect();
        let wrong = match ReportKind::from_str(kind, false) {
            Ok(_) => "cannot be written here",
            Err(_) => "is no kind of report",
        };
        let verb = if known.len() == 1 { "is" } else { "are" };
        format!("`{kind}` {wrong}; there {verb} {}", known.join(", "))
    })?;
    if path.is_empty() {
        return Err("the path is empty".to_owned());
    }
    if kind == ReportKind::Badge && badge_form(Path::new(path)).is_none() {
        return Err("write it as `badge=NAME.svg`, or `badge=NAME.json` for Shields".to_owned());
    }
    Ok(ReportTarget { kind, path: PathBuf::from(path) })
}

/// How a badge is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadgeForm {
    Svg,
    Shields,
}

/// The form that a path asks for by its end.
pub(crate) fn badge_form(path: &Path) -> Option<BadgeForm> {
    match path.extension()?.to_str()? {
        "svg" => Some(BadgeForm::Svg),
        "json" => Some(BadgeForm::Shields),
        _ => None,
    }
}

fn time_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.1..=100.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 0.1 to 100".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use ssespec_report::outcome::ExitCode;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_lists_every_exit_code() {
        for code in ExitCode::ALL {
            let line = format!("  {:<3}  {}", code.code(), code.meaning());
            assert!(EXIT_CODES.contains(line.trim_end()), "missing: {line}");
        }
    }
}

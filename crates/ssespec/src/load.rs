//! `ssespec load`: many streams at once, every event of them checked.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ssespec_load::latency::Metric;
use ssespec_load::summary::{summary, to_markdown};
use ssespec_load::{
    Address, AddressError, Arrivals, Finished, Ids, Interrupter, Launcher, LoadResult, Machine,
    PrepareError, Reconnect, Request, Run, Subject, Workload, exports,
};
use ssespec_report::outcome::ExitCode;

use crate::cli::FormatArg;
use crate::error::CliError;
use crate::load_args::{IdsArg, LoadArgs, LoadReportKind};
use crate::watch::Watch;
use crate::{load_client, output, report, server, signal};

/// How long a server may stand still before arrivals at a rate find no room.
const SLACK_NS: u64 = 5_000_000_000;
/// What `--builtin` stands for where it has no value, and `--client` without it.
pub(crate) const DEFAULT_TARGET: &str = "/load/stream";

/// Runs it; `command` does so again, and goes into the result.
pub(crate) fn run(args: &LoadArgs, command: &str) -> Result<ExitCode, CliError> {
    let workload = workload(args)?;
    check(args)?;
    let run = match Run::prepare(workload.clone(), Machine::this()) {
        Ok(run) => run,
        Err(error) => return refuse(args, &workload, command, &error),
    };
    output::say(&run.budget().to_string());
    let program = std::env::current_exe()
        .map_err(|error| CliError::Bug(format!("failed to find this program: {error}")))?;
    let launcher = Launcher::Processes {
        program: program.clone(),
        worker: vec!["load-worker".to_owned()],
        server: vec!["load-server".to_owned()],
    };
    // Dropped with the run, and the wait for signals with it.
    let signals = listen_to_signals(run.interrupter())?;
    let mut watch = Watch::start(args, &workload, run.interrupter())?;
    let finished = run.run(&launcher, &mut |progress| watch.see(progress));
    // The terminal is as it was before anything more is said.
    drop(watch);
    drop(signals);
    let mut finished =
        load_client::with_protocol_cost(&args.client, &workload, finished, &program, &launcher)?;
    command.clone_into(&mut finished.result.command);
    write(args, &finished)?;
    output::say(&format!("\n{}", summary(&finished.result).trim_end()));
    Ok(finished.result.exit_code())
}

/// A worker or a server, as a process of its own: they speak over stdin and stdout.
pub(crate) fn help(done: std::io::Result<()>) -> Result<ExitCode, CliError> {
    done.map(|()| ExitCode::Ok)
        .map_err(|error| CliError::Bug(format!("a helper of `load` broke off: {error}")))
}

fn workload(args: &LoadArgs) -> Result<Workload, CliError> {
    let usage =
        |error: AddressError| CliError::Usage { help: error.help(), message: error.to_string() };
    let target = || builtin(args.builtin.as_deref().unwrap_or(DEFAULT_TARGET));
    let stalls = args.stalls.clone();
    let subject = match (&args.url, &args.client.client) {
        (Some(url), _) => Subject::Url(Address::parse(url).map_err(usage)?),
        (None, None) if args.builtin.is_none() => return Err(nothing_to_load()),
        (None, None) => Subject::Builtin { target: target()?, stalls },
        (None, Some(command)) => {
            Subject::Client { command: command.clone(), target: target()?, stalls }
        }
    };
    let mut request = Request::default();
    for line in &args.headers {
        request.header(line).map_err(usage)?;
    }
    let body = args.body.as_deref().map(server::body).transpose()?;
    if let Some(method) = args.method.as_deref().or(body.as_ref().map(|_| "POST")) {
        request.method(method).map_err(usage)?;
    }
    if let Some(body) = body {
        request.body(body).map_err(usage)?;
    }
    let credentials = credentials(args, request.needs_credential(subject.target()))?;
    let (arrivals, lifetime) = (args.arriving.arrivals(args.ramp)?, args.arriving.lifetime);
    let staged = Duration::from_nanos(arrivals.staged_ns());
    let ramp = match arrivals {
        Arrivals::Held => args.ramp.unwrap_or(Duration::from_secs(10)),
        _ => staged,
    };
    let minute =
        if args.arriving.stages.is_empty() { Duration::from_mins(1) } else { Duration::ZERO };
    let hold = args.duration.unwrap_or(minute);
    let run_ns = u64::try_from((ramp + hold).as_nanos()).unwrap_or(u64::MAX);
    Ok(Workload {
        subject,
        request,
        streams: args.streams.unwrap_or_else(|| arrivals.room(lifetime, run_ns, SLACK_NS)),
        arrivals,
        lifetime,
        ramp,
        hold,
        timeout: args.timeout,
        ids: (args.ids == IdsArg::Opaque).then_some(Ids::Opaque),
        workers: args.client.processes.or(args.workers),
        sources: args.sources.clone(),
        thresholds: args.thresholds(),
        loop_lag_limit: args.loop_lag_limit,
        keep_log: args.report.iter().any(|report| report.kind == LoadReportKind::Hlog),
        reconnect: args.reconnect.map(|retry| Reconnect {
            retry_ms: u64::try_from(retry.as_millis()).unwrap_or(u64::MAX),
        }),
        storms: args.storms.clone(),
        lock_step: None,
        http2: args.connecting.http2(&args.headers)?,
        trust: args.connecting.trust()?,
        resume: args.connecting.tls_resume,
        slow: args.slow,
        receive_buffer: args.receive_buffer,
        publish: args.publishing.publish(args.url.is_none())?,
        reading: args.reading(),
        credentials,
    })
}

fn nothing_to_load() -> CliError {
    CliError::Usage {
        message: "there is no server to load".to_owned(),
        help: "give the URL of a stream, or `--builtin`; a workload may hold `url` or `builtin`"
            .to_owned(),
    }
}

/// The lines of `--credentials`, which a template must take.
fn credentials(args: &LoadArgs, needed: bool) -> Result<Vec<String>, CliError> {
    let usage = |message: String, help: &str| CliError::Usage { message, help: help.to_owned() };
    let Some(path) = &args.credentials else {
        let message = "`{credential}` has nothing to stand for".to_owned();
        let help = "give a file with one a line: `--credentials FILE`";
        return if needed { Err(usage(message, help)) } else { Ok(Vec::new()) };
    };
    let path = path.display().to_string();
    let read = fs::read_to_string(&path);
    let text = read.map_err(|source| CliError::Read { path: path.clone(), source })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    if lines.is_empty() {
        return Err(usage(format!("`{path}` holds no credentials"), "write one a line"));
    }
    if !needed {
        let message = "`--credentials` are given, and nothing takes them".to_owned();
        return Err(usage(message, "write `-H 'Authorization: Bearer {credential}'`"));
    }
    Ok(lines)
}

/// A target of the built-in server.
fn builtin(target: &str) -> Result<String, CliError> {
    ssespec_load::origin::check_target(target).map(|()| target.to_owned()).map_err(|message| {
        CliError::Usage {
            message: format!("failed to use `--builtin={target}`: {message}"),
            help: "docs/load.md lists the paths and their parameters".to_owned(),
        }
    })
}

/// Asks a run to end when the user, or the system, does.
pub(crate) fn listen_to_signals(
    interrupter: Interrupter,
) -> Result<tokio::runtime::Runtime, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| CliError::Bug(format!("failed to start the runtime: {error}")))?;
    let mut next = {
        let _inside = runtime.enter();
        signal::listen()
    };
    runtime.spawn(async move {
        loop {
            next.await;
            next = signal::listen();
            interrupter.interrupt();
        }
    });
    Ok(runtime)
}

/// Finds out before the run whether all that it is to write can be written at its end.
fn check(args: &LoadArgs) -> Result<(), CliError> {
    for target in &args.report {
        if target.kind == LoadReportKind::Hgrm {
            create(&target.path)?;
        } else {
            report::check_path(&target.path)?;
        }
    }
    Ok(())
}

fn create(directory: &Path) -> Result<(), CliError> {
    fs::create_dir_all(directory)
        .map_err(|source| CliError::Write { path: directory.to_owned(), source })
}

/// The run cannot start; its reports say so.
fn refuse(
    args: &LoadArgs,
    workload: &Workload,
    command: &str,
    error: &PrepareError,
) -> Result<ExitCode, CliError> {
    let mut result = LoadResult::not_started(workload, error.in_run());
    command.clone_into(&mut result.command);
    output::say(&format!("error: {error}\nhelp: {}", error.help()));
    let finished = Finished { result, log: exports::IntervalLog::default() };
    write(args, &finished)?;
    Ok(finished.result.exit_code())
}

/// Writes all reports, as many as can be written; the first error is returned.
fn write(args: &LoadArgs, finished: &Finished) -> Result<(), CliError> {
    let mut outcome = Ok(());
    if args.format == FormatArg::Json {
        outcome = outcome.and(json(&finished.result).and_then(|text| output::print(&text)));
    }
    for target in &args.report {
        let path = &target.path;
        let write =
            |text: Result<String, CliError>| text.and_then(|text| report::write_file(path, &text));
        let result = &finished.result;
        outcome = outcome.and(match target.kind {
            LoadReportKind::Json => write(json(result)),
            LoadReportKind::Csv => write(Ok(exports::to_csv(result))),
            LoadReportKind::Html => write(json(result).and_then(|text| report::load_page(&text))),
            LoadReportKind::Markdown => write(Ok(to_markdown(result))),
            LoadReportKind::Hlog => write(finished.log.to_hlog().map_err(CliError::Bug)),
            LoadReportKind::Hgrm => write_tables(path, result),
        });
    }
    outcome
}

fn json(result: &LoadResult) -> Result<String, CliError> {
    let failed = |error| CliError::Bug(format!("failed to write the result: {error}"));
    result.to_json().map_err(failed)
}

/// One table a metric.
fn write_tables(directory: &Path, result: &LoadResult) -> Result<(), CliError> {
    create(directory)?;
    for metric in Metric::ALL {
        if let Some(times) = result.times(metric) {
            let path = directory.join(format!("{}.hgrm", metric.name()));
            report::write_file(&path, &exports::to_hgrm(&times.histogram))?;
        }
    }
    Ok(())
}

//! `ssespec test`: runs the suite and reports.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::ValueEnum as _;
use indicatif::{ProgressBar, ProgressStyle};
use ssespec_harness::{
    BrowserSubject, Known, Options, Progress, ProxySubject, Selection, ServerSubject, Subject,
    Worker, not_started, test_client, test_proxy, test_server, write_known,
};
use ssespec_report::console;
use ssespec_report::outcome::{ExitCode, FailOn, run_outcome};
use ssespec_report::{RunError, RunResult, Status, Verdict};
use ssespec_scenario::{Catalogue, Feature, Profile, Role, suggest};

use crate::cli::{
    ClientArgs, CommonArgs, ProfileArg, ReportKind, ReportTarget, TestArgs, TestTarget, WorkerArg,
};
use crate::error::CliError;
use crate::shell::quoted;
use crate::{output, proxy, report, scenarios, server, signal};

/// Most failures that are shown in full.
const SHOWN_FAILURES: usize = 12;
/// How many attempts run side by side, unless the user says otherwise.
const JOBS: usize = 32;
/// The same where each attempt starts a process.
const EACH_JOBS: usize = 4;
/// The same for services: most have never had two streams open at once.
const SERVICE_JOBS: usize = 4;
/// How many streams of a server are opened side by side, beside those that a case compares.
const SERVER_JOBS: usize = 16;
/// How many cases pass through a proxy side by side: most of them wait, for what does not come.
const PROXY_JOBS: usize = 12;

pub(crate) fn run(args: TestArgs) -> Result<ExitCode, CliError> {
    match args.target {
        Some(TestTarget::Client(client)) => {
            suite(subject(&client).map(Tested::Client), Role::Client, &client.common)
        }
        Some(TestTarget::Server(server)) => {
            suite(server::subject(&server).map(Tested::Server), Role::Server, &server.common)
        }
        Some(TestTarget::Proxy(args)) => {
            suite(proxy::subject(&args).map(Tested::Proxy), Role::Proxy, &args.common)
        }
        None => {
            let mut common = args.common;
            if common.report.is_empty() {
                let target = |kind, name: &str| ReportTarget {
                    kind,
                    path: PathBuf::from("reports/self").join(name),
                };
                common.report = vec![
                    target(ReportKind::Json, "result.json"),
                    target(ReportKind::Junit, "junit.xml"),
                    target(ReportKind::Html, "report.html"),
                ];
            }
            suite(Ok(Tested::Client(Subject::Builtin)), Role::Client, &common)
        }
    }
}

fn subject(args: &ClientArgs) -> Result<Subject, CliError> {
    // clap waives `requires` where what is required conflicts with what is given.
    if args.subject.each.is_none() && !args.features.is_empty() {
        return Err(CliError::Usage {
            message: "`--feature` goes with `--each` only".to_owned(),
            help: "an adapter names its features in its `hello`".to_owned(),
        });
    }
    if args.subject.service.is_none() && args.stop_service_at_end {
        return Err(CliError::Usage {
            message: "`--stop-service-at-end` goes with `--service` only".to_owned(),
            help: "an adapter is always ended with the run".to_owned(),
        });
    }
    if let Some(url) = &args.subject.service {
        let address = url.parse().map_err(|message| CliError::Usage {
            message,
            help: "give the address of the service as `--service http://HOST:PORT`".to_owned(),
        })?;
        return Ok(Subject::Service { address, stop: args.stop_service_at_end });
    }
    if let Some(command) = &args.subject.exec {
        return Ok(Subject::Exec(command.clone()));
    }
    if let Some(browser) = &args.subject.browser {
        return browser_subject(browser, args).map(Subject::Browser);
    }
    if args.worker.is_some() || args.module.is_some() {
        return Err(CliError::Usage {
            message: "`--worker` and `--module` go with `--browser` only".to_owned(),
            help: "say which browser is to run it: `--browser chromium`".to_owned(),
        });
    }
    let Some(command) = &args.subject.each else {
        return Ok(Subject::Builtin);
    };
    if !command.contains("{url}") {
        return Err(CliError::Usage {
            message: format!("the command `{command}` has no `{{url}}`"),
            help: "put `{url}` where the command takes the stream's URL".to_owned(),
        });
    }
    let known = Feature::ALL.map(Feature::name);
    let mut features = args
        .features
        .iter()
        .map(|name| {
            Feature::from_name(name).ok_or_else(|| CliError::Usage {
                message: format!("`{name}` is no feature"),
                help: match suggest(name, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", known.join(", ")),
                },
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if features.is_empty() {
        features.push(Feature::EventTypes);
    }
    Ok(Subject::Each { command: command.clone(), features })
}

fn browser_subject(browser: &str, args: &ClientArgs) -> Result<BrowserSubject, CliError> {
    let module = args.module.clone();
    if let Some(module) = module.as_ref().filter(|module| !module.is_file()) {
        return Err(CliError::Usage {
            message: format!("there is no module `{}`", module.display()),
            help:
                "give a JavaScript module that exports `open` and `about`; docs/browsers.md tells \
                   what they are"
                    .to_owned(),
        });
    }
    let worker = args.worker.map(|worker| match worker {
        WorkerArg::Dedicated => Worker::Dedicated,
        WorkerArg::Shared => Worker::Shared,
    });
    Ok(BrowserSubject { browser: browser.to_owned(), worker, module })
}

/// Who is tested.
#[derive(Debug)]
enum Tested {
    Client(Subject),
    Server(ServerSubject),
    Proxy(ProxySubject),
}

fn suite(
    subject: Result<Tested, CliError>,
    role: Role,
    args: &CommonArgs,
) -> Result<ExitCode, CliError> {
    let fail_on = FailOn::from(args.fail_on);
    let prepared = subject.and_then(|subject| Ok((options(&subject, args)?, subject)));
    let prepared = prepared.and_then(|prepared| report::check(args).map(|()| prepared));
    let (options, subject) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            // Who reads the reports must find the error there, not yesterday's result.
            let result = not_started(&suite_name(role, args), role, error.in_run());
            let _ = report::write(&result, args, fail_on);
            report::tell_github(&result, args, fail_on);
            return Err(error);
        }
    };
    // The work of a case is little, and waking another thread for each step of it cost more.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Bug(format!("failed to start the runtime: {error}")))?;
    let watcher = Watcher::new();
    let progress = |progress| watcher.see(progress);
    let mut result = runtime.block_on(async {
        let interrupt = signal::listen();
        match &subject {
            Tested::Client(subject) => test_client(subject, &options, &progress, interrupt).await,
            Tested::Server(subject) => test_server(subject, &options, &progress, interrupt).await,
            Tested::Proxy(subject) => test_proxy(subject, &options, &progress, interrupt).await,
        }
    });
    watcher.finish();
    // Adapters of an interrupted run are killed with the runtime's tasks.
    runtime.shutdown_timeout(std::time::Duration::from_secs(3));
    complete(&mut result, args);

    show(&result, fail_on);
    let written = report::write(&result, args, fail_on);
    report::tell_github(&result, args, fail_on);
    let known = write_known_failures(&result, &options, args, fail_on);
    written.and(known)?;
    for target in &args.report {
        output::say(&format!("report: {}", target.path.display()));
    }
    Ok(run_outcome(&result, fail_on).exit_code)
}

/// Adds what only the command line knows: why there is no case, and the options without which a
/// case cannot be run again.
fn complete(result: &mut RunResult, args: &CommonArgs) {
    if result.cases.is_empty() && result.errors.is_empty() && !result.interrupted {
        result.errors.push(RunError {
            kind: "selection".to_owned(),
            message: "`--run` and `--skip` leave no case to run".to_owned(),
            help: "`ssespec list GLOB` shows what a pattern selects".to_owned(),
        });
    }
    let mut options = String::new();
    if let Some(path) = &args.scenarios {
        options.push_str(&format!(" --scenarios {}", quoted(&path.display().to_string())));
    }
    if let Some(profile) = args.profile.and_then(|profile| profile.to_possible_value()) {
        options.push_str(&format!(" --profile {}", profile.get_name()));
    }
    if (args.time_scale - 1.0).abs() > f64::EPSILON {
        options.push_str(&format!(" --time-scale {}", args.time_scale));
    }
    for case in &mut result.cases {
        case.reproduce.push_str(&options);
    }
}

fn write_known_failures(
    result: &RunResult,
    options: &Options,
    args: &CommonArgs,
    fail_on: FailOn,
) -> Result<(), CliError> {
    let Some(path) = &args.write_known else {
        return Ok(());
    };
    let text = write_known(&result.cases, options.known.as_ref(), fail_on)
        .map_err(|error| CliError::Bug(error.to_string()))?;
    report::write_file(path, &text)
}

fn suite_name(role: Role, args: &CommonArgs) -> String {
    match &args.scenarios {
        Some(path) => path.display().to_string(),
        None => role.name().to_owned(),
    }
}

fn options(subject: &Tested, args: &CommonArgs) -> Result<Options, CliError> {
    let role = match subject {
        Tested::Client(_) => Role::Client,
        Tested::Server(_) => Role::Server,
        Tested::Proxy(_) => Role::Proxy,
    };
    let catalogue = scenarios::load(args.scenarios.as_deref())?.only(role);
    let known = args.known.as_deref().map(known).transpose()?;
    Ok(Options {
        selection: selection(&args.run, &args.skip, &catalogue)?,
        profile: args.profile.map(|profile| match profile {
            ProfileArg::Eventsource => Profile::Eventsource,
            ProfileArg::Resilient => Profile::Resilient,
            ProfileArg::Decoder => Profile::Decoder,
        }),
        known,
        jobs: args.jobs.map_or(jobs(subject), usize::from),
        time_scale: args.time_scale,
        repeat: args.repeat,
        suite: suite_name(role, args),
        ..Options::new(catalogue)
    })
}

fn jobs(subject: &Tested) -> usize {
    match subject {
        Tested::Server(_) => SERVER_JOBS,
        Tested::Proxy(_) => PROXY_JOBS,
        Tested::Client(Subject::Each { .. }) => EACH_JOBS,
        Tested::Client(Subject::Service { .. }) => SERVICE_JOBS,
        Tested::Client(Subject::Builtin | Subject::Exec(_) | Subject::Browser(_)) => JOBS,
    }
}

pub(crate) fn selection(
    run: &[String],
    skip: &[String],
    catalogue: &Catalogue,
) -> Result<Selection, CliError> {
    let (run, skip) = (scenarios::patterns(run)?, scenarios::patterns(skip)?);
    Selection::new(&run, &skip, catalogue).map_err(|error| CliError::Usage {
        message: error.to_string(),
        help: "`ssespec list` shows all cases".to_owned(),
    })
}

fn known(path: &Path) -> Result<Known, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CliError::Read { path: path.display().to_string(), source })?;
    Known::parse(&text).map_err(|error| CliError::Usage {
        message: format!("the known-failures file `{}` is wrong: {error}", path.display()),
        help: "write a table per case id: [\"line/…@h1\"] with `reason`, `issue`, `expires`"
            .to_owned(),
    })
}

/// Shows the failures in full, then the summary.
fn show(result: &RunResult, fail_on: FailOn) {
    let style = output::style();
    let failures: Vec<_> = result
        .cases
        .iter()
        .filter(|case| case.status != Some(Status::KnownFailure))
        .filter(|case| match case.verdict {
            Verdict::Fail | Verdict::Error | Verdict::Inconclusive => true,
            Verdict::Warn => fail_on == FailOn::Should,
            _ => false,
        })
        .collect();
    for case in failures.iter().take(SHOWN_FAILURES) {
        output::say(&format!("\n{}", console::failure_block(case, style)));
    }
    if failures.len() > SHOWN_FAILURES {
        let more = failures.len() - SHOWN_FAILURES;
        output::say(&format!("\n{more} more like these; `--report json=PATH` holds them all."));
    }
    output::say(&format!("\n{}", console::summary(result, fail_on, style)));
}

/// Shows progress: a bar on a terminal, a line for what did not pass elsewhere.
struct Watcher {
    bar: ProgressBar,
    is_terminal: bool,
    failed: Mutex<usize>,
}

impl Watcher {
    fn new() -> Self {
        let is_terminal = output::is_terminal();
        let bar = if is_terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} cases {msg}") {
            bar.set_style(style);
        }
        Self { bar, is_terminal, failed: Mutex::new(0) }
    }

    fn see(&self, progress: Progress) {
        match progress {
            Progress::Planned(count) => {
                self.bar.set_length(count as u64);
                if !self.is_terminal {
                    let noun = if count == 1 { "case" } else { "cases" };
                    output::say(&format!("running {count} {noun}"));
                }
            }
            Progress::Finished(case) => {
                let notable = matches!(
                    case.verdict,
                    Verdict::Fail | Verdict::Warn | Verdict::Error | Verdict::Inconclusive
                );
                if notable && self.is_terminal {
                    if let Ok(mut failed) = self.failed.lock() {
                        *failed += 1;
                        self.bar.set_message(format!("({failed} to look at)"));
                    }
                } else if notable {
                    output::say(&console::case_line(&case, output::style()));
                }
                self.bar.inc(1);
            }
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

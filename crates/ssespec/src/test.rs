//! `ssespec test`: runs the suite and reports.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use ssespec_harness::{Known, Options, Progress, Selection, Subject, test_client, write_known};
use ssespec_report::console;
use ssespec_report::outcome::{ExitCode, FailOn, run_outcome};
use ssespec_report::{RunResult, Status, Verdict, json};
use ssespec_scenario::{Catalogue, Feature, Profile, suggest};

use crate::cli::{
    ClientArgs, CommonArgs, FailOnArg, FormatArg, ProfileArg, ReportKind, ReportTarget, TestArgs,
    TestTarget,
};
use crate::error::CliError;
use crate::{output, report, scenarios, signal};

/// Most failures that are shown in full.
const SHOWN_FAILURES: usize = 12;
/// How many attempts run side by side, unless the user says otherwise.
const JOBS: usize = 32;
/// The same where each attempt starts a process.
const EACH_JOBS: usize = 4;

pub(crate) fn run(args: TestArgs) -> Result<ExitCode, CliError> {
    match args.target {
        Some(TestTarget::Client(client)) => {
            let subject = subject(&client)?;
            suite(&subject, &client.common)
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
                ];
            }
            suite(&Subject::Builtin, &common)
        }
    }
}

fn subject(args: &ClientArgs) -> Result<Subject, CliError> {
    if let Some(command) = &args.subject.exec {
        return Ok(Subject::Exec(command.clone()));
    }
    let Some(command) = &args.subject.each else {
        return Ok(Subject::Builtin);
    };
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

fn suite(subject: &Subject, args: &CommonArgs) -> Result<ExitCode, CliError> {
    let options = options(subject, args)?;
    report::check(&args.report)?;
    let fail_on = match args.fail_on {
        FailOnArg::Must => FailOn::Must,
        FailOnArg::Should => FailOn::Should,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Bug(format!("failed to start the runtime: {error}")))?;
    let watcher = Watcher::new();
    let progress = |progress| watcher.see(progress);
    let result = runtime.block_on(test_client(subject, &options, &progress, signal::interrupted()));
    watcher.finish();
    // Adapters of an interrupted run are killed with the runtime's tasks.
    runtime.shutdown_timeout(std::time::Duration::from_secs(3));

    show(&result, fail_on);
    if args.format == FormatArg::Json {
        output::print(&json::to_json(&result))?;
    }
    report::write(&result, &args.report, fail_on)?;
    if let Some(directory) = &args.traces {
        report::write_traces(&result, directory)?;
    }
    if let Some(path) = &args.write_known {
        let text = write_known(&result.cases).map_err(|error| CliError::Bug(error.to_string()))?;
        report::write_file(path, &text)?;
    }
    for target in &args.report {
        eprintln!("report: {}", target.path.display());
    }
    Ok(run_outcome(&result, fail_on).exit_code)
}

fn options(subject: &Subject, args: &CommonArgs) -> Result<Options, CliError> {
    let catalogue = scenarios::load(args.scenarios.as_deref())?;
    let known = args.known.as_deref().map(known).transpose()?;
    let each = matches!(subject, Subject::Each { .. });
    Ok(Options {
        selection: selection(&args.run, &args.skip, &catalogue)?,
        profile: args.profile.map(|profile| match profile {
            ProfileArg::Eventsource => Profile::Eventsource,
            ProfileArg::Resilient => Profile::Resilient,
            ProfileArg::Decoder => Profile::Decoder,
        }),
        known,
        jobs: args.jobs.map_or(if each { EACH_JOBS } else { JOBS }, usize::from),
        time_scale: args.time_scale,
        repeat: args.repeat,
        suite: match &args.scenarios {
            Some(path) => path.display().to_string(),
            None => "client".to_owned(),
        },
        ..Options::new(catalogue)
    })
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
        eprintln!("\n{}", console::failure_block(case, style));
    }
    if failures.len() > SHOWN_FAILURES {
        let more = failures.len() - SHOWN_FAILURES;
        eprintln!("\n{more} more like these; `--report json=PATH` holds them all.");
    }
    eprintln!("\n{}", console::summary(result, fail_on, style));
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
                    eprintln!("running {count} cases");
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
                    eprintln!("{}", console::case_line(&case, output::style()));
                }
                self.bar.inc(1);
            }
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

//! A whole run: plan, run side by side, run failures again alone, sum up.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use futures::stream::{self, StreamExt as _};
use ssespec_mock::Mock;
use ssespec_report::{CaseResult, RunError, RunResult, SCHEMA_VERSION, Summary, Tool};
use ssespec_scenario::{Catalogue, Profile, Role};
use tokio::sync::mpsc;

use crate::instance::Identity;
use crate::known::Known;
use crate::lane::{Judged, Lane};
use crate::plan::{Planned, default_profile, plan};
use crate::select::Selection;
use crate::service::{self, OpenStreams};
use crate::subject::{Starter, Subject};
use crate::verdict::{block, conclude, failed_by_waiting, is_settled, is_void, not_applicable};

/// Most attempts that are open at once, those that merely wait included.
const MAX_OPEN: usize = 1024;
/// How many of those that failed by waiting run again side by side.
const WAITING_JOBS: usize = 8;
/// How many failing variations of a case are run again.
const RERUNS: usize = 2;
/// With how many times the ordinary patience, for as long as the attempts say nothing.
const PATIENCE: [f64; 4] = [1.0, 2.0, 4.0, 8.0];

/// How a run is to be done.
#[derive(Debug, Clone)]
pub struct Options {
    /// The scenarios and rules.
    pub catalogue: Catalogue,
    /// What of them to run.
    pub selection: Selection,
    /// The profile; picked by the subject's features when left out.
    pub profile: Option<Profile>,
    /// The known failures.
    pub known: Option<Known>,
    /// How many attempts run side by side.
    pub jobs: usize,
    /// What all waiting times are multiplied by.
    pub time_scale: f64,
    /// How often each case is run.
    pub repeat: u32,
    /// Whether failures that a more basic failure explains are `blocked`.
    pub block: bool,
    /// What the result calls the suite.
    pub suite: String,
}

impl Options {
    /// All cases of a catalogue, as the subject's features allow.
    pub fn new(catalogue: Catalogue) -> Self {
        Self {
            catalogue,
            selection: Selection::default(),
            profile: None,
            known: None,
            jobs: 32,
            time_scale: 1.0,
            repeat: 1,
            block: true,
            suite: "client".to_owned(),
        }
    }
}

/// What a run tells while it goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// So many cases will be run.
    Planned(usize),
    /// A case has its verdict.
    Finished(Box<CaseResult>),
}

/// Tests a client. Ends early, with a partial result, when `interrupt` resolves.
///
/// Never fails: what kept the run from judging is in the result's `errors`.
pub async fn test_client(
    subject: &Subject,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    interrupt: impl Future<Output = ()>,
) -> RunResult {
    let began = Instant::now();
    let mut result = blank_result(&options.suite, Role::Client);
    options.profile.map_or("", Profile::name).clone_into(&mut result.profile);
    let streams = OpenStreams::default();
    let finished = std::sync::Mutex::new(BTreeMap::new());
    let mut header = None;
    let run = run(subject, options, progress, &finished, &mut header, &streams);
    let outcome = tokio::select! {
        outcome = run => Some(outcome),
        () = interrupt => None,
    };
    result.interrupted = outcome.is_none();
    service::leave(subject, streams).await;
    if let Some(Err(error)) = outcome {
        result.errors.push(error);
    }
    if let Some((identity, profile)) = header {
        describe(&mut result, &identity, profile);
    }
    let finished = finished.into_inner().unwrap_or_default();
    result.cases = finished.into_values().collect();
    sum_up(&mut result, options, began);
    result
}

/// What is said of the cases once all of them are there: which are blocked and which are known, the
/// counts, and how long it took.
pub(crate) fn sum_up(result: &mut RunResult, options: &Options, began: Instant) {
    if options.block {
        block(&mut result.cases, &options.catalogue);
    }
    apply_known(options, result);
    result.summary = Summary::of(&result.cases);
    result.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
}

/// Marks the known failures of a whole run, and says which entries are stale.
fn apply_known(options: &Options, result: &mut RunResult) {
    if let (Some(known), false) = (&options.known, result.interrupted) {
        let current = |id: &str| {
            let (bare, route) = id.split_once('@').map_or((id, None), |(id, at)| (id, Some(at)));
            let case = options.catalogue.case(bare)?;
            let Some(route) = route else {
                return Some(case.id.clone());
            };
            let exists = case.routes().into_iter().any(|it| it.name() == route);
            exists.then(|| format!("{}@{route}", case.id))
        };
        let today = jiff::Zoned::now().date();
        result.errors.extend(known.apply(&mut result.cases, today, current));
    }
}

/// The result of a run that could not begin.
pub fn not_started(suite: &str, role: Role, error: RunError) -> RunResult {
    RunResult { errors: vec![error], ..blank_result(suite, role) }
}

pub(crate) fn blank_result(suite: &str, role: Role) -> RunResult {
    RunResult {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "ssespec".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        subject: ssespec_report::Subject { role: role.name().to_owned(), ..Default::default() },
        suite: suite.to_owned(),
        profile: String::new(),
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        duration_ms: 0,
        interrupted: false,
        summary: Summary::default(),
        errors: Vec::new(),
        cases: Vec::new(),
    }
}

fn describe(result: &mut RunResult, identity: &Identity, profile: Profile) {
    let hello = &identity.hello;
    let subject = &mut result.subject;
    subject.name.clone_from(&hello.name);
    subject.version.clone_from(&hello.version);
    subject.language.clone_from(&hello.language);
    subject.runtime.clone_from(&hello.runtime);
    subject.features.clone_from(&hello.features);
    profile.name().clone_into(&mut result.profile);
}

/// The verdicts so far, by their place in the plan.
type Finished = std::sync::Mutex<BTreeMap<usize, CaseResult>>;

async fn run(
    subject: &Subject,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    finished: &Finished,
    header: &mut Option<(Identity, Profile)>,
    streams: &OpenStreams,
) -> Result<(), RunError> {
    let set_up = |message: String, help: &str| RunError {
        kind: "subject".to_owned(),
        message,
        help: help.to_owned(),
    };
    let mock = Mock::start(subject.mock_config())
        .await
        .map_err(|error| set_up(error.to_string(), "free a port on the loopback interface"))?;
    let ca_file = CaFile::write(mock.ca().pem()).map_err(|error| {
        set_up(format!("failed to write the CA certificate: {error}"), "check TMPDIR")
    })?;
    let starter = Starter {
        subject,
        ca: mock.ca(),
        ca_file: ca_file.file.path(),
        environment: environment(&mock, &ca_file),
        origins: mock.origins(),
        time_scale: options.time_scale,
        streams,
        attached: AtomicBool::new(false),
    };
    let first = starter.start().await.map_err(|death| set_up(death.message, &death.help))?;
    let identity = Identity::clone(first.identity());
    let profile = options.profile.unwrap_or_else(|| default_profile(&identity));
    *header = Some((identity.clone(), profile));
    let planned = plan(&options.catalogue, &options.selection, &identity, profile);
    progress(Progress::Planned(planned.len()));
    let finish = |index: usize, case: CaseResult| {
        progress(Progress::Finished(Box::new(case.clone())));
        if let Ok(mut finished) = finished.lock() {
            finished.insert(index, case);
        }
    };
    for (index, case) in planned.iter().enumerate().filter(|(_, case)| !case.applies()) {
        finish(index, not_applicable(case, &starter));
    }
    let lane = Lane::new(&mock, &starter, first, &planned, options);
    // The quiet lane: what did not settle is run again on a fresh subject, one case at a time. What
    // failed by waiting waits beside it, on a subject of its own: it keeps nobody from running.
    let (quick, quick_list) = mpsc::unbounded_channel();
    let (waiting, waiting_list) = mpsc::unbounded_channel();
    let unsettled = move |index, list: Vec<Judged>| {
        let kind = if list.iter().any(failed_by_waiting) { &waiting } else { &quick };
        // Whoever takes them lives as long as the run.
        let _ = kind.send((index, list));
    };
    let side_by_side = async {
        let run = side_by_side(&lane, &planned, options.repeat, &finish, &unsettled);
        lane.learn(&planned, run).await;
        lane.shut_down().await;
        drop(unsettled);
    };
    let again = |unsettled, jobs| again(lane.anew(jobs), &planned, unsettled, &finish);
    tokio::join!(side_by_side, again(quick_list, 1), again(waiting_list, WAITING_JOBS));
    Ok(())
}

/// What takes the result of a case, by its place in the plan.
type Finish<'f> = dyn Fn(usize, CaseResult) + Sync + 'f;

/// A case that did not settle, by its place in the plan, with its attempts.
type Unsettled = (usize, Vec<Judged>);

/// Runs each variation of all cases, many at once. Finishes the cases that settle, and hands the
/// others over.
async fn side_by_side(
    lane: &Lane<'_>,
    planned: &[Planned],
    repeat: u32,
    finish: &Finish<'_>,
    unsettled: &impl Fn(usize, Vec<Judged>),
) {
    let mut order: Vec<(usize, &Planned)> =
        planned.iter().enumerate().filter(|(_, case)| case.applies()).collect();
    order.sort_by_cached_key(|(_, case)| lane.order(case));
    let attempts = order.into_iter().flat_map(|(index, case)| {
        case.variations
            .iter()
            .flat_map(move |variation| (0..repeat).map(move |_| (index, case, *variation)))
    });
    let mut judged: BTreeMap<usize, Vec<Judged>> = BTreeMap::new();
    let mut running = stream::iter(attempts)
        .map(|(index, case, variation)| async move {
            (index, case, lane.run(case, variation, 1.0).await)
        })
        .buffer_unordered(MAX_OPEN);
    while let Some((index, case, attempt)) = running.next().await {
        let list = judged.entry(index).or_default();
        list.push(attempt);
        if list.len() < case.variations.len() * repeat as usize {
            continue;
        }
        let list = judged.remove(&index).unwrap_or_default();
        if list.iter().all(is_settled) {
            finish(index, conclude(case, &list, &[], lane.starter));
        } else {
            unsettled(index, list);
        }
    }
}

/// Runs cases that did not settle again, once they are all there and their subjects gone, and
/// finishes them.
async fn again(
    lane: Lane<'_>,
    planned: &[Planned],
    mut unsettled: mpsc::UnboundedReceiver<Unsettled>,
    finish: &Finish<'_>,
) {
    let Some(first) = unsettled.recv().await else { return };
    lane.start_early().await;
    let mut all = vec![first];
    while let Some(next) = unsettled.recv().await {
        all.push(next);
    }
    let lane = &lane;
    let cases = all
        .into_iter()
        .filter_map(|(index, list)| planned.get(index).map(|case| (index, case, list)));
    let mut running = stream::iter(cases)
        .map(|(index, case, list)| async move { (index, case, run_again(lane, case, list).await) })
        .buffer_unordered(MAX_OPEN);
    while let Some((index, case, (list, reruns))) = running.next().await {
        finish(index, conclude(case, &list, &reruns, lane.starter));
    }
    lane.shut_down().await;
}

/// Runs the first unsettled variation again, and the next one only where that settles it.
async fn run_again(
    lane: &Lane<'_>,
    case: &Planned,
    mut list: Vec<Judged>,
) -> (Vec<Judged>, Vec<Judged>) {
    list.sort_by_key(|judged| (is_settled(judged), judged.variation));
    let mut reruns = Vec::new();
    for unsettled in list.iter().filter(|judged| !is_settled(judged)).take(RERUNS) {
        let mut settled = false;
        for times in PATIENCE {
            let rerun = lane.run(case, unsettled.variation, times).await;
            settled = is_settled(&rerun);
            let is_void = is_void(&rerun);
            reruns.push(rerun);
            if !is_void {
                break;
            }
        }
        if !settled {
            break;
        }
    }
    (list, reruns)
}

/// The run's CA certificate in a file, for subjects; removed at the end.
struct CaFile {
    file: tempfile::NamedTempFile,
}

impl CaFile {
    fn write(pem: &str) -> std::io::Result<Self> {
        let mut file = tempfile::Builder::new().prefix("ssespec-ca-").suffix(".pem").tempfile()?;
        file.write_all(pem.as_bytes())?;
        file.flush()?;
        Ok(Self { file })
    }
}

/// What subjects find in their environment.
fn environment(mock: &Mock, ca_file: &CaFile) -> Vec<(String, String)> {
    let path = ca_file.file.path().display().to_string();
    ["SSESPEC_CA_FILE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]
        .map(|name| (name.to_owned(), path.clone()))
        .into_iter()
        .chain([("SSESPEC_ORIGIN".to_owned(), ssespec_mock::origin(mock.address()))])
        .collect()
}

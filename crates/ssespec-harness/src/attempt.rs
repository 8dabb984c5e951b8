//! One run of one case in one variation: it commands the subject, feeds the mock with what was
//! reported, and keeps everything that happened. It draws no conclusion.

use std::time::{Duration, Instant};

use ssespec_mock::{Entry, Mock, PageAt, Placement, Places, Script, Variation};
use ssespec_scenario::{Case, Feature, Finish, Route};

use crate::driver::Driver;
use crate::instance::{Death, Stream};
use crate::protocol::{ANY_ORIGIN, Command, Open, Report};
use crate::wait::Wait;

/// The reconnection time that subjects are told, for those that can set it.
pub(crate) const RECONNECT_MS: u64 = 50;

/// How long to wait for what.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// Without any progress.
    pub(crate) idle: Wait,
    /// Without any progress, of a subject that may be waiting for further bytes.
    pub(crate) prompt: Duration,
    /// To show that nothing more comes.
    pub(crate) silence: Wait,
    /// Until `close` is answered.
    pub(crate) close: Duration,
}

/// A report and when it came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observation {
    pub(crate) at: Duration,
    pub(crate) report: Report,
    pub(crate) note: Option<&'static str>,
}

/// A command and when it was given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) at: Duration,
    pub(crate) what: String,
}

/// How an attempt came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// What proves the end was seen: the sentinel, or `closed` and the silence after it.
    Proven,
    /// The subject said `closed` although the case was not over.
    ClosedEarly,
    /// Nothing happened any more; the subject still answered `close`.
    TimedOut,
    /// The subject did not answer `close`.
    Unanswered,
    /// The subject is gone, or broke the protocol.
    Died(Death),
}

/// Everything that happened.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) reports: Vec<Observation>,
    /// How many of the reports came before the harness closed the stream itself.
    pub(crate) judged: usize,
    pub(crate) told: Vec<Told>,
    pub(crate) journal: Vec<Entry>,
    /// What was fed to a decoder.
    pub(crate) fed: Vec<(Duration, Vec<u8>)>,
    pub(crate) sentinel: String,
    /// Where its URLs were; none for decoders.
    pub(crate) places: Option<Places>,
    pub(crate) end: End,
    /// The sentinel had to be sent before all that was expected had been reported.
    pub(crate) released: bool,
    /// The machine stood still for most of the time that the subject was waited for.
    pub(crate) starved: bool,
    pub(crate) duration: Duration,
}

impl Attempt {
    /// An attempt in which nothing happened but its end.
    pub(crate) fn without_events(end: End) -> Self {
        Self {
            reports: Vec::new(),
            judged: 0,
            told: Vec::new(),
            journal: Vec::new(),
            fed: Vec::new(),
            sentinel: String::new(),
            places: None,
            end,
            released: false,
            starved: false,
            duration: Duration::ZERO,
        }
    }
}

/// Runs one stream of a case over HTTP.
pub(crate) async fn over_http(
    mock: &Mock,
    stream: Stream,
    case: &Case,
    mut script: Script,
    route: Route,
    patience: &Patience,
    turn: Option<Turn>,
) -> Attempt {
    let reconnects = stream.identity().claims(&[Feature::Reconnect]);
    if case.is_stream() && case.finish == Finish::End && !reconnects {
        script.truncate(1);
    }
    let page_origin = stream.identity().hello.page_origin.as_deref();
    let run = mock.mount_at(script, placement(case, page_origin));
    let url = format!("{}{}", run.url(route), case.open.target.as_deref().unwrap_or_default());
    let mut driver = Driver::new(stream, run.began(), run.sentinel().to_owned(), case, turn);
    driver.places = Some(run.places().clone());
    driver.wants_sentinel =
        case.has_sentinel() && !(case.is_stream() && case.finish == Finish::End && !reconnects);
    let mut open = open(case, driver.stream.number(), url, route);
    // The page of a same-origin stream has the origin of its URL, also over HTTPS.
    open.page_origin = run.places().page.clone().filter(|_| case.open.cross_origin);
    if driver.seen.withheld {
        run.report(driver.seen);
    }
    driver.tell(Command::Open(open));
    let end = driver.drive(run, patience).await;
    driver.finish(end)
}

/// Runs a `stream` case by giving the bytes to a decoder.
pub(crate) async fn over_feed(
    stream: Stream,
    case: &Case,
    variation: Variation,
    patience: &Patience,
    turn: Option<Turn>,
) -> Attempt {
    let sentinel = "ssespec-sentinel".to_owned();
    let mut driver = Driver::new(stream, Instant::now(), sentinel, case, turn);
    let end = driver.feed(case, variation, patience).await;
    driver.finish(end)
}

/// Where a run is to be for a client whose page is there.
fn placement(case: &Case, page_origin: Option<&str>) -> Placement {
    let page = match page_origin {
        None => PageAt::Nowhere,
        Some(ANY_ORIGIN) => PageAt::Anywhere,
        Some(page) => PageAt::Fixed(page.to_owned()),
    };
    Placement { page, cross_origin: case.open.cross_origin }
}

fn open(case: &Case, stream: u64, url: String, route: Route) -> Open {
    let open = &case.open;
    Open {
        stream,
        url,
        method: open.method.clone().unwrap_or_else(|| "GET".to_owned()),
        headers: open.headers.iter().map(|(name, value)| (name.clone(), value.0.clone())).collect(),
        body: open.body.as_ref().map(|body| body.0.clone()),
        last_event_id: open.last_event_id.as_ref().map(|id| id.0.clone()),
        reconnect_ms: Some(open.reconnect_ms.unwrap_or(RECONNECT_MS)),
        listen: case.listen(),
        with_credentials: open.with_credentials,
        page_origin: None,
        read_timeout_ms: open.read_timeout_ms,
        http_version: (route == Route::H2c).then(|| "2".to_owned()),
        tag: format!("{}@{}", case.id, route.name()),
    }
}

/// A place among the attempts that run side by side.
pub(crate) type Turn = tokio::sync::OwnedSemaphorePermit;

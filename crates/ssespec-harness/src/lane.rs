//! Runs attempts side by side on one subject, which is started anew when it dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use ssespec_mock::{Mock, Script, Variation};
use ssespec_scenario::{Feature, Route};
use tokio::sync::{Mutex, OnceCell, Semaphore};

use crate::attempt::{Attempt, End, Patience, RECONNECT_MS, Turn, over_feed, over_http};
use crate::instance::{Death, Identity, Instance};
use crate::judge::{Judgement, Measure, Ruling, judge};
use crate::lag::LagMonitor;
use crate::plan::Planned;
use crate::probe;
use crate::punctuality::{CLOSE_HEARD, margin, pauses, since_close, was_late};
use crate::subject::Starter;

/// Most subjects that may die while cases run side by side.
const MAX_DEATHS: u32 = 12;
/// How many cases that measure time run side by side.
const MEASURING: usize = 8;
/// Patience with a subject that shows no progress.
const IDLE: Duration = Duration::from_secs(5);
/// What each MiB of a case adds to it, for slow builds on busy machines.
const IDLE_PER_MIB: Duration = Duration::from_secs(2);
/// What each further stream of a case adds to it.
const IDLE_PER_STREAM: Duration = Duration::from_millis(20);
/// Patience with a subject that may be waiting for further bytes.
const PROMPT: Duration = Duration::from_secs(2);
/// Patience with a subject that was told to close a stream.
const CLOSE: Duration = Duration::from_secs(5);
/// The shortest silence that shows that nothing more comes.
const SILENCE: Duration = Duration::from_millis(300);

/// The same for clients that cannot say that they have given up.
const QUIET: Duration = Duration::from_secs(1);

/// An attempt with its judgement.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) attempt: Attempt,
    pub(crate) judgement: Judgement,
    pub(crate) variation: Variation,
    /// How late the harness itself was meanwhile.
    pub(crate) lag: Duration,
    /// Whether the mock kept the subject waiting for longer than the case means to.
    pub(crate) late: bool,
    /// Whether we lagged for so long at once that a timer of the subject's own may have run out.
    pub(crate) overtaken: bool,
}

impl Judged {
    /// An attempt during which we were never late.
    pub(crate) fn in_time(attempt: Attempt, judgement: Judgement, variation: Variation) -> Self {
        Self { attempt, judgement, variation, lag: Duration::ZERO, late: false, overtaken: false }
    }
}

/// What attempts are run with.
#[derive(Debug)]
pub(crate) struct Lane<'l> {
    pub(crate) mock: &'l Mock,
    pub(crate) starter: &'l Starter<'l>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) lag: LagMonitor,
    pub(crate) time_scale: f64,
    turns: Arc<Semaphore>,
    jobs: usize,
    shared: Mutex<Option<Arc<Instance>>>,
    deaths: AtomicU32,
    delay: OnceCell<Duration>,
    /// Whether the subject opens streams over TLS with the run's certificate.
    trust: OnceCell<Result<(), Death>>,
}

impl<'l> Lane<'l> {
    /// A lane that begins with this subject.
    pub(crate) fn new(
        mock: &'l Mock,
        starter: &'l Starter<'l>,
        first: Instance,
        time_scale: f64,
        jobs: usize,
    ) -> Self {
        Self {
            mock,
            starter,
            identity: Arc::clone(first.identity()),
            lag: LagMonitor::start(),
            time_scale,
            turns: Arc::new(Semaphore::new(jobs.max(1))),
            jobs: jobs.max(1),
            shared: Mutex::new(Some(Arc::new(first))),
            deaths: AtomicU32::new(0),
            delay: OnceCell::new(),
            trust: OnceCell::new(),
        }
    }

    /// A lane with a fresh subject, which is started when it is needed.
    pub(crate) fn anew(&self, jobs: usize) -> Self {
        Self {
            mock: self.mock,
            starter: self.starter,
            identity: Arc::clone(&self.identity),
            lag: LagMonitor::start(),
            time_scale: self.time_scale,
            turns: Arc::new(Semaphore::new(jobs)),
            jobs,
            shared: Mutex::new(None),
            deaths: AtomicU32::new(0),
            delay: OnceCell::new_with(self.delay.get().copied()),
            trust: OnceCell::new(),
        }
    }

    /// Runs a variation beside others, on the subject that all share, with so many times the
    /// ordinary patience.
    pub(crate) async fn run(&self, planned: &Planned, variation: Variation, times: f64) -> Judged {
        let pace = self.time_scale * times;
        // Turns are given in the order of asking. Bulk, which comes first, has the subject to itself;
        // those that measure, which come last, find the machine quiet.
        let places = match (planned.is_bulk(), planned.measures()) {
            (true, _) => self.jobs,
            (false, true) => self.jobs.div_ceil(MEASURING),
            (false, false) => 1,
        };
        let places = u32::try_from(places).unwrap_or(1);
        let turn = Arc::clone(&self.turns).acquire_many_owned(places).await.ok();
        match self.shared_instance().await {
            Ok(instance) => self.attempt(&instance, planned, variation, pace, turn).await,
            Err(death) => self.dead(planned, variation, death),
        }
    }

    /// Ends the shared subject.
    pub(crate) async fn shut_down(&self) {
        if let Some(instance) = self.shared.lock().await.take() {
            instance.shut_down().await;
        }
    }

    async fn shared_instance(&self) -> Result<Arc<Instance>, Death> {
        let mut shared = self.shared.lock().await;
        if let Some(instance) = shared.as_ref() {
            let Some(death) = instance.death() else {
                return Ok(Arc::clone(instance));
            };
            if self.deaths.fetch_add(1, Ordering::AcqRel) >= MAX_DEATHS {
                return Err(death);
            }
        }
        let instance = Arc::new(self.starter.start().await?);
        *shared = Some(Arc::clone(&instance));
        Ok(instance)
    }

    fn dead(&self, planned: &Planned, variation: Variation, death: Death) -> Judged {
        let attempt = Attempt::without_events(End::Died(death));
        let judgement = judge(self.measure(planned), &attempt);
        Judged::in_time(attempt, judgement, variation)
    }

    fn measure<'m>(&'m self, planned: &'m Planned) -> Measure<'m> {
        Measure {
            case: &planned.case,
            route: planned.route,
            level: planned.level,
            identity: &self.identity,
        }
    }

    async fn attempt(
        &self,
        instance: &Arc<Instance>,
        planned: &Planned,
        variation: Variation,
        pace: f64,
        turn: Option<Turn>,
    ) -> Judged {
        let patience = self.patience(instance, planned, pace).await;
        if matches!(planned.route, Route::H1s | Route::H2) {
            let trust = self.trust.get_or_init(|| probe::trust(self.mock, instance)).await;
            if let Err(death) = trust {
                return self.dead(planned, variation, death.clone());
            }
        }
        let began = Instant::now();
        let case = &planned.case;
        let (first, others) = match planned.route {
            Route::Feed => {
                let first = over_feed(instance.stream(), case, variation, patience, turn).await;
                (first, Vec::new())
            }
            route => {
                let script = Script::of(case, variation);
                let run = |turn| {
                    let stream = instance.stream();
                    over_http(self.mock, stream, case, script.clone(), route, patience, turn)
                };
                join(run(turn), join_all((1..case.streams).map(|_| run(None)))).await
            }
        };
        let judged = |attempt: Attempt| (judge(self.measure(planned), &attempt), attempt);
        let (judgement, attempt) = others.into_iter().map(judged).fold(judged(first), worse);
        let late = was_late(&planned.case, &attempt.journal);
        let lag = self.lag.since(began);
        let overtaken = match since_close(&attempt.journal) {
            // The client was told in time, and had time to hear it, unless we all stood still.
            Some((told, asked)) => {
                let lag = self.lag.between(began + told, began + asked).total;
                !lag.is_zero() && asked.saturating_sub(told) < lag + CLOSE_HEARD
            }
            None => lag.longest >= margin(&planned.case),
        };
        Judged { attempt, judgement, variation, lag: lag.total, late, overtaken }
    }

    /// How long to wait in this case: for its own pauses, and for the subject's reconnections.
    async fn patience(&self, instance: &Arc<Instance>, planned: &Planned, pace: f64) -> Patience {
        let scaled = |length: Duration| length.mul_f64(pace);
        let not_before = planned.case.connection.iter().filter_map(|it| it.request.not_before);
        let waits = pauses(&planned.case).chain(not_before.map(|span| span.0));
        let longest = waits.max().unwrap_or_default();
        let bulk = IDLE_PER_MIB.mul_f64(planned.case.sent_bytes() as f64 / f64::from(1 << 20));
        let crowd = IDLE_PER_STREAM * (planned.case.streams - 1);
        let reconnects = planned.case.connection.len() > 1
            || planned.case.finish == ssespec_scenario::Finish::End;
        let can = self.identity.claims(&[Feature::Reconnect]);
        let silent = can && !planned.case.has_sentinel();
        let delay =
            if can && (reconnects || silent) { self.delay(instance).await } else { Duration::ZERO };
        Patience {
            idle: scaled(IDLE + bulk + crowd) + longest + delay * 2,
            prompt: scaled(PROMPT),
            silence: match (can, self.identity.words.tell_closed()) {
                (true, true) => scaled(SILENCE) + (delay * 3 / 2).max(planned.retry() * 3 / 2),
                // Nothing but silence shows that such a client has given up, and its waits may
                // grow from one attempt to the next.
                (true, false) => scaled(QUIET).max(delay * 6).max(planned.retry() * 6) + longest,
                (false, _) => SILENCE,
            },
            close: scaled(CLOSE),
        }
    }

    /// The subject's own reconnection time, measured once where it cannot be set.
    async fn delay(&self, instance: &Arc<Instance>) -> Duration {
        if self.identity.claims(&[Feature::ReconnectDelay]) {
            return Duration::from_millis(RECONNECT_MS);
        }
        // A service is always told, and need not take it.
        let told = (!self.identity.words.tell_closed()).then_some(RECONNECT_MS);
        *self.delay.get_or_init(|| probe::delay(self.mock, instance, told)).await
    }
}

/// Which of two streams of a case says more against the subject; the first where neither does.
fn worse(first: (Judgement, Attempt), second: (Judgement, Attempt)) -> (Judgement, Attempt) {
    let badness = |(judgement, attempt): &(Judgement, Attempt)| match judgement.ruling {
        // The others may have waited for this one.
        Ruling::Broke(_) if attempt.journal.is_empty() => 3,
        Ruling::Broke(_) => 2,
        Ruling::Open(_) | Ruling::Failed(_) => 1,
        Ruling::Kept | Ruling::Chose(_) | Ruling::Moot(_) => 0,
    };
    if badness(&second) > badness(&first) { second } else { first }
}

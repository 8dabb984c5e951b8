//! Runs attempts side by side on the subjects that they share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use ssespec_mock::{Mock, Script, Variation};
use ssespec_scenario::{Feature, Route};
use tokio::sync::{OnceCell, watch};

use crate::attempt::{Attempt, End, Patience, RECONNECT_MS, Turn, over_feed, over_http};
use crate::instance::{Death, Identity, Instance};
use crate::judge::{Judgement, Measure, Ruling, judge};
use crate::lag::LagMonitor;
use crate::plan::Planned;
use crate::probe;
use crate::punctuality::{CLOSE_HEARD, margin, pauses, since_close, was_late};
use crate::seats::Seats;
use crate::subject::Starter;
use crate::suite::Options;
use crate::wait::Wait;

/// Patience with a subject that shows no progress.
const IDLE: Duration = Duration::from_secs(5);
/// What of it is there for the own reconnection time of a subject that was told another.
const HEEDLESS: Duration = Duration::from_secs(3);
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
    seats: Seats<'l>,
    delay: watch::Sender<Option<Duration>>,
    /// Whether the subject opens streams over TLS with the run's certificate.
    trust: OnceCell<Result<(), Death>>,
}

impl<'l> Lane<'l> {
    /// A lane for these cases that begins with this subject.
    pub(crate) fn new(
        mock: &'l Mock,
        starter: &'l Starter<'l>,
        first: Instance,
        planned: &[Planned],
        options: &Options,
    ) -> Self {
        let cases = planned.iter().filter(|case| case.applies()).count();
        let identity = Arc::clone(first.identity());
        let can_be_told = identity.claims(&[Feature::ReconnectDelay]);
        let delay = match identity.claims(&[Feature::Reconnect]) {
            true if can_be_told => Some(Duration::from_millis(RECONNECT_MS)),
            true => None,
            false => Some(Duration::ZERO),
        };
        Self {
            mock,
            starter,
            identity,
            lag: LagMonitor::start(),
            time_scale: options.time_scale,
            seats: Seats::new(starter, first, options.jobs, cases),
            delay: watch::Sender::new(delay),
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
            seats: Seats::one(self.starter, jobs),
            delay: self.delay.clone(),
            trust: OnceCell::new(),
        }
    }

    /// In which order attempts ask for their turns.
    pub(crate) fn order(&self, planned: &Planned) -> impl Ord + use<> {
        self.seats.order(planned)
    }

    /// Finds out the subject's own reconnection time, where it cannot be set and cases rest on it.
    /// Where attempts share one subject, they begin when this is done.
    pub(crate) async fn learn<T>(&self, planned: &[Planned], run: impl Future<Output = T>) -> T {
        let rests = |case: &Planned| case.applies() && case.waits();
        let unknown = self.delay.borrow().is_none() && planned.iter().any(rests);
        let probe = async {
            if unknown && let Ok(instance) = self.seats.idle().await {
                // A service is always told, and need not take it.
                let told = (!self.identity.words.tell_closed()).then_some(RECONNECT_MS);
                let delay = probe::delay(self.mock, &instance, told).await;
                self.delay.send_replace(Some(delay));
            }
        };
        if self.seats.are_several() {
            return join(probe, run).await.1;
        }
        probe.await;
        run.await
    }

    /// Runs a variation beside others, on a subject that all share, with so many times the
    /// ordinary patience.
    pub(crate) async fn run(&self, planned: &Planned, variation: Variation, times: f64) -> Judged {
        let pace = self.time_scale * times;
        match self.seats.take(planned).await {
            Ok((instance, turn)) => {
                self.attempt(&instance, planned, variation, pace, Some(turn)).await
            }
            Err(death) => self.dead(planned, variation, death),
        }
    }

    /// Starts the subject before it is needed, where one may run beside another. What keeps it from
    /// starting is said when it is needed.
    pub(crate) async fn start_early(&self) {
        if self.starter.subject.is_cheap() {
            let _ = self.seats.idle().await;
        }
    }

    /// Ends the shared subjects.
    pub(crate) async fn shut_down(&self) {
        self.seats.shut_down().await;
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
        let patience = &self.patience(planned, pace);
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
    fn patience(&self, planned: &Planned, pace: f64) -> Patience {
        let scaled = |length: Duration| length.mul_f64(pace);
        let case = &planned.case;
        let not_before = case.connection.iter().filter_map(|it| it.request.not_before);
        let longest = pauses(case).chain(not_before.map(|span| span.0)).max().unwrap_or_default();
        let bulk = IDLE_PER_MIB.mul_f64(case.sent_bytes() as f64 / f64::from(1 << 20));
        let crowd = IDLE_PER_STREAM * (case.streams - 1);
        let delay = self.delay.subscribe();
        let plain = |length| Wait::plain(length, &delay);
        let waits = planned.waits();
        let can = self.identity.claims(&[Feature::Reconnect]);
        // To find it, all that the case sends is decoded.
        let retry = if can { planned.retry() } else { Duration::ZERO };
        Patience {
            idle: Wait {
                half_delays: match (waits, retry.is_zero()) {
                    (true, true) => 4,
                    (true, false) => 3,
                    (false, _) => 0,
                },
                // Whoever does not heed `retry` takes the own time.
                held: if retry.is_zero() { Duration::ZERO } else { scaled(HEEDLESS) },
                ..plain(scaled(IDLE + bulk + crowd) + longest)
            },
            prompt: scaled(PROMPT),
            silence: match (can, self.identity.words.tell_closed()) {
                (true, true) => Wait {
                    half_delays: if waits { 3 } else { 0 },
                    at_least: retry * 3 / 2,
                    ..plain(scaled(SILENCE))
                },
                // Nothing but silence shows that such a client has given up, and its waits may
                // grow from one attempt to the next.
                (true, false) => Wait {
                    half_delays: if waits { 12 } else { 0 },
                    at_least: scaled(QUIET).max(retry * 6),
                    ..plain(longest)
                },
                (false, _) => plain(SILENCE),
            },
            close: scaled(CLOSE),
        }
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

//! Drives a stream through a case: what it is told, what is awaited of it, and for how long.

use std::time::{Duration, Instant};

use base64::Engine as _;
use ssespec_mock::{Entry, Places, Reports, Run, Signal, Variation};
use ssespec_net::{Countdown, Over};
use ssespec_scenario::{Case, Expectation, Feature, Finish, Kind};

use crate::attempt::{Attempt, End, Observation, Patience, Told, Turn};
use crate::instance::{Received, Stream};
use crate::protocol::{Command, Report};
use crate::wait::Wait;

/// A stream on its way through a case, and all that is known of it.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a case, named")]
pub(crate) struct Driver {
    pub(crate) stream: Stream,
    began: Instant,
    sentinel: String,
    pub(crate) places: Option<Places>,
    reports: Vec<Observation>,
    told: Vec<Told>,
    fed: Vec<(Duration, Vec<u8>)>,
    journal: Vec<Entry>,
    pub(crate) seen: Reports,
    judged: Option<usize>,
    released: bool,
    /// The machine stood still while the subject was waited for.
    starved: bool,
    pub(crate) wants_sentinel: bool,
    expects_closed: bool,
    closes: bool,
    /// The case is not over before the client has let connections go.
    awaits_left: bool,
    /// The mock has come to the end of the script.
    played: bool,
    prompt: bool,
    /// The mock has sent all that is to be reported promptly. What a subject takes to connect says
    /// nothing about how prompt it is.
    is_awaited: bool,
    /// The client cannot say `closed`: that the case is over shows by silence.
    ends_quietly: bool,
    /// Which of the connections of the case come is left open.
    is_open: bool,
    claims: Vec<Feature>,
    /// The place among those that run side by side.
    turn: Option<Turn>,
}

impl Driver {
    pub(crate) fn new(
        stream: Stream,
        began: Instant,
        sentinel: String,
        case: &Case,
        turn: Option<Turn>,
    ) -> Self {
        let claims = stream.identity().features.clone();
        let words = stream.identity().words;
        let expects_closed = case.expectations().any(|e| matches!(e, Expectation::Closed {}));
        let closes = case.closes();
        let withheld = words.listens() && case.listen().len() > 1;
        Self {
            ends_quietly: expects_closed && !closes && !words.tell_closed(),
            is_open: !case.outcomes.is_empty(),
            claims,
            turn,
            stream,
            began,
            sentinel,
            places: None,
            reports: Vec::new(),
            told: Vec::new(),
            fed: Vec::new(),
            journal: Vec::new(),
            seen: Reports { withheld, ..Reports::default() },
            judged: None,
            released: false,
            starved: false,
            wants_sentinel: true,
            expects_closed,
            closes,
            awaits_left: case.awaited_left() > 0,
            played: false,
            prompt: case.prompt,
            is_awaited: false,
        }
    }

    pub(crate) fn tell(&mut self, command: Command) {
        let what = match &command {
            Command::Open(open) => format!("open {} {}", open.method, open.url),
            Command::Feed { .. } => "feed".to_owned(),
            Command::End { .. } => "end".to_owned(),
            Command::Restart { .. } => "restart".to_owned(),
            Command::Close { .. } => "close".to_owned(),
            Command::Exit => "exit".to_owned(),
        };
        self.told.push(Told { at: self.began.elapsed(), what });
        self.stream.command(command);
    }

    fn close(&mut self) {
        self.tell(Command::Close { stream: self.stream.number() });
    }

    /// Keeps a report and counts it.
    fn take(&mut self, received: Received) {
        let counts = &mut self.seen.counts;
        match &received.report {
            Report::Opened => counts.opened += 1,
            Report::Event { data, .. } if data.contains(&self.sentinel) => {
                self.seen.sentinel = true;
            }
            Report::Event { .. } => counts.events += 1,
            Report::Comment(_) => counts.comments += 1,
            Report::Retry(_) => counts.retries += 1,
            Report::Error { .. } => counts.errors += 1,
            Report::Closed => self.seen.closed = true,
        }
        self.reports.push(Observation {
            at: received.at.saturating_duration_since(self.began),
            report: received.report,
            note: received.note,
        });
    }

    /// Drives a run over HTTP to its end.
    pub(crate) async fn drive(&mut self, mut run: Run, patience: &Patience) -> End {
        // Progress prolongs the patience, but not for ever.
        let limit = Instant::now() + patience.idle.longest() * 8;
        let mut countdown = self.countdown(patience);
        let mut ready = self.stream.readiness();
        let end = loop {
            if self.wants_sentinel && self.seen.sentinel {
                break End::Proven;
            }
            if self.seen.closed {
                // A stream that ends, on a subject that does not reconnect; a client that was
                // told to close; a failure that the case expects.
                let is_end = !self.wants_sentinel || self.closes || self.expects_closed;
                if !is_end {
                    break End::ClosedEarly;
                }
                if self.played || !self.awaits_left {
                    break self.silence(&mut run, &patience.silence).await;
                }
            }
            tokio::select! {
                next = self.stream.next() => match next {
                    Ok(received) => {
                        // A client that fails again and again makes no progress by saying so.
                        if !matches!(received.report, Report::Error { .. }) {
                            countdown = self.countdown(patience).before(limit);
                        }
                        self.take(received);
                        run.report(self.reports_for_mock());
                    }
                    Err(death) => break End::Died(death),
                },
                _ = ready.wait_for(|ready| *ready), if self.seen.withheld => {
                    self.seen.withheld = false;
                    run.report(self.reports_for_mock());
                }
                Some(signal) = run.signal() => {
                    match signal {
                        Signal::Close => self.close(),
                        Signal::Restart => {
                            self.tell(Command::Restart { stream: self.stream.number() });
                        }
                        Signal::Played if self.ends_quietly => {
                            break self.silence(&mut run, &patience.silence).await;
                        }
                        // The case is decided; a client that asks again and again never ends.
                        Signal::Excess => break End::TimedOut,
                        Signal::Played => self.played = true,
                        Signal::Awaiting => self.is_awaited = true,
                        Signal::Progress => {}
                    }
                    countdown = self.countdown(patience).before(limit);
                },
                over = countdown.over() => {
                    self.starved |= over == Over::Starved;
                    let is_silent_end = self.ends_quietly && self.is_open;
                    let lives_on = !self.wants_sentinel && self.stream.identity().lives_on;
                    if is_silent_end || lives_on {
                        break End::Proven;
                    }
                    if !self.may_wait_for_bytes() {
                        break End::TimedOut;
                    }
                    // A subject that is late, not wrong: show which of the two it is.
                    self.released = true;
                    run.report(self.reports_for_mock());
                    countdown = self.countdown(patience);
                }
            }
        };
        self.judged = Some(self.reports.len());
        let end = match end {
            End::Proven | End::TimedOut if !self.seen.closed => {
                self.close_stream(end, patience.close).await
            }
            end => end,
        };
        self.journal = run.journal();
        end
    }

    /// Whether the subject may be waiting for bytes that the mock withholds.
    fn may_wait_for_bytes(&self) -> bool {
        self.prompt && self.is_awaited && !self.released
    }

    /// How long progress is waited for.
    fn countdown(&self, patience: &Patience) -> Countdown {
        match (self.ends_quietly && self.is_open, self.may_wait_for_bytes()) {
            (true, _) => patience.silence.countdown(&self.stream),
            (false, true) => self.stream.countdown(patience.prompt),
            (false, false) => patience.idle.countdown(&self.stream),
        }
    }

    /// What the mock is to know: all that is awaited once the sentinel was released.
    fn reports_for_mock(&self) -> Reports {
        let mut reports = self.seen;
        // Nothing is awaited of subjects that do not report it.
        if !self.claims.contains(&Feature::Comments) {
            reports.counts.comments = u32::MAX;
        }
        if !self.claims.contains(&Feature::Retry) {
            reports.counts.retries = u32::MAX;
        }
        if self.released {
            let all = u32::MAX;
            let counts = &mut reports.counts;
            (counts.events, counts.opened, counts.errors) = (all, all, all);
            (counts.comments, counts.retries) = (all, all);
        }
        reports
    }

    /// Shows that nothing more comes, after `closed` or once all has been played.
    async fn silence(&mut self, run: &mut Run, length: &Wait) -> End {
        // Waiting takes no place from those that work.
        self.turn = None;
        let mut countdown = length.countdown(&self.stream);
        loop {
            tokio::select! {
                next = self.stream.next() => {
                    let Ok(received) = next else {
                        if !self.seen.closed {
                            return self.died();
                        }
                        // The subject may end once its only stream is closed.
                        countdown.over().await;
                        return End::Proven;
                    };
                    self.take(received);
                }
                Some(_) = run.signal() => {}
                _ = countdown.over() => return End::Proven,
            }
        }
    }

    /// Closes the stream and waits for the answer.
    async fn close_stream(&mut self, end: End, limit: Duration) -> End {
        self.close();
        let mut countdown = self.stream.countdown(limit);
        while !self.seen.closed {
            tokio::select! {
                next = self.stream.next() => match next {
                    Ok(received) => self.take(received),
                    Err(death) => return End::Died(death),
                },
                over = countdown.over() => {
                    self.starved |= over == Over::Starved;
                    return End::Unanswered;
                }
            }
        }
        end
    }

    /// Drives a decoder.
    pub(crate) async fn feed(
        &mut self,
        case: &Case,
        variation: Variation,
        patience: &Patience,
    ) -> End {
        let engine = &base64::engine::general_purpose::STANDARD;
        let number = self.stream.number();
        for bytes in variation.chunks(case) {
            self.stream.command(Command::Feed { stream: number, bytes: engine.encode(&bytes) });
            self.fed.push((self.began.elapsed(), bytes));
        }
        let claims = self.claims.clone();
        let due = |kind, claimed: bool| {
            let expected = case.expect.iter().filter(|expectation| expectation.kind() == kind);
            if claimed { expected.map(Expectation::times).sum() } else { 0 }
        };
        let (events, comments, retries) = (
            due(Kind::Event, true),
            due(Kind::Comment, claims.contains(&Feature::Comments)),
            due(Kind::Retry, claims.contains(&Feature::Retry)),
        );
        let expected = move |seen: &Reports| {
            seen.counts.events >= events
                && seen.counts.comments >= comments
                && seen.counts.retries >= retries
        };
        if case.prompt {
            match self.until(patience.prompt, expected).await {
                Some(true) => {}
                Some(false) => self.released = true,
                None => return self.died(),
            }
        }
        if case.finish == Finish::End {
            self.tell(Command::End { stream: number });
            let ended = self.until(patience.idle.length, |seen| seen.closed).await;
            self.judged = Some(self.reports.len());
            return match ended {
                Some(true) => End::Proven,
                Some(false) => End::TimedOut,
                None => self.died(),
            };
        }
        let sentinel = format!("data: {}\n\n", self.sentinel).into_bytes();
        self.stream.command(Command::Feed { stream: number, bytes: engine.encode(&sentinel) });
        self.fed.push((self.began.elapsed(), sentinel));
        let done = self.until(patience.idle.length, |seen| seen.sentinel || seen.closed).await;
        self.judged = Some(self.reports.len());
        match done {
            Some(true) if self.seen.sentinel => {
                self.tell(Command::End { stream: number });
                match self.until(patience.close, |seen| seen.closed).await {
                    Some(true) => End::Proven,
                    Some(false) => End::Unanswered,
                    None => self.died(),
                }
            }
            Some(true) => End::ClosedEarly,
            Some(false) => self.close_stream(End::TimedOut, patience.close).await,
            None => self.died(),
        }
    }

    /// Takes reports until the condition holds: whether it did; `None` when the subject died.
    async fn until(
        &mut self,
        idle: Duration,
        condition: impl Fn(&Reports) -> bool,
    ) -> Option<bool> {
        let mut countdown = self.stream.countdown(idle);
        while !condition(&self.seen) {
            tokio::select! {
                next = self.stream.next() => {
                    self.take(next.ok()?);
                    countdown = self.stream.countdown(idle);
                }
                over = countdown.over() => {
                    self.starved |= over == Over::Starved;
                    return Some(false);
                }
            }
        }
        Some(true)
    }

    fn died(&self) -> End {
        End::Died(self.stream.death())
    }

    pub(crate) fn finish(self, end: End) -> Attempt {
        Attempt {
            judged: self.judged.unwrap_or(self.reports.len()),
            reports: self.reports,
            told: self.told,
            journal: self.journal,
            fed: self.fed,
            sentinel: self.sentinel,
            places: self.places,
            end,
            released: self.released,
            starved: self.starved,
            duration: self.began.elapsed(),
        }
    }
}

//! The life of a stream: connect, read, lose, wait, connect again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::address::Address;
use super::coding::Coding;
use super::connection::Connection;
use super::fetch::{self, Body, Response};
use super::last_event_id::Ids;
use super::loss::{self, History};
use super::media;
use super::page::Page;
use super::reporter::Reporter;
use super::request::{Open, Request};
use super::status::{self, Circumstances, Meaning};
use super::trouble::{Loss, LossKind, Trouble};
use crate::decode::{BodyEnd, Decoder, Encoding, Found};
use crate::defect::{Defect, Switch};

/// The reconnection time of a client that was told none, in milliseconds.
const DEFAULT_DELAY_MS: u64 = 3000;
/// The longest reconnection time that is waited.
const MAX_DELAY: Duration = Duration::from_hours(24);
/// Stands for the absence of a read timeout.
const FOR_EVER: Duration = Duration::from_hours(10 * 365 * 24);

/// What a stream is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Connecting,
    Reading,
    Waiting,
}

/// What `close` has to know of a stream, and can change.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) phase: Cell<Phase>,
    /// How many connections have been lost.
    pub(super) losses: Cell<u32>,
    pub(super) decoder: RefCell<Option<Decoder>>,
    /// The next loss is the end.
    pub(super) ends_with_connection: Cell<bool>,
    /// The user wants a new connection.
    pub(super) restart: Notify,
}

/// A stream.
#[derive(Debug)]
pub(super) struct Stream {
    open: Open,
    address: Address,
    page: Page,
    switch: Switch,
    reporter: Rc<Reporter>,
    shared: Rc<Shared>,
    ids: Ids,
    history: History,
    delay_ms: u64,
    attempt: u32,
    idle: Option<Connection>,
    /// The content coding of the latest body.
    coding: Option<Coding>,
    /// An answer that nobody reads.
    spare: Option<Response>,
    /// A body that was given up, but not let go.
    kept: Option<Body>,
}

impl Stream {
    /// A stream that is not connected yet; an error says what is wrong with the URL.
    pub(super) fn new(
        open: Open,
        page: Page,
        switch: Switch,
        reporter: Rc<Reporter>,
        shared: Rc<Shared>,
    ) -> Result<Self, String> {
        let address =
            Address::parse(&open.url).ok_or_else(|| format!("`{}` is no HTTP URL", open.url))?;
        Ok(Self {
            address,
            page,
            switch,
            reporter,
            shared,
            ids: Ids::new(open.last_event_id.clone(), switch),
            history: History::default(),
            delay_ms: open.reconnect_ms.unwrap_or(DEFAULT_DELAY_MS),
            attempt: 0,
            idle: None,
            coding: None,
            spare: None,
            kept: None,
            open,
        })
    }

    /// Lives until the stream has failed for good.
    pub(super) async fn live(&mut self) {
        loop {
            self.shared.phase.set(Phase::Connecting);
            let shared = Rc::clone(&self.shared);
            let ended = tokio::select! {
                biased;
                () = shared.restart.notified() => None,
                ended = self.connect_and_read() => Some(ended),
            };
            let trouble = match ended {
                None if self.switch.has(Defect::RestartIsFinal) => break,
                None => {
                    self.restart();
                    continue;
                }
                Some(Err(trouble)) => trouble,
                Some(Ok(())) => LossKind::Clean.because("the response ended"),
            };
            let loss = match trouble {
                Trouble::Lost(loss) => loss,
                Trouble::Failed(message) => {
                    self.reporter.failed(&message);
                    break;
                }
            };
            if self.shared.ends_with_connection.get() {
                return;
            }
            if !self.reconnects(&loss) {
                break;
            }
            self.reporter.lost(&loss.message);
            self.shared.phase.set(Phase::Waiting);
            tokio::select! {
                biased;
                () = shared.restart.notified() => {}
                () = tokio::time::sleep(self.wait(&loss)) => {}
            }
            self.attempt += 1;
        }
        self.reporter.closed();
    }

    /// What the next attempt is to know of a connection that the user gave up
    /// (`restart.reconnects`).
    fn restart(&mut self) {
        if let Some(decoder) = self.shared.decoder.borrow().as_ref()
            && !self.switch.has(Defect::RestartForgetsTheId)
        {
            self.ids.connection_ended(decoder.last_event_id(), decoder.ended_blocks());
        }
        if self.switch.has(Defect::RestartForgetsTheId) {
            self.ids = Ids::new(self.open.last_event_id.clone(), self.switch);
        }
        if self.switch.has(Defect::RestartDispatchesPending) {
            let found = self.shared.decoder.borrow_mut().as_mut().map(Decoder::dispatch_pending);
            // Whatever comes of it, the connection is over.
            let _ = self.take(found.unwrap_or_default());
        }
        self.attempt += 1;
    }

    /// Whether a loss is followed by a new attempt (`reconnect.eof`, `reconnect.network`).
    fn reconnects(&mut self, loss: &Loss) -> bool {
        self.history.lose(loss.kind);
        self.shared.losses.set(self.history.losses);
        if matches!(loss.kind, LossKind::NoResponse { .. }) {
            self.ids.attempt_failed();
            if self.switch.has(Defect::RetryForgottenOnAFailedAttempt) {
                self.delay_ms = self.default_delay_ms();
            }
        }
        if self.switch.has(Defect::UnsendableIdIsFinal) && self.ids.is_unsendable() {
            return false;
        }
        if self.switch.has(Defect::RetryZeroMeansNever) && self.delay_ms == 0 {
            return false;
        }
        !loss::is_final(loss.kind, &self.history, self.switch)
    }

    /// How long to wait before the next attempt (`reconnect.delay`).
    fn wait(&self, loss: &Loss) -> Duration {
        let at_once = match self.switch.0 {
            Some(Defect::CleanEndReconnectsAtOnce) => loss.kind == LossKind::Clean,
            Some(Defect::NetworkErrorReconnectsAtOnce) => loss.kind.is_inside_the_body(),
            Some(Defect::FailedAttemptRepeatedAtOnce) => {
                matches!(loss.kind, LossKind::NoResponse { .. })
            }
            Some(Defect::RetryOverflowsTheTimer) => i32::try_from(self.delay_ms).is_err(),
            _ => false,
        };
        let told = match loss.kind {
            LossKind::Refused { after_ms } => after_ms,
            _ => None,
        };
        match told {
            _ if at_once => Duration::ZERO,
            Some(ms) => Duration::from_millis(ms),
            None => Duration::from_millis(self.delay_ms).min(MAX_DELAY),
        }
    }

    fn default_delay_ms(&self) -> u64 {
        self.open.reconnect_ms.unwrap_or(DEFAULT_DELAY_MS)
    }

    /// One connection, from the request to the end of the body.
    async fn connect_and_read(&mut self) -> Result<(), Trouble> {
        let ids = self.ids.headers(self.attempt);
        let request = Request::new(&self.open, &self.address, self.attempt, ids, self.switch);
        self.spare = None;
        if self.switch.has(Defect::ReconnectsTwice) && self.attempt > 0 {
            // Kept until the next attempt, so that its connection does not end before.
            self.spare = fetch::send(&request, None, self.switch).await.ok();
        }
        let (response, redirected) = self.fetch(request).await?;
        let encoding = self.check(&response, redirected)?;
        self.coding = Some(Coding::of(&response.head, self.coding.take(), self.switch)?);
        if self.switch.has(Defect::RetryForgottenOnTheNextConnection) && self.history.losses > 0 {
            self.delay_ms = self.default_delay_ms();
        }
        self.history.open(redirected);
        self.shared.phase.set(Phase::Reading);
        let mut decoder = Decoder::new(self.switch, self.ids.current(), encoding);
        if let Some(before) = self.shared.decoder.borrow_mut().take() {
            decoder.carry_over(&before);
        }
        *self.shared.decoder.borrow_mut() = Some(decoder);
        let ended = self.read(response.body).await;
        let how = if ended.is_ok() { BodyEnd::Clean } else { BodyEnd::Lost };
        let found = self.with_decoder(|decoder| decoder.end(how));
        self.take(found)?;
        let decoder = self.shared.decoder.borrow();
        if let Some(decoder) = decoder.as_ref() {
            self.ids.connection_ended(decoder.last_event_id(), decoder.ended_blocks());
        }
        ended
    }

    /// Sends the request, and what redirects make of it.
    async fn fetch(&mut self, request: Request) -> Result<(Response, bool), Trouble> {
        let first = request.clone();
        let mut request = request;
        let mut hops = 0;
        let mut is_permanent = true;
        self.page.begin(&request.address);
        loop {
            request.page = self.page.headers(&request.address);
            if let Some(preflight) = self.page.preflight(&request) {
                fetch::send(&preflight, None, self.switch).await?;
            }
            let response = fetch::send(&request, self.idle.take(), self.switch).await?;
            let next = fetch::redirection(&response.head, &request, &first, hops, self.switch)?;
            self.page.check(&response.head, next.is_some())?;
            self.page.keep_cookies(&response.head);
            let Some(next) = next else {
                let reported = match self.switch.0 {
                    Some(Defect::EventOriginOfTheFirstUrl) => &first.address,
                    _ => &request.address,
                };
                self.reporter.set_origin(reported.origin());
                if self.remembers_redirect(is_permanent) {
                    self.address = request.address;
                }
                return Ok((response, hops > 0));
            };
            hops += 1;
            is_permanent &= matches!(response.head.status, 301 | 308);
            self.page.redirect(&request.address, &next);
            if self.switch.has(Defect::OpensAtAnyResponse) {
                self.reporter.opened();
            }
            request.redirect(response.head.status, next);
            if self.switch.has(Defect::RedirectBodyParsed) {
                self.parse_body_of_redirect(response.body).await?;
            }
        }
    }

    /// Whether reconnections ask where the redirects led.
    fn remembers_redirect(&self, is_permanent: bool) -> bool {
        match self.switch.0 {
            Some(Defect::ReconnectsWhereRedirected) => true,
            Some(Defect::ReconnectsWhereMovedForGood) => is_permanent,
            _ => false,
        }
    }

    async fn parse_body_of_redirect(&mut self, body: Body) -> Result<(), Trouble> {
        let mut body = body;
        let mut decoder = Decoder::new(self.switch, self.ids.current(), Encoding::Utf8);
        loop {
            let piece = body.piece().await?;
            self.take(decoder.read(&piece.bytes))?;
            if piece.is_last {
                return Ok(());
            }
        }
    }

    /// Whether the response opens the stream (`response.200`, `response.type`).
    fn check(&self, response: &Response, redirected: bool) -> Result<Encoding, Trouble> {
        let switch = self.switch;
        let head = &response.head;
        let circumstances = Circumstances {
            was_open: self.history.was_open,
            after_failure: self.history.failures_in_a_row > 0,
            redirected,
        };
        if switch.has(Defect::OpensBeforeTheStatusIsRead) {
            self.reporter.opened();
        }
        let message = format!("the status is {}", head.status);
        match status::judge(head, circumstances, switch) {
            Meaning::Opens => {}
            Meaning::Fails => return Err(Trouble::Failed(message)),
            Meaning::Retries(after_ms) => {
                return Err(LossKind::Refused { after_ms }.because(message));
            }
        }
        let unchecked = switch.has(Defect::TypeCheckedAtFirstOnly) && self.history.was_open
            || switch.has(Defect::TypeUncheckedAfterRedirect) && redirected;
        let checked = media::check(&head.values("content-type", switch), switch);
        let encoding = match checked {
            Ok(encoding) => encoding,
            Err(_) if unchecked => Encoding::Utf8,
            Err(message) if switch.has(Defect::WrongTypeRetried) => {
                return Err(LossKind::Refused { after_ms: None }.because(message));
            }
            Err(message) => return Err(Trouble::Failed(message)),
        };
        let later = [Defect::OpensBeforeTheStatusIsRead, Defect::OpensAtTheFirstBytes];
        if !switch.has_any(&later) {
            self.reporter.opened();
        }
        Ok(encoding)
    }

    /// Reads the body to its end.
    async fn read(&mut self, mut body: Body) -> Result<(), Trouble> {
        let began = Instant::now();
        let limit = match self.open.read_timeout_ms {
            Some(ms) if !self.switch.has(Defect::ReadTimeoutIgnored) => Duration::from_millis(ms),
            _ => FOR_EVER,
        };
        let mut deadline = Instant::now() + limit;
        let mut bytes_read = 0;
        let mut whole = Vec::new();
        loop {
            let Ok(piece) = tokio::time::timeout_at(deadline, body.piece()).await else {
                if self.switch.has(Defect::ConnectionKeptAfterTimeout) {
                    self.kept = Some(body);
                }
                return Err(LossKind::Timeout.because("nothing was read for too long"));
            };
            let mut piece = piece?;
            if let Some(coding) = &mut self.coding {
                (piece.bytes, piece.is_last) = coding.read(&piece.bytes, piece.is_last)?;
            }
            if bytes_read == 0
                && !piece.bytes.is_empty()
                && self.switch.has(Defect::OpensAtTheFirstBytes)
            {
                self.reporter.opened();
            }
            bytes_read += piece.bytes.len();
            if self.switch.has(Defect::SlowBodyGivenUp)
                && bytes_read < 20
                && began.elapsed() > Duration::from_secs(1)
            {
                return Err(LossKind::Timeout.because("the connection is slow"));
            }
            let mut found = Vec::new();
            if self.switch.has(Defect::BodyReadToItsEndFirst) {
                whole.extend_from_slice(&piece.bytes);
                if piece.is_last {
                    found = self.with_decoder(|decoder| decoder.read(&whole));
                }
            } else if !piece.bytes.is_empty() {
                found = self.with_decoder(|decoder| decoder.read(&piece.bytes));
            }
            if piece.is_last && self.switch.has(Defect::EventsBeforeTheEndDropped) {
                found.retain(|found| !matches!(found, Found::Event(_)));
            }
            let has_event = found.iter().any(|found| matches!(found, Found::Event(_)));
            let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
            let is_life = match self.switch.0 {
                Some(Defect::CommentsDoNotCountAsLife) => has_event,
                Some(Defect::BlankLinesDoNotCountAsLife) => !piece.bytes.iter().all(is_line_end),
                Some(Defect::PartsOfALineDoNotCountAsLife) => piece.bytes.iter().any(is_line_end),
                _ => true,
            };
            if is_life {
                deadline = Instant::now() + limit;
            }
            self.take(found)?;
            if piece.is_last {
                break;
            }
        }
        if self.switch.has(Defect::DeadIdleConnectionIsFinal) {
            self.idle = body.into_idle();
        }
        if bytes_read == 0 && self.switch.has(Defect::EmptyBodyIsFailure) {
            return Err(Trouble::Failed("the body is empty".to_owned()));
        }
        Ok(())
    }

    fn with_decoder(&self, what: impl FnOnce(&mut Decoder) -> Vec<Found>) -> Vec<Found> {
        self.shared.decoder.borrow_mut().as_mut().map(what).unwrap_or_default()
    }

    /// Acts on what was found: reports it, and remembers the reconnection time.
    fn take(&mut self, found: Vec<Found>) -> Result<(), Trouble> {
        for found in &found {
            match found {
                Found::Retry(milliseconds) => self.delay_ms = *milliseconds,
                Found::Event(_) => self.history.events_here += 1,
                Found::Comment(_) | Found::Fatal(_) => {}
            }
        }
        match self.reporter.found(found) {
            Some(why) => Err(Trouble::Failed(why.to_owned())),
            None => Ok(()),
        }
    }
}

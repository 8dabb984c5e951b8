//! Plays the steps of one connection over an exchange, whatever its HTTP version.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ssespec_net::{Countdown, Request, Taken};
use ssespec_scenario::{AwaitCounts, ClientCommand, Connection, Framing, Respond, Step, Text};

use crate::coding::{Encoder, is_asked_for};
use crate::run::RunState;
use crate::{Happening, Reports, Signal};

/// Longest wait for a subject to take what it was sent: longer than the harness waits for progress.
pub(crate) const INTAKE_LIMIT: Duration = Duration::from_mins(1);
/// How a subject leaves a response by sending another request on the same connection.
pub(crate) const NEXT_REQUEST: &str = "for another request";
/// What `await` waits where nobody reports.
const UNWATCHED_PAUSE: Duration = Duration::from_millis(100);

/// One request and its response, on any HTTP version.
pub(crate) trait Exchange: Send {
    /// The address that the request came to.
    fn local(&self) -> SocketAddr;
    /// Sends the head of the response; gives what to show of it.
    fn head(
        &mut self,
        respond: &Respond,
        body_bytes: Option<u64>,
        is_empty: bool,
    ) -> impl Future<Output = io::Result<Vec<u8>>> + Send;
    /// Waits until the peer has taken all that was written.
    fn taken(&mut self) -> impl Future<Output = Taken> + Send;
    /// Sends a part of the body in one piece.
    fn send(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>> + Send;
    /// Sends bytes below the body.
    fn raw(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>> + Send;
    /// Ends the body cleanly.
    fn end(&mut self, trailers: Option<&[u8]>) -> impl Future<Output = io::Result<()>> + Send;
    /// Breaks the exchange off as told.
    fn break_off(&mut self, how: &Happening) -> impl Future<Output = io::Result<()>> + Send;
    /// Resolves when the peer has left; says how. Cancel safe.
    fn left(&mut self) -> impl Future<Output = &'static str> + Send;
}

/// What is to become of the TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// It can carry another request.
    Reusable,
    /// It is to be closed in order.
    Close,
    /// Our direction has ended, below TLS; the peer may still end its own.
    Cut,
    /// It is to be dropped at once, as its linger option says.
    Drop,
}

/// Answers one request of a run.
pub(crate) async fn play<E: Exchange>(
    run: &RunState,
    exchange: &mut E,
    request: Request,
) -> io::Result<After> {
    let number = run.next_request();
    let count = run.script.connections.len();
    let index = if run.watched { number as usize - 1 } else { (number as usize - 1) % count };
    let connection = run.script.connections.get(index);
    let coding = connection.and_then(|connection| connection.respond.coding);
    let used = coding.filter(|coding| is_asked_for(*coding, &request));
    let asked = Happening::Request { request, excess: connection.is_none(), at: exchange.local() };
    run.journal.add(number, asked);
    run.signal(if connection.is_none() { Signal::Excess } else { Signal::Progress });
    let Some(connection) = connection else {
        let respond = Respond { status: 204, ..Respond::default() };
        exchange.head(&respond, None, true).await?;
        exchange.end(None).await?;
        return Ok(After::Reusable);
    };
    let is_last = index + 1 == count;
    if let (Some(coding), None) = (coding, used) {
        run.journal.add(number, Happening::NotAskedFor(coding));
    }
    let encoder = used.map(Encoder::new).transpose()?;
    let cuts = connection.respond.cuts.clone();
    let mut player = Player {
        run,
        exchange,
        number,
        is_last,
        encoder,
        coded_bytes: 0,
        cuts,
        broken_off: None,
        left: false,
    };
    let mut over = run.over.clone();
    let outcome = tokio::select! {
        biased;
        outcome = player.connection(connection) => outcome,
        // Also where a write is stuck because the subject does not read.
        _ = over.wait_for(|over| *over) => Ok(Flow::Over),
    };
    match outcome {
        Ok(Flow::Done) => {}
        Ok(Flow::Left(how)) => run.leave(number, how),
        Ok(Flow::Over) => return Ok(After::Close),
        Err(_) if player.left => {}
        Err(_) => run.leave(number, "while we wrote"),
    }
    let respond = &connection.respond;
    let after = match player.broken_off {
        Some(after) => after,
        None if matches!(outcome, Ok(Flow::Left(NEXT_REQUEST))) => After::Reusable,
        None if !matches!(outcome, Ok(Flow::Done)) => After::Close,
        None if respond.framing == Framing::Close || respond.raw.is_some() => After::Close,
        None => After::Reusable,
    };
    if is_last {
        run.signal(Signal::Played);
    }
    Ok(after)
}

/// How a step, or a list of them, came to its end.
enum Flow {
    /// As written.
    Done,
    /// The subject left; how.
    Left(&'static str),
    /// The run is over.
    Over,
}

struct Player<'p, E> {
    run: &'p RunState,
    exchange: &'p mut E,
    number: u32,
    is_last: bool,
    /// Codes the body, where the case wants it and the request asks for it.
    encoder: Option<Encoder>,
    /// How many coded bytes have been sent.
    coded_bytes: u64,
    /// Where the coded body is cut.
    cuts: Vec<u64>,
    broken_off: Option<After>,
    /// The subject has left, and that has been noted.
    left: bool,
}

impl<E: Exchange> Player<'_, E> {
    async fn connection(&mut self, connection: &Connection) -> io::Result<Flow> {
        for step in &connection.before {
            match self.step(step).await? {
                Flow::Done if !step.is_final() => {}
                flow => return Ok(flow),
            }
        }
        let steps = &connection.steps;
        let announced = connection.respond.content_length;
        let has_length = connection.respond.framing == Framing::Length;
        let body_bytes = announced.or_else(|| has_length.then(|| self.length(steps)));
        let respond = self.filled_in(&connection.respond);
        let head = self.exchange.head(&respond, body_bytes, steps.is_empty()).await?;
        self.note(Happening::Head(head));
        if self.run.watched && !steps.is_empty() {
            match self.wait_for(|reports| !reports.withheld).await? {
                Flow::Done => {}
                flow => return Ok(flow),
            }
        }
        for (index, step) in steps.iter().enumerate() {
            let flow = match (step, steps.get(index + 1)) {
                // Whoever missed the sentinel is not left waiting for it.
                (Step::Sentinel {}, Some(Step::End { .. })) => self.sentinel().await?,
                _ => self.step(step).await?,
            };
            match flow {
                Flow::Done if !step.is_final() => {}
                flow => return Ok(flow),
            }
        }
        self.end(None, false).await
    }

    async fn sentinel(&mut self) -> io::Result<Flow> {
        let flow = self.send(sentinel_bytes(&self.run.sentinel)).await?;
        self.note(Happening::Sentinel);
        Ok(flow)
    }

    async fn step(&mut self, step: &Step) -> io::Result<Flow> {
        match step {
            Step::Send(chunk) => self.send(chunk.to_bytes()).await,
            Step::Sentinel {} => {
                self.sentinel().await?;
                self.wait_for(|reports| reports.sentinel || reports.closed).await
            }
            Step::Withhold(chunk) => self.withhold(chunk.to_bytes()).await,
            Step::Raw(wire) => {
                self.exchange.taken().await;
                self.note(Happening::Raw(wire.0.clone()));
                self.exchange.raw(&wire.0).await.map(|()| Flow::Done)
            }
            // A pause is time for the subject to do something, so it must have run meanwhile.
            Step::Pause(span) => {
                let mut countdown = Countdown::of(span.0);
                self.wait(async move {
                    // However it ended, it has been waited for.
                    let _ = countdown.over().await;
                })
                .await
            }
            Step::Await(counts) => {
                let counts = *counts;
                self.run.signal(Signal::Awaiting);
                match self.wait_for(move |reports| reached(reports, counts)).await? {
                    Flow::Done if counts.left > 0 => self.wait_until_left(counts.left).await,
                    flow => Ok(flow),
                }
            }
            Step::Gather {} => match self.run.script.crowd.clone().filter(|_| self.run.watched) {
                Some(crowd) => {
                    self.wait(async move {
                        let _leads = crowd.wait().await;
                    })
                    .await
                }
                None => Ok(Flow::Done),
            },
            Step::Client(ClientCommand::Restart {}) => {
                self.note(Happening::RestartAsked);
                self.run.signal(Signal::Restart);
                Ok(Flow::Done)
            }
            Step::Client(ClientCommand::Close {}) => {
                self.note(Happening::CloseAsked);
                self.run.signal(Signal::Close);
                // The subject leaving is what was asked for, so it does not end the steps.
                self.wait_for(|reports| reports.closed).await
            }
            Step::End { trailers, unfinished } => {
                self.end(trailers.as_ref().map(|wire| wire.0.as_slice()), *unfinished).await
            }
            Step::Truncate {} => self.break_off(Happening::Truncated).await,
            Step::Reset {} => self.break_off(Happening::Reset).await,
            Step::H2Reset { code } => self.break_off(Happening::H2Reset(code.clone())).await,
            Step::Goaway { code } => self.break_off(Happening::Goaway(code.clone())).await,
            Step::Hold {} => {
                if self.is_last {
                    self.run.signal(Signal::Played);
                }
                self.hold().await
            }
        }
    }

    /// Sends a part of the body; a coded one with a flush.
    async fn send(&mut self, bytes: Vec<u8>) -> io::Result<Flow> {
        let Some(encoder) = &mut self.encoder else {
            return self.write(bytes).await;
        };
        encoder.write(&bytes)?;
        let coded = encoder.flush()?;
        self.note(Happening::Encoded { plain: bytes, flushed: true });
        self.write_coded(coded).await
    }

    /// Gives a part of the body to the encoder, and nothing of it to the subject.
    async fn withhold(&mut self, bytes: Vec<u8>) -> io::Result<Flow> {
        let Some(encoder) = &mut self.encoder else {
            return self.write(bytes).await;
        };
        encoder.write(&bytes)?;
        self.note(Happening::Encoded { plain: bytes, flushed: false });
        Ok(Flow::Done)
    }

    /// Writes coded bytes, cut where the case wants it.
    async fn write_coded(&mut self, mut bytes: Vec<u8>) -> io::Result<Flow> {
        let end = self.coded_bytes + bytes.len() as u64;
        for cut in self.cuts.clone() {
            if cut > self.coded_bytes && cut < end {
                let length = usize::try_from(cut - self.coded_bytes).unwrap_or(bytes.len());
                let rest = bytes.split_off(length.min(bytes.len()));
                self.write(std::mem::replace(&mut bytes, rest)).await?;
                self.coded_bytes = cut;
            }
        }
        self.coded_bytes = end;
        // An empty chunk would end the body.
        if bytes.is_empty() { Ok(Flow::Done) } else { self.write(bytes).await }
    }

    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<Flow> {
        let before = self.exchange.taken().await;
        self.note(Happening::Chunk { bytes: bytes.clone(), before });
        self.exchange.send(&bytes).await.map(|()| Flow::Done)
    }

    async fn end(&mut self, trailers: Option<&[u8]>, unfinished: bool) -> io::Result<Flow> {
        if let Some(encoder) = self.encoder.take().filter(|_| !unfinished) {
            let rest = encoder.finish()?;
            self.write_coded(rest).await?;
        }
        self.exchange.taken().await;
        self.note(Happening::End);
        self.exchange.end(trailers).await.map(|()| Flow::Done)
    }

    async fn break_off(&mut self, how: Happening) -> io::Result<Flow> {
        // An RST throws away what the peer has not read, so it waits as any cut does.
        self.exchange.taken().await;
        self.note(how.clone());
        let drops = how == Happening::Reset;
        self.broken_off = Some(if drops { After::Drop } else { After::Cut });
        self.exchange.break_off(&how).await.map(|()| Flow::Done)
    }

    /// Waits until the subject has reported what the condition asks for.
    async fn wait_for(
        &mut self,
        condition: impl Fn(&Reports) -> bool + Send + Sync,
    ) -> io::Result<Flow> {
        if !self.run.watched {
            return self.wait(tokio::time::sleep(UNWATCHED_PAUSE)).await;
        }
        let mut reports = self.run.reports.clone();
        self.wait(async move {
            // The sender lives as long as the run; without it the run is over anyway.
            let _ = reports.wait_for(|reports| condition(reports)).await;
        })
        .await
    }

    /// Waits until the subject has let so many responses go.
    async fn wait_until_left(&mut self, count: u32) -> io::Result<Flow> {
        let mut left = self.run.left();
        self.wait(async move {
            let _ = left.wait_for(|left| *left >= count).await;
        })
        .await
    }

    /// Waits, unless the run is over first, or the subject goes on to another request on the same
    /// connection. That it leaves in any other way is noted and does not end the wait: what is
    /// waited for can happen all the same.
    async fn wait(&mut self, wait: impl Future<Output = ()> + Send) -> io::Result<Flow> {
        let mut over = self.run.over.clone();
        let mut wait = std::pin::pin!(wait);
        loop {
            tokio::select! {
                biased;
                () = &mut wait => return Ok(Flow::Done),
                _ = over.wait_for(|over| *over) => return Ok(Flow::Over),
                how = self.exchange.left(), if !self.left => {
                    if how == NEXT_REQUEST {
                        return Ok(Flow::Left(how));
                    }
                    self.left = true;
                    self.run.leave(self.number, how);
                    self.run.signal(Signal::Progress);
                }
            }
        }
    }

    /// Keeps the connection until the subject leaves or the run is over.
    async fn hold(&mut self) -> io::Result<Flow> {
        if self.left {
            return Ok(Flow::Done);
        }
        let mut over = self.run.over.clone();
        tokio::select! {
            _ = over.wait_for(|over| *over) => Ok(Flow::Over),
            how = self.exchange.left() => Ok(Flow::Left(how)),
        }
    }

    /// The head with the run's own URL in its header values.
    fn filled_in(&self, respond: &Respond) -> Respond {
        let mut respond = respond.clone();
        for value in respond.header.values_mut() {
            value.0 = self.run.places.fill_in(&value.0);
        }
        if let (Some(_), Some(coding)) = (&self.encoder, respond.coding) {
            let name = Text(coding.name().to_owned());
            respond.header.entry("content-encoding".to_owned()).or_insert(name);
        }
        respond
    }

    fn note(&self, what: Happening) {
        self.run.journal.add(self.number, what);
        self.run.signal(Signal::Progress);
    }

    /// The length of a body that is delimited by its length.
    fn length(&self, steps: &[Step]) -> u64 {
        let bytes = |step: &Step| match step {
            Step::Send(chunk) => chunk.to_bytes().len() as u64,
            Step::Sentinel {} => sentinel_bytes(&self.run.sentinel).len() as u64,
            _ => 0,
        };
        steps.iter().map(bytes).sum()
    }
}

fn sentinel_bytes(sentinel: &str) -> Vec<u8> {
    format!("data: {sentinel}\n\n").into_bytes()
}

fn reached(reports: &Reports, counts: AwaitCounts) -> bool {
    let seen = &reports.counts;
    reports.closed
        || seen.events >= counts.events
            && seen.opened >= counts.opened
            && seen.errors >= counts.errors
            && seen.comments >= counts.comments
            && seen.retries >= counts.retries
}

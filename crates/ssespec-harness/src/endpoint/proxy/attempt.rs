//! One passage: the origin plays the case, the client asks for it, and both ends are kept.

use std::time::Duration;

use ssespec_mock::{Entry, Happening, Mock, Script};
use ssespec_scenario::{Case, Connection, Passage, PassageCheck, SecondClient, Span, Step};
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use super::super::exchange::{Asked, Exchange, Trouble, Version};
use super::super::line::Dialler;
use super::super::probe::Watch;
use super::super::{http1, http2};
use super::subject::ProxySubject;

/// How long a head, or what must follow it, is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a coded stream is watched: when all of it has come cannot be told by its length.
const CODED_LOOK: Duration = Duration::from_millis(2500);
/// Within what time the origin must be let go of.
pub(super) const RELEASE_LIMIT: Duration = Duration::from_secs(10);
/// How often the origin is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(50);
/// For how long nothing more must be taken until it is believed to be all.
const STEADY: Duration = Duration::from_secs(2);
/// How long a client that reads nothing is sent to, at most.
const STALL_LIMIT: Duration = Duration::from_secs(20);

/// What all passages of a run share.
pub(super) struct Bench<'r> {
    pub(super) subject: &'r ProxySubject,
    pub(super) mock: &'r Mock,
    pub(super) dialler: Dialler,
    pub(super) began: Instant,
    pub(super) time_scale: f64,
}

/// What happened at both ends.
#[derive(Debug, Clone)]
pub(super) struct Passed {
    /// What the clients saw, in the order in which they asked.
    pub(super) exchanges: Vec<Exchange>,
    /// What the origin saw and did.
    pub(super) journal: Vec<Entry>,
    /// From the start of the run to the instant from which the journal counts.
    pub(super) journal_began: Duration,
    /// For how long the streams were silent, in all.
    pub(super) silence: Duration,
    /// How long the origin was watched after the client had left.
    pub(super) watched: Duration,
}

impl Bench<'_> {
    /// Plays a case once.
    pub(super) async fn pass(&self, case: &Case, passage: &Passage) -> Passed {
        self.pass_connections(case.connection.clone(), passage).await
    }

    /// Plays these connections once.
    pub(super) async fn pass_connections(
        &self,
        mut connections: Vec<Connection>,
        passage: &Passage,
    ) -> Passed {
        if passage.check.is_idle() {
            stretch(&mut connections, self.subject.idle);
        }
        let silence = pauses(&connections);
        let run = self.mock.mount(Script::new(connections.clone()));
        let asked = self.subject.asked(&passage.ask, &format!("{}/s/stream", run.places().path));
        let (wanted, limit) = self.depth(passage, &connections, silence);
        let mut watched = Duration::ZERO;
        let exchanges = if passage.ask.stall {
            vec![self.stall(&asked, || run.journal().len()).await]
        } else {
            match passage.ask.second {
                None => vec![self.look(&asked, limit, wanted).await],
                Some(SecondClient::Together) => {
                    let both = (self.look(&asked, limit, wanted), self.look(&asked, limit, wanted));
                    let (first, second) = tokio::join!(both.0, both.1);
                    vec![first, second]
                }
                Some(SecondClient::Afterwards) => {
                    let first = self.look(&asked, limit, wanted).await;
                    vec![first, self.look(&asked, limit, wanted).await]
                }
            }
        };
        if passage.check == (PassageCheck::LetGo {}) {
            let left = Instant::now();
            let was_left =
                || run.journal().iter().any(|it| matches!(it.what, Happening::Left { .. }));
            while !was_left() && left.elapsed() < self.scaled(RELEASE_LIMIT) {
                tokio::time::sleep(GLANCE).await;
            }
            watched = left.elapsed();
        }
        Passed {
            exchanges,
            journal: run.journal(),
            journal_began: run.began().saturating_duration_since(self.began.into_std()),
            silence,
            watched,
        }
    }

    /// How many bytes are enough, if not the end, and how long they are waited for.
    fn depth(
        &self,
        passage: &Passage,
        connections: &[Connection],
        silence: Duration,
    ) -> (Option<usize>, Duration) {
        let patience = self.scaled(PATIENCE) + silence;
        let coded = passage.ask.header.contains_key("accept-encoding");
        let sent = |connection: &Connection| {
            let lengths = connection.steps.iter().filter_map(|step| match step {
                Step::Send(chunk) => Some(chunk.to_bytes().len()),
                _ => None,
            });
            lengths.collect::<Vec<_>>()
        };
        let all: Vec<Vec<usize>> = connections.iter().map(sent).collect();
        let holds = connections
            .iter()
            .any(|connection| matches!(connection.steps.last(), Some(Step::Hold {})));
        match &passage.check {
            PassageCheck::LetGo {} => {
                (all.first().and_then(|it| it.first()).copied(), self.scaled(PATIENCE))
            }
            _ if holds && coded => (None, self.scaled(CODED_LOOK)),
            _ if holds => (all.iter().map(|it| it.iter().sum()).min(), patience),
            _ => (None, patience),
        }
    }

    pub(super) fn scaled(&self, time: Duration) -> Duration {
        time.mul_f64(self.time_scale)
    }

    /// Asks once, and reads until enough has come, or the end.
    pub(super) async fn look(
        &self,
        asked: &Asked,
        limit: Duration,
        wanted: Option<usize>,
    ) -> Exchange {
        let mut watch = Watch::on_body(self.began, limit, wanted);
        let sent_at = watch.now();
        let answer = match self.dialler.dial(asked, false).await {
            Err(trouble) => Err(trouble),
            Ok(line) if asked.version == Version::Http2 => {
                http2::exchange(line, asked, &mut watch).await
            }
            Ok(line) => http1::exchange(line, asked, &mut watch).await,
        };
        Exchange { asked: asked.clone(), sent_at, answer }
    }

    /// Asks, and reads nothing until the origin has come to a stand.
    async fn stall(&self, asked: &Asked, progress: impl Fn() -> usize) -> Exchange {
        let sent_at = self.began.elapsed();
        let exchange = |trouble| Exchange { asked: asked.clone(), sent_at, answer: Err(trouble) };
        let mut line = match self.dialler.dial(asked, true).await {
            Ok(line) => line,
            Err(trouble) => return exchange(trouble),
        };
        if let Err(error) = line.write_all(&http1::request_bytes(asked)).await {
            return exchange(Trouble::Dropped(error.to_string()));
        }
        let began = Instant::now();
        let mut last = (0, Instant::now());
        while began.elapsed() < self.scaled(STALL_LIMIT) && last.1.elapsed() < self.scaled(STEADY) {
            tokio::time::sleep(GLANCE).await;
            let now = progress();
            if now != last.0 {
                last = (now, Instant::now());
            }
        }
        exchange(Trouble::Silent(began.elapsed()))
    }
}

/// All pauses of the longest connection.
fn pauses(connections: &[Connection]) -> Duration {
    let of_one = |connection: &Connection| {
        let spans = connection.steps.iter().filter_map(|step| match step {
            Step::Pause(Span(time)) => Some(*time),
            _ => None,
        });
        spans.sum()
    };
    connections.iter().map(of_one).max().unwrap_or_default()
}

/// Makes the pauses as long, all together, as the user wants.
fn stretch(connections: &mut [Connection], silence: Duration) {
    let now = pauses(connections);
    if now.is_zero() {
        return;
    }
    let factor = silence.as_secs_f64() / now.as_secs_f64();
    for step in connections.iter_mut().flat_map(|connection| &mut connection.steps) {
        if let Step::Pause(Span(time)) = step {
            *time = time.mul_f64(factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_add_up_to_the_silence_that_is_wanted() {
        let pause = || Step::Pause(Span(Duration::from_secs(1)));
        let steps = vec![pause(), Step::Hold {}, pause(), pause()];
        let mut connections = [Connection { steps, ..Connection::default() }];
        stretch(&mut connections, Duration::from_mins(1));
        assert_eq!(connections[0].steps[0], Step::Pause(Span(Duration::from_secs(20))));
        assert_eq!(pauses(&connections), Duration::from_mins(1));
    }
}

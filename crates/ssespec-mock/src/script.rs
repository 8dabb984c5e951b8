//! What one run of a case plays: its connections, with a `stream` written out.

use std::sync::Arc;

use ssespec_scenario::{
    AwaitCounts, Case, Chunk, Connection, Expectation, Finish, Kind, Piece, Step, Wire,
};
use tokio::sync::Barrier;

/// How the body of a `stream` case is cut into writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variation {
    /// As the scenario has it.
    Whole,
    /// In two, after so many bytes.
    Cut(usize),
    /// Byte by byte.
    Bytes,
}

impl std::fmt::Display for Variation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Cut(at) => write!(f, "cut after byte {at}"),
            Self::Bytes => f.write_str("byte by byte"),
        }
    }
}

impl Variation {
    /// The variations of a case: the plain one first.
    pub fn all(case: &Case) -> Vec<Self> {
        let mut all = vec![Self::Whole];
        if case.splits == ssespec_scenario::Splits::Every {
            let length: usize = case.stream.iter().map(|chunk| chunk.to_bytes().len()).sum();
            all.extend((1..length).map(Self::Cut));
            all.push(Self::Bytes);
        }
        all
    }

    /// The writes of a `stream` case.
    pub fn chunks(self, case: &Case) -> Vec<Vec<u8>> {
        let chunks = case.stream.iter().map(Chunk::to_bytes);
        match self {
            Self::Whole => chunks.collect(),
            Self::Cut(at) => {
                let mut head: Vec<u8> = chunks.flatten().collect();
                let tail = head.split_off(at.min(head.len()));
                vec![head, tail]
            }
            Self::Bytes => chunks.flatten().map(|byte| vec![byte]).collect(),
        }
    }
}

/// The connections of one run, in the order of the subject's requests. The streams of a case that
/// has several each play a clone of one script.
#[derive(Debug, Clone)]
pub struct Script {
    pub(crate) connections: Vec<Connection>,
    /// Where the streams wait for one another.
    pub(crate) crowd: Option<Arc<Barrier>>,
}

impl Script {
    /// A script of its own.
    pub fn new(connections: Vec<Connection>) -> Self {
        Self { connections, crowd: None }
    }

    /// The script of a case.
    pub fn of(case: &Case, variation: Variation) -> Self {
        if !case.is_stream() {
            let crowd = (case.streams > 1).then(|| Arc::new(Barrier::new(case.streams as usize)));
            return Self { connections: case.connection.clone(), crowd };
        }
        let mut steps: Vec<Step> = variation
            .chunks(case)
            .into_iter()
            .map(|bytes| Step::Send(Chunk(vec![Piece::Bytes(Wire(bytes))])))
            .collect();
        let tail = [Step::Sentinel {}, Step::Hold {}];
        let connection = |steps| Connection { steps, ..Connection::default() };
        let connections = match case.finish {
            Finish::Sentinel => {
                if case.prompt {
                    steps.push(Step::Await(all_expected(case)));
                }
                steps.extend(tail);
                vec![connection(steps)]
            }
            Finish::End => {
                steps.push(Step::End { trailers: None, unfinished: false });
                vec![connection(steps), connection(tail.to_vec())]
            }
        };
        Self::new(connections)
    }

    /// Whether some request of it gets no answer at all.
    pub(crate) fn leaves_unanswered(&self) -> bool {
        self.connections.iter().any(|it| it.before.iter().any(Step::is_final))
    }

    /// Drops all connections but the first `count`.
    pub fn truncate(&mut self, count: usize) {
        self.connections.truncate(count);
    }

    /// The connections it plays.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }
}

/// As many reports of each kind as the case expects.
fn all_expected(case: &Case) -> AwaitCounts {
    let count = |kind| {
        let expected = case.expect.iter().filter(|expectation| expectation.kind() == kind);
        expected.map(Expectation::times).sum()
    };
    AwaitCounts {
        events: count(Kind::Event),
        opened: count(Kind::Opened),
        errors: count(Kind::Error),
        comments: count(Kind::Comment),
        retries: count(Kind::Retry),
        left: 0,
    }
}

//! The bytes of a stream, piece by piece.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::defect::ServerDefect as Defect;
use super::request::Request;
use super::world::{TICK, World};

/// With how many of the latest events a stream begins.
const LATEST: u64 = 3;
/// How many events a stream has that ends.
const FINITE: u64 = 6;
/// What an event is padded with where much is to be sent.
const PADDING_BYTES: usize = 128 << 10;
/// How long what must not be late is late.
pub(super) const LATE: Duration = Duration::from_millis(1300);

/// One stream, from its first event to its last.
pub(super) struct Stream {
    /// Which of the server's streams it is.
    number: u64,
    /// The events that are still to be sent, from the back, before those of `next`.
    replay: Vec<u64>,
    next: u64,
    sent: u64,
    preamble: Vec<u8>,
    gzip: Option<GzEncoder<Vec<u8>>>,
    ends: bool,
}

/// What is to be written next.
pub(super) enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing ever again.
    Silence,
    /// The end of the body.
    End,
}

impl Stream {
    pub(super) fn begin(request: &Request, world: &World, number: u64, gzip: bool) -> Self {
        let latest = world.latest();
        let mut stream = Self {
            number,
            replay: Vec::new(),
            next: (latest + 1).saturating_sub(LATEST),
            sent: 0,
            preamble: b"retry: 1000\n\n".to_vec(),
            gzip: gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
            ends: request.target.starts_with("/finite"),
        };
        let id = request.header("last-event-id").unwrap_or_default();
        if let Some(known) = world.number(id) {
            stream.resume(known, latest, world);
        }
        if !id.is_empty() && world.has(Defect::IdReflectedUnescaped) {
            stream.preamble.extend_from_slice(b": you had ");
            stream.preamble.extend(undo_percents(id));
            stream.preamble.extend_from_slice(b"\n\n");
        }
        stream
    }

    fn resume(&mut self, known: u64, latest: u64, world: &World) {
        self.next = match world.defect {
            Some(Defect::ResumeIgnored) => latest + 1,
            Some(Defect::ResumeLosesOne) => known + 2,
            Some(Defect::ResumeRepeatsTheLast) => known,
            Some(Defect::ResumeStartsOver) => known.saturating_sub(2),
            _ => known + 1,
        };
        if world.has(Defect::ResumeNewestFirst) {
            self.replay = (self.next..=latest).collect();
            self.next = self.next.max(latest + 1);
        }
    }

    /// The next piece, when it is due.
    pub(super) async fn piece(&mut self, world: &World) -> Piece {
        if !self.preamble.is_empty() {
            let preamble = std::mem::take(&mut self.preamble);
            return Piece::Bytes(self.coded(preamble, world));
        }
        if world.has(Defect::FallsSilent) && self.sent >= LATEST {
            return Piece::Silence;
        }
        if self.ends && self.sent >= FINITE {
            return Piece::End;
        }
        let mut number = self.next_number(world).await;
        while world.has(Defect::EventsSharedOut)
            && !number.is_multiple_of(3)
            && !(number + self.number).is_multiple_of(2)
        {
            number = self.next_number(world).await;
        }
        self.sent += 1;
        let last = self.ends && self.sent == FINITE;
        let event = self.event(number, last, world);
        Piece::Bytes(self.coded(event, world))
    }

    async fn next_number(&mut self, world: &World) -> u64 {
        if let Some(number) = self.replay.pop() {
            return number;
        }
        let number = self.next;
        self.next += 1;
        world.until(number).await;
        number
    }

    fn event(&self, number: u64, last: bool, world: &World) -> Vec<u8> {
        let id = match world.defect {
            Some(Defect::IdWithNul) => format!("e{number}\0x"),
            Some(Defect::IdWithControlCharacter) => format!("e{number}\u{1}"),
            Some(Defect::IdOfTenKilobytes) => format!("e{number}{}", "x".repeat(10_000)),
            Some(Defect::IdUsedAgain) => format!("e{}", number % 3),
            Some(Defect::IdsOfTheConnection) => format!("e{}", self.sent),
            _ => format!("e{number}"),
        };
        let mut data = match world.defect {
            Some(Defect::FieldCapitalised) => format!("data: tick {number}\nData: more\n"),
            Some(Defect::FieldIndented) => format!("data: tick {number}\n data: more\n"),
            Some(Defect::DataContinuedBare) => format!("data: tick {number}\nsecond line\n"),
            Some(Defect::UnknownField) => format!("data: tick {number}\nfoo: bar\n"),
            Some(Defect::RetryWithAUnit) => format!("data: tick {number}\nretry: 1s\n"),
            Some(Defect::RetryWithoutValue) => format!("data: tick {number}\nretry:\n"),
            _ => format!("data: tick {number}\n"),
        }
        .into_bytes();
        match world.defect {
            Some(Defect::Latin1InTheStream) => data.extend_from_slice(b"data: caf\xe9\n"),
            Some(Defect::CodePointCut) => data.extend_from_slice(b"data: \xe2\x82\n"),
            _ => {}
        }
        let mut event = Vec::new();
        if world.has(Defect::MarkBeforeEachEvent) {
            event.extend_from_slice(b"\xef\xbb\xbf");
        }
        if world.has(Defect::TypeWithoutData) {
            event.extend_from_slice(b"event: empty\n\n");
        }
        if world.has(Defect::WaitsForTheSlowest) {
            event.extend_from_slice(b": ");
            event.resize(event.len() + PADDING_BYTES, b'x');
            event.push(b'\n');
        }
        event.extend_from_slice(format!("id: {id}\n").as_bytes());
        event.append(&mut data);
        if !(last && world.has(Defect::LastBlankLineMissing)) {
            event.push(b'\n');
        }
        event
    }

    fn coded(&mut self, plain: Vec<u8>, world: &World) -> Vec<u8> {
        let Some(gzip) = &mut self.gzip else { return plain };
        if world.has(Defect::GzipBreaksOff) && self.sent == 2 {
            return plain;
        }
        // Writing to memory cannot fail.
        let _ = gzip.write_all(&plain);
        if !world.has(Defect::GzipUnflushed) {
            let _ = gzip.flush();
        }
        std::mem::take(gzip.get_mut())
    }

    /// What ends the content coding.
    pub(super) fn finish(self) -> Vec<u8> {
        self.gzip.and_then(|gzip| gzip.finish().ok()).unwrap_or_default()
    }
}

fn undo_percents(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let byte = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        if let Some(byte) = byte.filter(|_| *first == b'%') {
            out.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

/// How long a tick is, for those who count in it.
pub(super) fn after(ticks: u64) -> Duration {
    TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
}

//! An incremental decoder, written from the rules apart from `ssespec-parser`, whose defects can
//! be switched on one at a time.
//!
//! Four stages, each with its own switches: reads become text, text becomes lines, lines become
//! blocks, and what was found in a read is delivered.

mod block;
mod delivery;
mod field;
mod line;
mod retry;
mod text;
mod utf8;

use crate::defect::{Defect, Switch};

use block::Blocks;
use delivery::Delivery;
use line::Lines;
pub(crate) use text::Encoding;
use text::Text;

/// An event as it is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// The type.
    pub(crate) kind: String,
    pub(crate) data: String,
    /// The last event id that it carries.
    pub(crate) id: String,
    /// Its own block set that id.
    has_own_id: bool,
    /// Its lines came in more than one read.
    is_split: bool,
}

/// What a decoder finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Event(Event),
    /// All that follows the colon.
    Comment(String),
    /// A reconnection time in milliseconds, at most the greatest `u64`.
    Retry(u64),
    /// The stream is over for good, by a defect.
    Fatal(&'static str),
}

/// How a body came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    /// As HTTP has it.
    Clean,
    /// By the loss of its connection.
    Lost,
}

/// How many bytes a mutant waits for before it parses them.
const HOLD_BYTES: usize = 4096;

/// Decodes the body of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Decoder {
    switch: Switch,
    text: Text,
    lines: Lines,
    blocks: Blocks,
    delivery: Delivery,
    reads: u32,
    held: Vec<u8>,
}

impl Decoder {
    /// A decoder for a connection that starts with this last event id.
    pub(crate) fn new(switch: Switch, last_event_id: &str, encoding: Encoding) -> Self {
        Self {
            switch,
            text: Text::new(switch, encoding),
            lines: Lines::new(switch),
            blocks: Blocks::new(switch, last_event_id),
            delivery: Delivery::new(switch),
            reads: 0,
            held: Vec::new(),
        }
    }

    /// Takes over from the connection before what is to be taken over: for a correct client
    /// nothing (`decode.bom-each-stream`, `eof.discard`).
    pub(crate) fn carry_over(&mut self, from: &Self) {
        self.blocks.carry_over(&from.blocks);
        self.delivery = from.delivery.clone();
        match self.switch.0 {
            Some(Defect::LineSurvivesReconnection) => self.lines = from.lines.unfinished(),
            Some(Defect::DecoderSurvivesReconnection) => self.text = from.text.clone(),
            Some(Defect::BomOncePerClient) => self.text.began = from.text.began,
            _ => {}
        }
    }

    /// The id for the next request.
    pub(crate) fn last_event_id(&self) -> &str {
        self.blocks.last_event_id()
    }

    /// For each block that has ended the id that it set.
    pub(crate) fn ended_blocks(&self) -> &[Option<String>] {
        self.blocks.ended()
    }

    /// Takes the bytes of one read; gives what is delivered.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Vec<Found> {
        if self.switch.has(Defect::HoldsUntilFourKibibytes) {
            self.held.extend_from_slice(bytes);
            let full = self.held.len() / HOLD_BYTES * HOLD_BYTES;
            let block: Vec<u8> = self.held.drain(..full).collect();
            return self.parse(&block);
        }
        self.parse(bytes)
    }

    fn parse(&mut self, bytes: &[u8]) -> Vec<Found> {
        if self.blocks.has_stopped() {
            return Vec::new();
        }
        self.reads += 1;
        let piece = self.text.read(bytes);
        for line in self.lines.read(&piece.text) {
            self.blocks.line(&line, self.reads);
        }
        if piece.stopped {
            self.blocks.stop("ill-formed UTF-8");
        }
        let found = self.deliver();
        // What a mutant makes of the end of a read comes after what the read itself brought.
        match self.switch.0 {
            Some(Defect::LineCutAtReadEnd) => self.flush_line(),
            Some(Defect::BlockCutAtReadEnd) => {
                self.flush_line();
                self.flush_block();
            }
            _ => return found,
        }
        found.into_iter().chain(self.deliver()).collect()
    }

    /// The body has ended (`eof.discard`); gives what is delivered all the same.
    pub(crate) fn end(&mut self, how: BodyEnd) -> Vec<Found> {
        if self.switch.has(Defect::HoldsUntilFourKibibytes) {
            let rest = std::mem::take(&mut self.held);
            return self.parse(&rest);
        }
        if self.blocks.has_stopped() {
            return Vec::new();
        }
        match (self.switch.0, how) {
            (Some(Defect::EofDispatchesPending), BodyEnd::Clean) => {
                self.flush_line();
                self.flush_block();
            }
            (Some(Defect::EofEndsLine), BodyEnd::Clean) => self.flush_line(),
            (Some(Defect::LossDispatchesPending), BodyEnd::Lost) => self.flush_block(),
            _ => {}
        }
        self.deliver()
    }

    /// Dispatches an unfinished block with data.
    pub(crate) fn dispatch_pending(&mut self) -> Vec<Found> {
        self.flush_block();
        self.deliver()
    }

    fn flush_line(&mut self) {
        if let Some(line) = self.lines.flush() {
            self.blocks.line(&line, self.reads);
        }
    }

    fn flush_block(&mut self) {
        if self.blocks.has_data() {
            self.blocks.blank();
        }
    }

    fn deliver(&mut self) -> Vec<Found> {
        let found = self.blocks.take_found();
        self.delivery.deliver(found, self.blocks.last_event_id())
    }
}

#[cfg(test)]
mod tests;

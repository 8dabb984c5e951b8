//! The third stage, second half: fields make blocks, and blocks make events.

use crate::defect::{Defect, Switch};

use super::field::{self, Said};
use super::line::Line;
use super::retry::{self, Retry};
use super::{Event, Found};

/// One `data` field of the block.
#[derive(Debug, Clone)]
struct DataLine {
    text: String,
    ending: String,
}

/// The block that is being read.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one field was there")]
struct Open {
    data: Vec<DataLine>,
    event_type: String,
    has_type: bool,
    has_id: bool,
    has_retry: bool,
    /// How many lines it has, blank ones not counted.
    lines: usize,
    /// Nothing comes of it.
    spoilt: bool,
    /// The numbers of the first and the last read that ended a line of it.
    reads: Option<(u32, u32)>,
    /// Reconnection times that wait for the event.
    retries: Vec<u64>,
    /// Comments that wait for the blank line.
    comments: Vec<String>,
}

/// Reads the lines of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blocks {
    switch: Switch,
    open: Open,
    id_buffer: String,
    last_event_id: String,
    /// The ids of the blocks that ended; of those that set one.
    ended: Vec<Option<String>>,
    earlier_data: Vec<DataLine>,
    shortest_retry: Option<u64>,
    has_retry: bool,
    stopped: bool,
    found: Vec<Found>,
}

impl Blocks {
    /// Starts a connection with this last event id (`id.fresh-buffer`: carried over).
    pub(super) fn new(switch: Switch, last_event_id: &str) -> Self {
        let fresh = switch.has(Defect::IdBufferFreshOnEachConnection);
        Self {
            switch,
            id_buffer: if fresh { String::new() } else { last_event_id.to_owned() },
            last_event_id: last_event_id.to_owned(),
            ..Self::default()
        }
    }

    /// What the next connection takes over from this one: the shortest time, the block or type.
    pub(super) fn carry_over(&mut self, from: &Self) {
        self.shortest_retry = from.shortest_retry;
        match self.switch.0 {
            Some(Defect::BlockSurvivesReconnection) => {
                self.open = from.open.clone();
                self.id_buffer.clone_from(&from.id_buffer);
            }
            Some(Defect::TypeSurvivesReconnection) => {
                self.open.event_type.clone_from(&from.open.event_type);
            }
            _ => {}
        }
    }

    /// The id for the next request (`id.commit`, `id.sticky`).
    pub(super) fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// For each block that has ended the id that it set.
    pub(super) fn ended(&self) -> &[Option<String>] {
        &self.ended
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn has_data(&self) -> bool {
        !self.open.data.is_empty()
    }

    pub(super) fn take_found(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.found)
    }

    /// Ends the stream for good.
    pub(super) fn stop(&mut self, why: &'static str) {
        if !self.stopped {
            self.stopped = true;
            self.found.push(Found::Fatal(why));
        }
    }

    /// Takes a line that the read of this number has finished.
    pub(super) fn line(&mut self, line: &Line, read: u32) {
        if self.stopped {
            return;
        }
        let first = self.open.reads.map_or(read, |(first, _)| first);
        self.open.reads = Some((first, read));
        if line.text.is_empty() {
            self.blank();
            return;
        }
        self.open.lines += 1;
        match field::read(&line.text, self.has_data(), self.switch) {
            Said::Nothing => {}
            Said::Comment(text) => self.comment(text),
            Said::Field { name, value } => self.field(&name, value, &line.ending),
        }
    }

    fn comment(&mut self, text: String) {
        if self.switch.has(Defect::CommentWaitsForBlankLine) {
            self.open.comments.push(text);
        } else {
            self.found.push(Found::Comment(text));
        }
        match self.switch.0 {
            Some(Defect::CommentDispatches) => self.blank(),
            Some(Defect::CommentResetsBlock) => {
                self.open.data.clear();
                self.open.event_type.clear();
                self.id_buffer.clone_from(&self.last_event_id);
            }
            _ => {}
        }
    }

    fn field(&mut self, name: &str, value: String, ending: &str) {
        let after_data = self.has_data() && name != "data";
        if after_data && self.switch.has(Defect::FieldsAfterDataIgnored) {
            return;
        }
        match name {
            "data" => self.data(value, ending),
            "event" => self.event_type(value),
            "id" => self.id(value),
            "retry" => self.retry(&value),
            _ => match self.switch.0 {
                Some(Defect::UnknownFieldResetsBlock) => {
                    self.open.data.clear();
                    self.open.event_type.clear();
                }
                Some(Defect::UnknownFieldEndsStream) => self.stop("an unknown field"),
                _ => {}
            },
        }
    }

    /// `data.append`.
    fn data(&mut self, text: String, ending: &str) {
        match self.switch.0 {
            Some(Defect::EmptyDataLineSkipped) if text.is_empty() => return,
            Some(Defect::DataLastLineWins) => self.open.data.clear(),
            _ => {}
        }
        self.open.data.push(DataLine { text, ending: ending.to_owned() });
        if self.switch.has(Defect::DataLineIsAnEvent) {
            self.blank();
        }
    }

    /// `event.type`.
    fn event_type(&mut self, value: String) {
        let ignored = match self.switch.0 {
            Some(Defect::TypeIgnored) => true,
            Some(Defect::EmptyValueIgnored) => value.is_empty(),
            Some(Defect::FirstOfAFieldWins) => self.open.has_type,
            _ => false,
        };
        if !ignored {
            self.open.event_type = value;
            self.open.has_type = true;
        }
    }

    /// `id.set`, `id.nul`, `id.empty`.
    fn id(&mut self, value: String) {
        let mut value = value;
        if let Some(nul) = value.find('\0') {
            match self.switch.0 {
                Some(Defect::NulIdAccepted) => {}
                Some(Defect::NulIdCut) => value.truncate(nul),
                Some(Defect::NulIdClears) => value.clear(),
                Some(Defect::NulIdDropsEvent) => {
                    self.open.spoilt = true;
                    return;
                }
                _ => return,
            }
        }
        let ignored = match self.switch.0 {
            Some(Defect::EmptyValueIgnored | Defect::EmptyIdIgnored) => value.is_empty(),
            Some(Defect::FirstOfAFieldWins) => self.open.has_id,
            Some(Defect::IdParsedAsInteger) if !value.is_empty() => match value.parse::<i64>() {
                Ok(number) => {
                    value = number.to_string();
                    false
                }
                Err(_) => true,
            },
            _ => false,
        };
        if ignored {
            return;
        }
        self.id_buffer = value;
        self.open.has_id = true;
        if self.switch.has(Defect::IdCommittedAtItsLine) {
            self.last_event_id.clone_from(&self.id_buffer);
        }
    }

    /// `retry.digits`: it takes effect at its line.
    fn retry(&mut self, value: &str) {
        let milliseconds = match retry::read(value, self.switch) {
            Retry::Milliseconds(milliseconds) => milliseconds,
            Retry::Ignored => return,
            Retry::EndsStream => return self.stop("an unusable `retry`"),
        };
        match self.switch.0 {
            Some(Defect::FirstRetryWins) if self.has_retry => return,
            Some(Defect::RetryNeedsData) if !self.has_data() => return,
            Some(Defect::ShortestRetryWins) => {
                if self.shortest_retry.is_some_and(|shortest| shortest <= milliseconds) {
                    return;
                }
                self.shortest_retry = Some(milliseconds);
            }
            Some(Defect::RetryAtDispatch) => {
                self.open.retries.push(milliseconds);
                return;
            }
            _ => {}
        }
        self.has_retry = true;
        self.open.has_retry = true;
        self.found.push(Found::Retry(milliseconds));
    }

    /// A blank line: the id is committed, and the event dispatched if there is data.
    pub(super) fn blank(&mut self) {
        let mut open = std::mem::take(&mut self.open);
        self.found.extend(std::mem::take(&mut open.comments).into_iter().map(Found::Comment));
        let dataless = open.data.is_empty();
        if dataless && self.switch.has(Defect::DatalessBlockNotCommitted) {
            self.id_buffer.clone_from(&self.last_event_id);
        } else {
            self.last_event_id.clone_from(&self.id_buffer);
        }
        if open.lines > 0 {
            self.ended.push(open.has_id.then(|| self.last_event_id.clone()));
        }
        let keeps_type = match self.switch.0 {
            Some(Defect::TypeSticky) => true,
            Some(Defect::TypeStickyAfterDatalessBlock) => dataless,
            _ => false,
        };
        if keeps_type {
            self.open.event_type.clone_from(&open.event_type);
        }
        let data = self.joined(&mut open);
        if self.dispatches(&open, &data) {
            let event = self.event(&open, data);
            self.found.push(Found::Event(event));
            self.found.extend(open.retries.into_iter().map(Found::Retry));
        }
    }

    /// The lines of data, joined.
    fn joined(&mut self, open: &mut Open) -> String {
        if self.switch.has(Defect::DataNotCleared) && !open.data.is_empty() {
            self.earlier_data.append(&mut open.data);
            open.data.clone_from(&self.earlier_data);
        }
        let mut data = String::new();
        for (index, line) in open.data.iter().enumerate() {
            if index > 0 {
                match (self.switch.0, open.data.get(index - 1)) {
                    (Some(Defect::DataJoinedWithoutNewline), _) => {}
                    (Some(Defect::DataJoinedByWireEnding), Some(before)) => {
                        data.push_str(&before.ending);
                    }
                    _ => data.push('\n'),
                }
            }
            data.push_str(&line.text);
        }
        match self.switch.0 {
            Some(Defect::DataKeepsLastNewline) if !open.data.is_empty() => data.push('\n'),
            Some(Defect::DataLosesAllLastNewlines) => {
                data.truncate(data.trim_end_matches('\n').len());
            }
            _ => {}
        }
        data
    }

    /// `dispatch.blank`.
    fn dispatches(&self, open: &Open, data: &str) -> bool {
        let has_data = !open.data.is_empty();
        let explicit = open.has_type.then_some(open.event_type.as_str());
        match self.switch.0 {
            Some(Defect::BlankLineDispatchesEmpty) => true,
            Some(Defect::DatalessBlockDispatches) => has_data || open.lines > 0,
            Some(Defect::StickyIdDispatches) => has_data || !self.last_event_id.is_empty(),
            Some(Defect::EmptyDataNotDispatched) => has_data && !data.is_empty(),
            Some(Defect::DoneMarkerSwallowed) => has_data && data != "[DONE]",
            Some(Defect::EmptyTypeDropsEvent) => has_data && explicit != Some(""),
            Some(Defect::ReservedTypesSwallowed) => {
                has_data && !explicit.is_some_and(|name| RESERVED.contains(&name))
            }
            Some(Defect::NulIdDropsEvent) => has_data && !open.spoilt,
            Some(Defect::RetryDropsEvent) => has_data && !open.has_retry,
            _ => has_data,
        }
    }

    fn event(&self, open: &Open, data: String) -> Event {
        let kind = match open.event_type.as_str() {
            "" => "message".to_owned(),
            name if self.switch.has(Defect::TypeLowercased) => name.to_lowercase(),
            name => name.to_owned(),
        };
        let without_id = self.switch.has(Defect::IdNotSticky) && !open.has_id;
        Event {
            kind,
            data,
            id: if without_id { String::new() } else { self.last_event_id.clone() },
            has_own_id: open.has_id,
            is_split: open.reads.is_some_and(|(first, last)| first != last),
        }
    }
}

/// Types that some clients keep for themselves.
const RESERVED: [&str; 8] =
    ["message", "error", "open", "close", "ping", "__proto__", "constructor", "hasOwnProperty"];

//! The ids that the stream has set, and what a request says of them
//! (`reconnect.last-event-id`, `request.first-no-id`).

use crate::defect::{Defect, Switch};

/// Remembers the ids of a stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    switch: Switch,
    /// What the user gave.
    preset: Option<String>,
    /// The last event id.
    current: String,
    /// For each connection and block the id that the block set.
    blocks: Vec<Vec<Option<String>>>,
}

impl Ids {
    pub(super) fn new(preset: Option<String>, switch: Switch) -> Self {
        let preset = preset.filter(|_| !switch.has(Defect::PresetIdIgnored));
        Self { switch, current: preset.clone().unwrap_or_default(), preset, blocks: Vec::new() }
    }

    /// The last event id.
    pub(super) fn current(&self) -> &str {
        &self.current
    }

    /// An attempt got no response.
    pub(super) fn attempt_failed(&mut self) {
        if self.switch.has(Defect::IdLostOnAFailedAttempt) {
            self.current.clear();
        }
    }

    /// A connection has ended, with this last event id and these ids of its blocks.
    pub(super) fn connection_ended(&mut self, last_event_id: &str, blocks: &[Option<String>]) {
        last_event_id.clone_into(&mut self.current);
        if blocks.is_empty() && self.switch.has(Defect::IdLostOnASilentConnection) {
            self.current.clear();
        }
        self.blocks.push(blocks.to_vec());
    }

    /// Whether the last event id is nothing that a header could hold as it is.
    pub(super) fn is_unsendable(&self) -> bool {
        self.current.chars().any(char::is_control) || self.current.trim() != self.current
    }

    /// The values of the `Last-Event-ID` headers of an attempt, from 0: one or none.
    pub(super) fn headers(&self, attempt: u32) -> Vec<Vec<u8>> {
        let all = || self.blocks.iter().flatten().flatten();
        let one = |id: Option<&String>| id.cloned().into_iter().collect::<Vec<_>>();
        let mut ids = match self.switch.0 {
            Some(Defect::LastEventIdNotSent) if attempt > 0 => Vec::new(),
            Some(Defect::LastEventIdOnFirstReconnectionOnly) if attempt > 1 => Vec::new(),
            Some(Defect::FirstIdOfTheConnectionSent) => {
                let mut firsts = self.blocks.iter().filter_map(|ids| ids.iter().flatten().next());
                one(firsts.next_back().or(self.preset.as_ref()))
            }
            Some(Defect::FirstIdEverSent) => one(self.preset.as_ref().or(all().next())),
            Some(Defect::GreatestIdSent) => {
                let number = |id: &&String| (id.parse::<u64>().ok(), (*id).clone());
                one(all().max_by_key(number).or(self.preset.as_ref()))
            }
            Some(Defect::LastEventIdOfTheLastBlock) => {
                match self.blocks.iter().flatten().next_back() {
                    Some(id) => one(id.as_ref()),
                    None => vec![self.current.clone()],
                }
            }
            Some(Defect::LastEventIdsPileUp) => {
                let lasts = self.blocks.iter().filter_map(|ids| ids.iter().flatten().next_back());
                self.preset.iter().chain(lasts).cloned().collect()
            }
            Some(Defect::EmptyIdBringsBackThePrevious) if self.current.is_empty() => {
                one(all().rfind(|id| !id.is_empty()))
            }
            Some(Defect::PresetIdOnFirstRequestOnly) if attempt > 0 && all().next().is_none() => {
                Vec::new()
            }
            Some(Defect::PresetIdSentForEver) if self.preset.is_some() => one(self.preset.as_ref()),
            _ => vec![self.current.clone()],
        };
        let empty_too = match self.switch.0 {
            Some(Defect::FirstRequestSendsEmptyId) => attempt == 0,
            Some(Defect::EmptyIdSentAsEmptyHeader) => attempt > 0 && all().next().is_some(),
            _ => false,
        };
        ids.retain(|id| !id.is_empty() || empty_too);
        ids.iter().filter_map(|id| self.encode(id)).collect()
    }

    /// An id as the bytes of a header value: raw UTF-8, and nothing that no header can hold.
    fn encode(&self, id: &str) -> Option<Vec<u8>> {
        if id.chars().any(|char| char.is_ascii_control() && char != '\t') {
            return None;
        }
        let low = |char: char| char.to_string().into_bytes();
        Some(match self.switch.0 {
            Some(Defect::IdBeyondAsciiNotSent) if !id.is_ascii() => return None,
            Some(Defect::LastEventIdAsLatin1) => {
                id.chars().map(|char| u8::try_from(char).unwrap_or(b'?')).collect()
            }
            Some(Defect::LastEventIdAsLowBytes) => id
                .chars()
                .filter_map(|char| u32::from(char).to_le_bytes().first().copied())
                .collect(),
            Some(Defect::LastEventIdPercentEncoded) => id
                .chars()
                .flat_map(|char| match char {
                    '-' | '.' | '_' | '~' => low(char),
                    char if char.is_ascii_alphanumeric() => low(char),
                    char => {
                        low(char).iter().flat_map(|b| format!("%{b:02X}").into_bytes()).collect()
                    }
                })
                .collect(),
            Some(Defect::LastEventIdCutAt255) => id.bytes().take(255).collect(),
            _ => id.as_bytes().to_vec(),
        })
    }
}

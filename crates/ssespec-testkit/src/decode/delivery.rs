//! The last stage: what was found in a read is delivered (`dispatch.order`, `dispatch.prompt`).

use crate::defect::{Defect, Switch};

use super::{Event, Found};

/// Hands on what each read has brought.
#[derive(Debug, Clone, Default)]
pub(super) struct Delivery {
    switch: Switch,
    delivered: Option<Event>,
    held: Option<Event>,
}

impl Delivery {
    pub(super) fn new(switch: Switch) -> Self {
        Self { switch, ..Self::default() }
    }

    /// What of the finds of one read is delivered now. `last_event_id` is the one at its end.
    pub(super) fn deliver(&mut self, found: Vec<Found>, last_event_id: &str) -> Vec<Found> {
        let mut out = Vec::new();
        let mut events = 0;
        for found in found {
            let Found::Event(mut event) = found else {
                out.push(found);
                continue;
            };
            match self.switch.0 {
                Some(Defect::OneEventPerRead) if events == 1 => continue,
                Some(Defect::QueueOverflows) if events == 256 => continue,
                Some(Defect::DuplicatesDropped) if self.is_duplicate(&event) => continue,
                Some(Defect::WaitsForTheNextEvent) => {
                    out.extend(self.held.replace(event).map(Found::Event));
                    continue;
                }
                Some(Defect::IdReadWhenTheChunkIsDone) => last_event_id.clone_into(&mut event.id),
                Some(Defect::EventDeliveredTwiceWhenSplit) if event.is_split => {
                    out.push(Found::Event(event.clone()));
                }
                _ => {}
            }
            events += 1;
            self.delivered = Some(event.clone());
            out.push(Found::Event(event));
        }
        if self.switch.has(Defect::EventsOfAReadReversed) {
            out.reverse();
        }
        out
    }

    fn is_duplicate(&self, event: &Event) -> bool {
        self.delivered.as_ref().is_some_and(|before| {
            let same = before.kind == event.kind && before.data == event.data;
            same || event.has_own_id && !event.id.is_empty() && before.id == event.id
        })
    }
}

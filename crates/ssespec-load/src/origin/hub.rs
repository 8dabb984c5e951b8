//! Topics of the built-in server: who listens, and what was published.

use std::collections::BTreeMap;

/// All topics, by name.
#[derive(Debug, Default)]
pub(crate) struct Hub(BTreeMap<String, Topic>);

#[derive(Debug, Default)]
struct Topic {
    /// The id of the last message.
    last_id: u64,
    /// Places of connections, and their turns there.
    listeners: Vec<(usize, u32)>,
}

impl Hub {
    /// Someone listens from now on.
    pub(crate) fn listen(&mut self, topic: String, index: usize, turn: u32) {
        self.0.entry(topic).or_default().listeners.push((index, turn));
    }

    /// A message: the event, and who is to have it. Those who have left, of whom
    /// `is_there` says so, are forgotten.
    pub(crate) fn publish(
        &mut self,
        topic: String,
        message: &str,
        is_there: impl Fn(usize, u32) -> bool,
    ) -> (Vec<u8>, Vec<usize>) {
        let topic = self.0.entry(topic).or_default();
        topic.last_id += 1;
        let mut event = format!("id: {}\n", topic.last_id);
        for line in message.split(['\r', '\n']) {
            event.push_str(&format!("data: {line}\n"));
        }
        event.push('\n');
        topic.listeners.retain(|(index, turn)| is_there(*index, *turn));
        let listeners = topic.listeners.iter().map(|(index, _)| *index).collect();
        (event.into_bytes(), listeners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_to_those_who_listen() {
        let mut hub = Hub::default();
        hub.listen("a".to_owned(), 1, 0);
        hub.listen("a".to_owned(), 2, 7);
        hub.listen("b".to_owned(), 3, 0);
        let (event, listeners) = hub.publish("a".to_owned(), "x\ny", |index, _| index != 1);
        assert_eq!(event, b"id: 1\ndata: x\ndata: y\n\n");
        assert_eq!(listeners, [2]);
        let (event, listeners) = hub.publish("a".to_owned(), "", |_, turn| turn == 7);
        assert_eq!(event, b"id: 2\ndata: \n\n");
        assert_eq!(listeners, [2]);
    }
}

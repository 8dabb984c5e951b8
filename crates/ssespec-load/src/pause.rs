//! A ramp that stands still for a while, because the user wants it to.

/// How long a ramp has stood still.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    /// Of pauses that are over.
    past_ns: u64,
    since_ns: Option<u64>,
}

impl Pause {
    /// How long in all by now, where it stands still, or does not, from now on.
    pub(crate) fn held_ns(&mut self, paused: bool, now_ns: u64) -> u64 {
        let current_ns = self.since_ns.map_or(0, |since_ns| now_ns.saturating_sub(since_ns));
        if paused {
            self.since_ns.get_or_insert(now_ns);
        } else if self.since_ns.take().is_some() {
            self.past_ns += current_ns;
            return self.past_ns;
        }
        self.past_ns + current_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_add_up() {
        let mut pause = Pause::default();
        let steps = [(false, 5, 0), (true, 10, 0), (true, 15, 5), (false, 20, 10), (false, 30, 10)];
        for (paused, now, held) in steps.into_iter().chain([(true, 40, 10), (false, 47, 17)]) {
            assert_eq!(pause.held_ns(paused, now), held, "{now}");
        }
    }
}

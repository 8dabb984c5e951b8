//! What a stream is to send, and when: a pure function of its schedule.

/// A chunk of HTTP/1.1 that holds so many bytes has had its size written in so many digits.
const SIZE_DIGITS: usize = 8;

/// When events are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// A batch each so many nanoseconds.
    Every(u64),
    /// A batch each time that it is asked for.
    Step,
    /// Never.
    Never,
}

/// What is wrong with a stream, on demand. 0 stands for never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flaws {
    /// One event in so many is not sent.
    pub loses: u64,
    /// One event in so many is sent twice.
    pub repeats: u64,
    /// One event in so many changes places with the next; at least 2.
    pub reorders: u64,
}

/// What an event looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// An id, and as data when it was due.
    #[default]
    Plain,
    /// A piece of an answer, as model servers send it; after the last one `[DONE]`.
    Talk,
}

/// A plan of emission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// When.
    pub pace: Pace,
    /// Events in a batch, all due at once.
    pub batch: u64,
    /// Bytes of an event.
    pub size_bytes: usize,
    /// The id of the first event.
    pub first_id: u64,
    /// How many events there are.
    pub count: u64,
    /// What is wrong.
    pub flaws: Flaws,
    /// What an event looks like.
    pub form: Form,
}

impl Schedule {
    /// The place in the plan of the first batch that is due at this instant or later.
    pub(crate) fn place_at(&self, since_ns: u64) -> u64 {
        match self.pace {
            Pace::Every(interval_ns) => since_ns.div_ceil(interval_ns.max(1)) * self.batch,
            Pace::Step | Pace::Never => 0,
        }
    }
}

/// A stream under way: how far it has come in its plan.
#[derive(Debug, Clone)]
pub struct Feed {
    schedule: Schedule,
    start_ns: u64,
    /// The place in the plan, from 0, of the next event.
    next: u64,
    /// Places that a step has released.
    released: u64,
    /// Whether what is due is framed as a chunk of HTTP/1.1.
    chunked: bool,
}

impl Feed {
    /// A stream that began at this instant.
    pub fn new(schedule: Schedule, start_ns: u64) -> Self {
        Self { schedule, start_ns, next: 0, released: 0, chunked: true }
    }

    /// The same stream after the event with this id: what follows is due from now on.
    pub(crate) fn resume(schedule: Schedule, last_id: u64, now_ns: u64) -> Self {
        let next = last_id.saturating_add(1).saturating_sub(schedule.first_id);
        let mut feed = Self { next, ..Self::new(schedule, 0) };
        feed.start_ns = now_ns.saturating_sub(feed.due_ns().unwrap_or(0));
        feed
    }

    /// A stream that joins a plan which began at this instant.
    ///
    /// After the event with this id, where there is one: what was due meanwhile is sent at once.
    pub(crate) fn join(
        schedule: Schedule,
        epoch_ns: u64,
        last_id: Option<u64>,
        now_ns: u64,
    ) -> Self {
        let live = schedule.place_at(now_ns.saturating_sub(epoch_ns));
        let after = |id: u64| id.saturating_add(1).saturating_sub(schedule.first_id);
        let next = last_id.map_or(live, |id| live.min(after(id)));
        Self { next, ..Self::new(schedule, epoch_ns) }
    }

    /// The same without the framing of HTTP/1.1.
    pub(crate) fn without_chunks(self) -> Self {
        Self { chunked: false, ..self }
    }

    /// When the next event is due; `None` where time alone will bring none.
    pub fn due_ns(&self) -> Option<u64> {
        let Pace::Every(interval_ns) = self.schedule.pace else {
            return None;
        };
        let batches = self.next / self.schedule.batch.max(1);
        (!self.is_over()).then(|| self.start_ns.saturating_add(batches.saturating_mul(interval_ns)))
    }

    /// Whether all has been sent.
    pub fn is_over(&self) -> bool {
        self.next >= self.schedule.count
    }

    /// Whether something is due at this instant.
    pub(crate) fn is_due(&self, now_ns: u64) -> bool {
        match self.schedule.pace {
            Pace::Step => self.released > 0 && !self.is_over(),
            _ => self.due_ns().is_some_and(|due_ns| due_ns <= now_ns),
        }
    }

    /// Whether it waits for steps.
    pub(crate) fn is_stepped(&self) -> bool {
        self.schedule.pace == Pace::Step
    }

    /// Lets it have one more batch.
    pub(crate) fn release(&mut self) {
        self.released += self.schedule.batch;
    }

    /// Adds what is due by this instant to `out`, as one chunk where there are such, and tells of each event how late it
    /// is. Stops where `out` is longer than `limit`; what is left is still due then.
    pub fn fill(
        &mut self,
        now_ns: u64,
        limit: usize,
        out: &mut Vec<u8>,
        mut on_event: impl FnMut(u64),
    ) {
        let (chunk, began) = (out.len(), self.next);
        if self.chunked {
            out.extend_from_slice(b"00000000\r\n");
        }
        let content = out.len();
        while out.len() < limit {
            let due_ns = match self.schedule.pace {
                Pace::Step if self.released > 0 && !self.is_over() => {
                    self.released -= 1;
                    now_ns
                }
                _ => match self.due_ns() {
                    Some(due_ns) if due_ns <= now_ns => due_ns,
                    _ => break,
                },
            };
            self.next += 1;
            for _ in 0..self.times() {
                match self.schedule.form {
                    Form::Plain => push_event(out, self.id(), due_ns, self.schedule.size_bytes),
                    Form::Talk if self.is_over() => out.extend_from_slice(b"data: [DONE]\n\n"),
                    Form::Talk => push_token(out, self.id(), due_ns),
                }
                on_event(now_ns - due_ns);
            }
        }
        let len = out.len() - content;
        if len == 0 {
            out.truncate(chunk);
        } else if self.chunked {
            let size = out.get_mut(chunk..chunk + SIZE_DIGITS).unwrap_or_default();
            for (place, digit) in size.iter_mut().rev().enumerate() {
                *digit = b"0123456789abcdef".get(len >> (4 * place) & 15).copied().unwrap_or(b'0');
            }
            out.extend_from_slice(b"\r\n");
        }
        // Also where the last event of all is one that is lost.
        if self.chunked && self.is_over() && self.next > began {
            out.extend_from_slice(b"0\r\n\r\n");
        }
    }

    /// How often the event at the place before `next` is sent.
    fn times(&self) -> u64 {
        let Flaws { loses, repeats, .. } = self.schedule.flaws;
        let hit = |one_in: u64| one_in != 0 && self.next.is_multiple_of(one_in);
        if hit(loses) { 0 } else { 1 + u64::from(hit(repeats)) }
    }

    #[cfg(test)]
    fn id_at_next(&self) -> u64 {
        self.schedule.first_id + self.next
    }

    /// The id of the event at the place before `next`.
    fn id(&self) -> u64 {
        let reorders = self.schedule.flaws.reorders;
        let place = if reorders < 2 {
            self.next
        } else if self.next.is_multiple_of(reorders) {
            self.next + 1
        } else if self.next > 1 && (self.next - 1).is_multiple_of(reorders) {
            self.next - 1
        } else {
            self.next
        };
        self.schedule.first_id + place - 1
    }
}

fn push_event(out: &mut Vec<u8>, id: u64, due_ns: u64, size_bytes: usize) {
    let start = out.len();
    out.extend_from_slice(b"id: ");
    push_decimal(out, id);
    out.extend_from_slice(b"\ndata: @");
    push_decimal(out, due_ns);
    let len = out.len() - start + 2;
    if len < size_bytes {
        out.push(b' ');
        out.resize(start + size_bytes - 2, b'.');
    }
    out.extend_from_slice(b"\n\n");
}

fn push_token(out: &mut Vec<u8>, id: u64, due_ns: u64) {
    out.extend_from_slice(b"data: {\"due_ns\":");
    push_decimal(out, due_ns);
    out.extend_from_slice(b",\"seq\":");
    push_decimal(out, id);
    let rest = b",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n";
    out.extend_from_slice(rest);
}

/// What `write!` does, at a fraction of its cost.
fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b"0123456789".get((number % 10) as usize).copied().unwrap_or(b'0');
        start = place;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Schedule = Schedule {
        pace: Pace::Every(1000),
        batch: 1,
        size_bytes: 0,
        first_id: 1,
        count: u64::MAX,
        flaws: Flaws { loses: 0, repeats: 0, reorders: 0 },
        form: Form::Plain,
    };

    fn ids(schedule: Schedule, now_ns: u64) -> Vec<u64> {
        let mut out = Vec::new();
        Feed::new(schedule, 0).fill(now_ns, usize::MAX, &mut out, |_| {});
        let text = String::from_utf8(out).unwrap();
        text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect()
    }

    #[test]
    fn what_is_due_is_sent_with_the_instant_at_which_it_was() {
        let mut feed = Feed::new(PLAIN, 500);
        let mut out = Vec::new();
        let mut late = Vec::new();
        feed.fill(1700, usize::MAX, &mut out, |late_ns| late.push(late_ns));
        let events = "id: 1\ndata: @500\n\nid: 2\ndata: @1500\n\n";
        let wire = format!("{:08x}\r\n{events}\r\n", events.len());
        assert_eq!(String::from_utf8(out).unwrap(), wire);
        assert_eq!(late, [1200, 200]);
        assert_eq!(feed.due_ns(), Some(2500));
    }

    #[test]
    fn frames_need_no_chunks() {
        let mut feed = Feed::new(Schedule { count: 1, ..PLAIN }, 0).without_chunks();
        let mut out = Vec::new();
        feed.fill(0, usize::MAX, &mut out, |_| {});
        assert_eq!(out, b"id: 1\ndata: @0\n\n");
    }

    #[test]
    fn nothing_is_written_where_nothing_is_due() {
        let mut out = Vec::new();
        Feed::new(PLAIN, 10).fill(9, usize::MAX, &mut out, |_| {});
        assert!(out.is_empty());
    }

    #[test]
    fn events_have_their_size_and_streams_their_end() {
        let mut feed = Feed::new(Schedule { size_bytes: 100, count: 2, ..PLAIN }, 0);
        let mut out = Vec::new();
        feed.fill(0, usize::MAX, &mut out, |_| {});
        assert_eq!(out.len(), 100 + 12);
        out.clear();
        feed.fill(1000, usize::MAX, &mut out, |_| {});
        assert!(out.ends_with(b"\n\n\r\n0\r\n\r\n"));
        assert_eq!(feed.due_ns(), None);
    }

    #[test]
    fn a_stream_ends_also_where_its_last_event_is_lost() {
        let flaws = Flaws { loses: 2, ..Flaws::default() };
        let mut feed = Feed::new(Schedule { count: 2, flaws, ..PLAIN }, 0);
        let mut out = Vec::new();
        feed.fill(0, usize::MAX, &mut out, |_| {});
        out.clear();
        feed.fill(1000, usize::MAX, &mut out, |_| {});
        assert_eq!(out, b"0\r\n\r\n");
    }

    #[test]
    fn batches_are_due_at_once() {
        assert_eq!(ids(Schedule { batch: 3, ..PLAIN }, 1999), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_limit_leaves_the_rest_due() {
        let mut feed = Feed::new(PLAIN, 0);
        let mut out = Vec::new();
        feed.fill(1_000_000, 1000, &mut out, |_| {});
        assert!((1000..1100).contains(&out.len()));
        assert!(feed.due_ns().is_some_and(|due_ns| due_ns < 1_000_000));
    }

    #[test]
    fn flaws_are_what_they_say() {
        let with = |flaws| ids(Schedule { flaws, ..PLAIN }, 6000);
        assert_eq!(with(Flaws { loses: 3, ..Flaws::default() }), [1, 2, 4, 5, 7]);
        assert_eq!(with(Flaws { repeats: 5, ..Flaws::default() }), [1, 2, 3, 4, 5, 5, 6, 7]);
        assert_eq!(with(Flaws { reorders: 3, ..Flaws::default() }), [1, 2, 4, 3, 5, 7, 6]);
    }

    #[test]
    fn steps_release_batches() {
        let mut feed = Feed::new(Schedule { pace: Pace::Step, batch: 2, ..PLAIN }, 0);
        let mut events = 0;
        feed.fill(5000, usize::MAX, &mut Vec::new(), |_| events += 1);
        assert_eq!(events, 0);
        feed.release();
        feed.fill(5000, usize::MAX, &mut Vec::new(), |_| events += 1);
        assert_eq!(events, 2);
    }

    #[test]
    fn who_joins_late_gets_what_comes_next() {
        let feed = Feed::join(Schedule { batch: 2, ..PLAIN }, 100, None, 1600);
        assert_eq!(feed.due_ns(), Some(2100));
        assert_eq!(feed.next, 4);
    }

    #[test]
    fn who_comes_back_gets_what_was_missed() {
        let joined = Feed::join(PLAIN, 100, Some(1), 3600);
        assert_eq!((joined.next, joined.due_ns()), (1, Some(1100)));
        let resumed = Feed::resume(PLAIN, 7, 50_000);
        assert_eq!((resumed.id_at_next(), resumed.due_ns()), (8, Some(50_000)));
    }

    #[test]
    fn numbers_are_decimal() {
        for number in [0, 7, 10, 1_234_567_890, u64::MAX] {
            let mut out = Vec::new();
            push_decimal(&mut out, number);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }
}

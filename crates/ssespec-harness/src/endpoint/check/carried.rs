//! What a library made of the values that it was given (`server.encode`, `server.no-injection`).

use ssespec_parser::encode::normalize;
use ssespec_scenario::{EmitEvent, EmitStep, escape};

use super::super::exchange::{End, Trouble};
use super::super::reading::{Reading, Seen};
use super::super::verdict::Finding;
use super::Scene;

/// How much of the body a message shows, in bytes.
const SHOWN_BYTES: usize = 300;

/// `server.encode`, `server.no-injection`, `server.flush`
pub(super) fn carried(scene: &Scene<'_>) -> Finding {
    let given = Given::of(scene.steps, scene.json_data);
    let mut kept = Finding::Moot("nothing was asked".to_owned(), "");
    for seen in scene.seen {
        kept = given.look(seen);
        if !matches!(kept, Finding::Kept(_)) {
            return kept;
        }
    }
    kept
}

/// What the application gave.
struct Given {
    /// Whether data comes back as JSON.
    json_data: bool,
    events: Vec<GivenEvent>,
    comments: Vec<String>,
    /// Whether a comment has several lines, which it may lose or keep.
    broken_comment: bool,
    retries: Vec<u64>,
}

struct GivenEvent {
    /// `None` where the type is unlawful: anything may come of it that opens no field.
    event_type: Option<String>,
    data: String,
    /// `None` where no id was given, or an unlawful one: libraries may have ids of their own.
    id: Option<String>,
    unlawful: Option<&'static str>,
}

impl Given {
    fn of(steps: &[EmitStep], json_data: bool) -> Self {
        let mut given = Self {
            json_data,
            events: Vec::new(),
            comments: Vec::new(),
            broken_comment: false,
            retries: Vec::new(),
        };
        for step in steps {
            match step {
                EmitStep::Event(event) => given.take(event),
                EmitStep::Repeat { count, event } => (0..*count).for_each(|_| given.take(event)),
                EmitStep::Comment(text) if text.0.contains(['\r', '\n']) => {
                    given.broken_comment = true;
                }
                EmitStep::Comment(text) => given.comments.push(text.0.clone()),
                _ => {}
            }
        }
        given
    }

    fn take(&mut self, event: &EmitEvent) {
        self.retries.extend(event.retry);
        let Some(data) = event.data_text() else { return };
        let unlawful = event.unlawful();
        let given = event.event_type.as_ref().map_or("", |it| it.0.as_str());
        let event_type = if given.is_empty() { "message" } else { given };
        let id = event.id.as_ref().map(|it| it.0.clone());
        self.events.push(GivenEvent {
            event_type: (unlawful != Some("type")).then(|| event_type.to_owned()),
            data: if self.json_data {
                serde_json::Value::String(data).to_string()
            } else {
                normalize(&data).into_owned()
            },
            id: id.filter(|_| unlawful != Some("id")),
            unlawful,
        });
    }

    /// Whether something was given that no stream can carry as it is.
    fn unlawful(&self) -> Option<&'static str> {
        let field = self.events.iter().find_map(|event| event.unlawful);
        field.or(self.broken_comment.then_some("comment"))
    }

    fn look(&self, seen: &Seen) -> Finding {
        let answer = match &seen.exchange.answer {
            Ok(answer) => answer,
            Err(trouble) if self.unlawful().is_some() && matches!(trouble, Trouble::Dropped(_)) => {
                return Finding::Kept(format!("refused: {}", trouble.shown()));
            }
            Err(trouble @ Trouble::Silent(_)) => {
                let help = "answer with the stream, or refuse by status 400";
                return Finding::late("answer", trouble.shown(), help);
            }
            Err(trouble) => {
                return Finding::broke("answer", trouble.shown(), "see the adapter's log");
            }
        };
        if !answer.is_stream() {
            let said: Vec<u8> = answer.pieces.iter().flat_map(|it| &it.bytes).copied().collect();
            let said = escape(said.get(..SHOWN_BYTES.min(said.len())).unwrap_or_default());
            return match (self.unlawful(), answer.head.status) {
                (Some(field), 400..) => Finding::Kept(format!(
                    "the {field} is refused by status {}: {said}",
                    answer.head.status
                )),
                (None, 400..) => Finding::broke(
                    "refused",
                    format!("status {}: {said}", answer.head.status),
                    "a stream can carry these values: let them through",
                ),
                _ => Finding::Blocked(format!("this is no event stream: {}", seen.shown())),
            };
        }
        if let Some(failure) = &seen.reading.failure {
            return Finding::broke("body", failure.clone(), "see what the library writes");
        }
        self.compare(&seen.reading, &answer.end)
    }

    fn compare(&self, reading: &Reading, end: &End) -> Finding {
        let shown = || {
            let body = reading.body.get(..SHOWN_BYTES.min(reading.body.len()));
            escape(body.unwrap_or_default())
        };
        let all: Vec<&GivenEvent> = self.events.iter().collect();
        let Some(field) = self.unlawful() else {
            return match difference(&all, reading).or_else(|| self.beside_events(reading)) {
                None => Finding::Kept(format!("{} events came back as given", all.len())),
                // What has not come may still come, unless the end came before it.
                Some(Difference { missing: true, words }) if *end == End::Left => Finding::late(
                    "missing",
                    format!("{words}; the body: `{}`", shown()),
                    "send each event when the application sends it: flush after each",
                ),
                Some(Difference { words, .. }) => Finding::broke(
                    "changed",
                    format!("{words}; the body: `{}`", shown()),
                    "encode each line of the data as a `data` line of its own, and keep what a \
                     stream can carry",
                ),
            };
        };
        let lawful: Vec<&GivenEvent> =
            self.events.iter().filter(|it| it.unlawful.is_none()).collect();
        if difference(&lawful, reading).is_none() {
            if field == "comment" {
                return Finding::Kept("the comment opens nothing".to_owned());
            }
            return Finding::Kept(format!("the event with that {field} is left out"));
        }
        match difference(&all, reading) {
            // Clients ignore such an id, and resume from an older one.
            None if reading.violations.iter().any(|it| it.rule == "id.nul") => Finding::broke(
                "raw",
                format!("the id was sent with its NUL; the body: `{}`", shown()),
                "refuse an id with NUL: clients pass over it",
            ),
            None if field == "retry" && !self.has_foreign_retry(reading) => {
                Finding::Kept("the event comes without that retry".to_owned())
            }
            None => Finding::Altered(
                format!("the {field} was changed without a word; the body: `{}`", shown()),
                "refuse what cannot be carried: whoever gave it learns of it then",
            ),
            Some(Difference { missing: true, words }) if *end == End::Left => Finding::late(
                "missing",
                format!("{words}; the body: `{}`", shown()),
                "leave the value out and go on, or end the stream",
            ),
            Some(Difference { missing: true, .. }) => {
                Finding::Kept(format!("the stream ends where that {field} was given"))
            }
            Some(Difference { words, .. }) => Finding::broke(
                "injected",
                format!("the {field} opened a line of its own: {words}; the body: `{}`", shown()),
                "refuse CR and LF in types and ids, and NUL in ids; begin each line of a comment \
                 with a colon",
            ),
        }
    }

    /// Whether the stream has a reconnection time, right or wrong.
    fn has_foreign_retry(&self, reading: &Reading) -> bool {
        reading.retries.iter().any(|it| !self.retries.contains(it))
            || reading.violations.iter().any(|it| it.rule.starts_with("retry"))
    }

    /// What of comments and reconnection times has not come.
    fn beside_events(&self, reading: &Reading) -> Option<Difference> {
        let one_space_less = |text: &str| text.strip_prefix(' ').unwrap_or(text).to_owned();
        let mut came = reading.comments.iter().map(|it| one_space_less(it));
        for comment in self.comments.iter().map(|it| one_space_less(it)) {
            if !came.any(|it| it == comment) {
                return Some(Difference {
                    missing: true,
                    words: format!("the comment `{}` did not come", escape(comment.as_bytes())),
                });
            }
        }
        let mut came = reading.retries.iter();
        let lost = self.retries.iter().find(|given| !came.any(|it| it == *given))?;
        Some(Difference { missing: true, words: format!("`retry: {lost}` did not come") })
    }
}

/// The first difference between what was given and what came.
struct Difference {
    /// Whether all that came is right, and something is missing.
    missing: bool,
    words: String,
}

fn difference(given: &[&GivenEvent], reading: &Reading) -> Option<Difference> {
    let wrong = |words: String| Some(Difference { missing: false, words });
    for (n, came) in reading.events.iter().enumerate() {
        let number = n + 1;
        let Some(event) = given.get(n) else {
            let data = shorten(&came.event.data);
            return wrong(format!("an event more than was given: `{data}`"));
        };
        if event.data != came.event.data && !same_json(&event.data, &came.event.data) {
            return wrong(format!(
                "event {number}: `{}` came as data, `{}` was given",
                shorten(&came.event.data),
                shorten(&event.data)
            ));
        }
        if event.event_type.as_ref().is_some_and(|it| *it != came.event.event_type) {
            return wrong(format!(
                "event {number}: `{}` came as type, `{}` was given",
                shorten(&came.event.event_type),
                shorten(event.event_type.as_deref().unwrap_or_default())
            ));
        }
        if event.id.as_ref().is_some_and(|it| *it != came.event.last_event_id) {
            return wrong(format!(
                "event {number}: `{}` came as id, `{}` was given",
                shorten(&came.event.last_event_id),
                shorten(event.id.as_deref().unwrap_or_default())
            ));
        }
    }
    let missing = given.get(reading.events.len())?;
    Some(Difference {
        missing: true,
        words: format!(
            "{} of {} events came; the next is `{}`",
            reading.events.len(),
            given.len(),
            shorten(&missing.data)
        ),
    })
}

/// Whether both are the same string in JSON, which may be escaped in several ways.
fn same_json(given: &str, came: &str) -> bool {
    let text = |json: &str| serde_json::from_str::<String>(json).ok();
    text(given).is_some_and(|given| text(came) == Some(given))
}

fn shorten(text: &str) -> String {
    const SHOWN_CHARS: usize = 80;
    let start: String = text.chars().take(SHOWN_CHARS).collect();
    let more = if start.len() < text.len() {
        format!("…` ({} bytes) `", text.len())
    } else {
        String::new()
    };
    format!("{}{more}", escape(start.as_bytes()))
}

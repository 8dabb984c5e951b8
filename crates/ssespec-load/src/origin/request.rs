//! What a client asks the built-in server for.

use httparse::{EMPTY_HEADER, Status};

use super::feed::{Flaws, Form, Pace, Schedule};
use crate::duration;
use crate::template::{STREAM_VARIABLES, Template, Values};

/// A request head longer than this is refused.
pub(crate) const LONGEST_HEAD_BYTES: usize = 16 * 1024;
/// A message longer than this is refused.
const LONGEST_MESSAGE_BYTES: usize = 1 << 20;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A schedule, and the last event id of one who comes back.
    Stream(Schedule, Option<u64>),
    Broadcast(Schedule, Option<u64>),
    /// An answer, whose first token is due after so many nanoseconds.
    Talk(Schedule, u64),
    /// What is published on this topic.
    Listen(String),
    /// A message for this topic.
    Publish(String, String),
    /// A control connection for steps.
    Step,
    /// Nothing that there is; what is said about it.
    Nothing(String),
}

/// Reads a request; `None` while its end has not come.
pub(crate) fn read(bytes: &[u8]) -> Option<Asked> {
    let mut headers = [EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(bytes) {
        Ok(Status::Complete(head)) => head,
        Ok(Status::Partial) if bytes.len() <= LONGEST_HEAD_BYTES => return None,
        Ok(Status::Partial) => return Some(Asked::Nothing("the request is too long".to_owned())),
        Err(error) => return Some(Asked::Nothing(format!("the request is malformed: {error}"))),
    };
    let path = request.path.unwrap_or_default();
    let is_talk = path.split('?').next() == Some("/load/llm");
    match request.method {
        Some("GET") => {}
        Some("POST") if is_talk => {}
        Some("POST") if path.split('?').next() == Some("/load/broadcast") => {
            let length = request.headers.iter().find_map(|header| {
                let named = header.name.eq_ignore_ascii_case("content-length");
                std::str::from_utf8(header.value).ok().filter(|_| named)?.trim().parse().ok()
            });
            return message(path, bytes.get(head..).unwrap_or_default(), length.unwrap_or(0));
        }
        _ => return Some(Asked::Nothing("only GET is served here".to_owned())),
    }
    let last_id = request.headers.iter().find_map(|header| {
        let named = header.name.eq_ignore_ascii_case("last-event-id");
        std::str::from_utf8(header.value).ok().filter(|_| named)?.trim().parse().ok()
    });
    Some(route(path, last_id))
}

/// What is asked for in HTTP/2, by a request whose body does not matter.
pub(crate) fn of_head(method: &str, target: &str, last_id: Option<u64>) -> Asked {
    let is_talk = target.split('?').next() == Some("/load/llm");
    if method != "GET" && !(is_talk && method == "POST") {
        return Asked::Nothing("messages are taken over HTTP/1.1".to_owned());
    }
    match route(target, last_id) {
        Asked::Step => Asked::Nothing("steps are taken over HTTP/1.1".to_owned()),
        asked => asked,
    }
}

/// Whether there is such a stream.
///
/// # Errors
/// Says what is wrong with the path or a parameter.
pub fn check_target(target: &str) -> Result<(), String> {
    let template = Template::parse(target, STREAM_VARIABLES).map_err(|error| error.message)?;
    let target = &template.render(Values::default());
    match route(target, None) {
        Asked::Stream(..) | Asked::Broadcast(..) | Asked::Talk(..) | Asked::Listen(_) => Ok(()),
        Asked::Step | Asked::Publish(..) => Err("it is no stream".to_owned()),
        Asked::Nothing(why) => Err(why),
    }
}

/// A message; `None` while its end has not come.
fn message(target: &str, body: &[u8], length: usize) -> Option<Asked> {
    if length > LONGEST_MESSAGE_BYTES {
        return Some(Asked::Nothing("the message is too long".to_owned()));
    }
    let body = body.get(..length)?;
    let topic = topic(target.split_once('?').map_or("", |(_, query)| query));
    Some(match std::str::from_utf8(body) {
        Ok(body) => Asked::Publish(topic.to_owned(), body.to_owned()),
        Err(_) => Asked::Nothing("the message is not UTF-8".to_owned()),
    })
}

/// The topic that a query names; without one there is a topic without a name.
fn topic(query: &str) -> &str {
    query.split('&').find_map(|pair| pair.strip_prefix("topic=")).unwrap_or("")
}

/// A stream of one schedule for all, or of a topic.
fn broadcast(query: &str, last_id: Option<u64>) -> Result<Asked, String> {
    let named = |pair: &&str| !pair.starts_with("topic=");
    let others: Vec<&str> = query.split('&').filter(named).collect();
    let schedule = schedule(&others.join("&"))?;
    Ok(match schedule.pace {
        Pace::Never => Asked::Listen(topic(query).to_owned()),
        _ => Asked::Broadcast(schedule, last_id),
    })
}

fn route(target: &str, last_id: Option<u64>) -> Asked {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let asked = match path {
        "/load/stream" => schedule(query).map(|schedule| Asked::Stream(schedule, last_id)),
        "/load/broadcast" => broadcast(query, last_id),
        "/load/llm" => answer(query),
        "/load/step" => Ok(Asked::Step),
        _ => Err("there are /load/stream, /load/broadcast and /load/llm here".to_owned()),
    };
    asked.unwrap_or_else(Asked::Nothing)
}

/// Reads the parameters of a stream.
fn schedule(query: &str) -> Result<Schedule, String> {
    let mut rate = 1.0;
    let mut stepped = false;
    let mut schedule = Schedule {
        pace: Pace::Never,
        batch: 1,
        size_bytes: 100,
        first_id: 1,
        count: u64::MAX,
        flaws: Flaws::default(),
        form: Form::Plain,
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let wrong = || format!("`{name}` cannot be `{value}`");
        let number = || value.parse::<u64>().map_err(|_| wrong());
        match name {
            "rate" => rate = value.parse().map_err(|_| wrong())?,
            "size" => schedule.size_bytes = size(value).ok_or_else(wrong)?,
            "batch" => schedule.batch = number()?.clamp(1, 10_000),
            "seq" => schedule.first_id = number()?,
            "count" => schedule.count = number()?.max(1),
            "loses" => schedule.flaws.loses = number()?,
            "repeats" => schedule.flaws.repeats = number()?,
            "reorders" => schedule.flaws.reorders = number()?,
            "pace" if value == "step" => stepped = true,
            "pace" => return Err(wrong()),
            _ => return Err(format!("there is no parameter `{name}`")),
        }
    }
    schedule.pace = if stepped { Pace::Step } else { pace(rate, schedule.batch)? };
    Ok(schedule)
}

/// Reads the parameters of an answer.
fn answer(query: &str) -> Result<Asked, String> {
    let mut schedule = Schedule {
        pace: Pace::Every(20_000_000),
        batch: 1,
        size_bytes: 0,
        first_id: 1,
        count: 101,
        flaws: Flaws::default(),
        form: Form::Talk,
    };
    let mut ttft_ns = 200_000_000;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let wrong = || format!("`{name}` cannot be `{value}`");
        let number = || value.parse::<u64>().map_err(|_| wrong());
        let time = || duration::parse(value).map(duration::nanoseconds).map_err(|_| wrong());
        match name {
            // `[DONE]` comes with the last one.
            "tokens" => schedule.count = number()?.saturating_add(1),
            "itl" => schedule.pace = Pace::Every(time()?.max(1)),
            "ttft" => ttft_ns = time()?,
            "loses" => schedule.flaws.loses = number()?,
            "repeats" => schedule.flaws.repeats = number()?,
            "reorders" => schedule.flaws.reorders = number()?,
            _ => return Err(format!("there is no parameter `{name}`")),
        }
    }
    Ok(Asked::Talk(schedule, ttft_ns))
}

fn size(value: &str) -> Option<usize> {
    value.parse().ok().filter(|size| *size <= 1 << 20)
}

/// The time from batch to batch.
fn pace(rate: f64, batch: u64) -> Result<Pace, String> {
    if rate == 0.0 {
        return Ok(Pace::Never);
    }
    let interval_s = batch as f64 / rate;
    match std::time::Duration::try_from_secs_f64(interval_s) {
        Ok(interval) => {
            Ok(Pace::Every(u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX).max(1)))
        }
        Err(_) => Err(format!("`rate` cannot be `{rate}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(target: &str) -> Asked {
        read(format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes()).unwrap()
    }

    #[test]
    fn parameters_make_a_schedule() {
        let Asked::Stream(plain, None) = asked("/load/stream") else { panic!() };
        assert_eq!((plain.pace, plain.size_bytes), (Pace::Every(1_000_000_000), 100));
        let Asked::Broadcast(full, _) =
            asked("/load/broadcast?rate=16&batch=16&size=9&seq=7&loses=3")
        else {
            panic!()
        };
        assert_eq!(full.pace, Pace::Every(1_000_000_000));
        assert_eq!((full.batch, full.first_id, full.flaws.loses), (16, 7, 3));
        let Asked::Stream(silent, _) = asked("/load/stream?rate=0") else { panic!() };
        assert_eq!(silent.pace, Pace::Never);
    }

    #[test]
    fn answers_have_parameters_of_their_own() {
        let Asked::Talk(talk, ttft_ns) = asked("/load/llm?tokens=3&itl=5ms&ttft=0s") else {
            panic!()
        };
        assert_eq!((talk.count, talk.pace, ttft_ns), (4, Pace::Every(5_000_000), 0));
        assert!(matches!(asked("/load/llm?rate=1"), Asked::Nothing(_)));
        let post = read(b"POST /load/llm HTTP/1.1\r\ncontent-length: 2\r\n\r\n");
        assert!(matches!(post, Some(Asked::Talk(..))));
    }

    #[test]
    fn what_there_is_not_is_said() {
        let wrong = ["/", "/load/stream?rate=x", "/load/stream?rate=-1", "/load/stream?speed=1"];
        for target in wrong.into_iter().chain(["/load/stream?size=99999999"]) {
            assert!(matches!(asked(target), Asked::Nothing(_)), "{target}");
        }
        assert_eq!(read(b"GET / HTTP/1.1\r\n"), None);
        let post = read(b"POST /load/stream HTTP/1.1\r\n\r\n");
        assert!(matches!(post, Some(Asked::Nothing(_))));
    }
}

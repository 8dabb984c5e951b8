//! What a library does beside the values that it carries.

use std::time::Duration;

use super::super::exchange::{End, Trouble};
use super::super::reading::Seen;
use super::super::verdict::Finding;
use super::Scene;

/// `server.heartbeat`
pub(super) fn kept_alive(scene: &Scene<'_>) -> Finding {
    let seen = scene.first();
    let Some(answer) = seen.stream() else {
        return Finding::Blocked(format!("this is no event stream: {}", seen.shown()));
    };
    if answer.pieces.is_empty() {
        return Finding::late(
            "silent",
            "nothing came on the silent stream, though the heartbeat was on".to_owned(),
            "send a comment each time that the interval has passed without an event",
        );
    }
    if let Some(event) = seen.reading.events.first() {
        let data = ssespec_scenario::escape(event.event.data.as_bytes());
        return Finding::broke(
            "event",
            format!("the heartbeat is an event, which the page gets to see: `{data}`"),
            "send a comment (`:` and a blank line): clients ignore it",
        );
    }
    Finding::Kept(format!("`{}`", ssespec_scenario::escape(&seen.reading.body)))
}

/// `server.failure`
pub(super) fn fails_openly(scene: &Scene<'_>) -> Finding {
    let help = "let a handler that fails before its first event be answered by an error status";
    match &scene.first().exchange.answer {
        Ok(answer) if answer.head.status >= 400 => Finding::Kept(answer.shown()),
        Ok(answer) => Finding::broke("status", answer.shown(), help),
        Err(Trouble::Dropped(why)) => Finding::Saw(format!("the connection was dropped: {why}")),
        Err(trouble) => Finding::late("answer", trouble.shown(), help),
    }
}

/// `server.failure`; `next` is a plain request after it.
pub(in super::super) fn recovers(failed: &Seen, next: &Seen) -> Finding {
    let Some(answer) = failed.answer() else {
        return Finding::broke("answer", failed.shown(), "let the stream begin before it fails");
    };
    if answer.end == End::Left {
        return Finding::late(
            "open",
            "the handler failed, and its stream stays open".to_owned(),
            "end the response when its handler fails: the client connects again then",
        );
    }
    if next.stream().is_none() {
        return Finding::late(
            "down",
            format!("after a handler failed, the next stream got: {}", next.shown()),
            "let a handler that fails end its own stream alone",
        );
    }
    let how = if answer.end == End::Whole { "ended" } else { "broke off" };
    Finding::Kept(format!("the stream {how}, and the next one was served"))
}

/// `server.disconnect`
pub(in super::super) fn released(told: bool, limit: Duration) -> Finding {
    if told {
        return Finding::Kept("the application was told".to_owned());
    }
    Finding::late(
        "held",
        format!(
            "the application was not told within {} s that the client had left",
            limit.as_secs()
        ),
        "watch the connection while nothing is sent, and tell the application when it ends",
    )
}

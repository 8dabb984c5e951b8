//! How streams end: what the origin broke off must not look complete.

use super::super::exchange::{Answer, End, Exchange, Trouble};
use super::super::verdict::Finding;
use super::attempt::Passed;

/// How a response ended, as the end of a sentence.
pub(super) fn ended(end: &End) -> String {
    match end {
        End::Left => "the response was still open when we left".to_owned(),
        End::Whole => "the response ended as if it were complete".to_owned(),
        End::Cut(how) => format!("the response broke off ({how})"),
        End::Malformed(what) => format!("its framing is broken ({what})"),
        End::TooLarge => "it was longer than what is kept".to_owned(),
    }
}

/// `proxy.close-up`: a response that broke off is seen to have broken off.
pub(super) fn shows(exchange: &Exchange) -> Finding {
    match &exchange.answer {
        Err(trouble) => Finding::Kept(trouble.shown()),
        Ok(answer) if answer.head.status >= 500 => {
            Finding::Kept(format!("{} in place of the response", answer.shown()))
        }
        Ok(answer) => match &answer.end {
            // That it goes on in silence is the matter of a case of its own.
            End::Cut(_) | End::Malformed(_) | End::Left => Finding::Kept(ended(&answer.end)),
            End::Whole | End::TooLarge => completed(answer),
        },
    }
}

/// `proxy.cut-told`: the client is told that the origin has broken off.
pub(super) fn told(exchange: &Exchange) -> Finding {
    match &exchange.answer {
        Err(Trouble::Silent(limit)) => untold(limit.as_millis()),
        Err(trouble) => Finding::Kept(trouble.shown()),
        Ok(answer) if answer.was_open() => {
            untold(answer.end_at.saturating_sub(answer.head_at).as_millis())
        }
        Ok(answer) => Finding::Kept(ended(&answer.end)),
    }
}

fn untold(ms: u128) -> Finding {
    Finding::late(
        "open",
        format!("the origin has broken off, and the client was not told within {ms} ms"),
        "break the response off when the origin's breaks off",
    )
}

fn completed(answer: &Answer) -> Finding {
    let how = if answer.lists("transfer-encoding", "chunked") {
        "by a last chunk that the origin never sent"
    } else if answer.head.version == "2" {
        "by END_STREAM"
    } else if answer.head.header("content-length").next().is_some() {
        "at the length that the proxy announced"
    } else {
        "by the end of the connection, which delimits it"
    };
    Finding::broke(
        "completed",
        format!("the origin broke off, and the response ended as if it were complete, {how}"),
        "leave the last chunk out and close the connection; over HTTP/2 reset the stream",
    )
}

/// `proxy.gateway-error`: the client is told that the origin gave no answer.
pub(super) fn gateway_error(exchange: &Exchange) -> Finding {
    let help = "answer by 502 where the origin gives no valid response";
    match &exchange.answer {
        Ok(answer) if matches!(answer.head.status, 502..=504) => Finding::Kept(answer.shown()),
        Ok(answer) => Finding::broke(
            "status",
            format!("the origin gave no answer, and the client got {}", answer.shown()),
            help,
        ),
        Err(Trouble::Silent(limit)) => Finding::late(
            "open",
            format!(
                "the origin has dropped the request, and the client was not told within {} ms",
                limit.as_millis()
            ),
            help,
        ),
        Err(trouble) => Finding::broke(
            "dropped",
            format!("the origin gave no answer, and neither did the proxy: {}", trouble.shown()),
            help,
        ),
    }
}

/// `proxy.close-up`: nothing but the first response comes.
pub(super) fn not_spliced(exchange: &Exchange, passed: &Passed) -> Finding {
    let Ok(answer) = &exchange.answer else {
        return Finding::Kept("no response at all".to_owned());
    };
    let (first, second, got) = (passed.sent(1), passed.sent(2), answer.bytes());
    let times = passed.requests().count();
    if first.starts_with(&got) {
        return Finding::Kept(format!(
            "{} of {} bytes of the first response; {}; the origin was asked {times} times",
            got.len(),
            first.len(),
            ended(&answer.end)
        ));
    }
    // A retry before anything was forwarded is a response of its own.
    if second.starts_with(&got) {
        return Finding::Kept("only the second response, from a request sent again".to_owned());
    }
    Finding::broke(
        "spliced",
        format!(
            "behind what had come of the first response something else follows: `{}`",
            ssespec_scenario::escape(got.get(..got.len().min(80)).unwrap_or_default())
        ),
        "break the response off when the origin's breaks off; the client will ask again",
    )
}

/// `proxy.idle`: the stream is there after a silence.
pub(super) fn outlasts(exchange: &Exchange, passed: &Passed) -> Finding {
    let silence = passed.silence.as_millis();
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(trouble) => return super::check::no_answer(trouble),
    };
    let (sent, got) = (passed.sent(1), answer.bytes());
    // What the origin could not send any more counts as well.
    let dropped =
        || format!("the stream was dropped within {silence} ms of silence: {}", ended(&answer.end));
    let help = "raise the time-out for reading from the origin; send comments more often than that";
    match &answer.end {
        End::Whole if got == sent && passed.is_whole() => {
            Finding::Kept(format!("it outlasted {silence} ms"))
        }
        End::Left => Finding::late(
            "late",
            format!("the stream did not go on after {silence} ms of silence"),
            help,
        ),
        _ => Finding::broke("dropped", dropped(), help),
    }
}

/// `proxy.close-up`: a stream that is dropped for its silence is seen to be dropped.
pub(super) fn idle_cut_shows(exchange: &Exchange, passed: &Passed) -> Finding {
    let Ok(answer) = &exchange.answer else {
        return Finding::Kept("no response at all".to_owned());
    };
    let is_complete = passed.is_whole() && answer.bytes() == passed.sent(1);
    match &answer.end {
        End::Whole if is_complete => Finding::Kept(format!(
            "it was not dropped within {} ms; `--idle TIME` waits for longer",
            passed.silence.as_millis()
        )),
        End::Whole if answer.head.status == 200 => completed(answer),
        end => Finding::Kept(ended(end)),
    }
}

impl Passed {
    /// Whether the origin came to the clean end of its first response.
    fn is_whole(&self) -> bool {
        let end = |entry: &ssespec_mock::Entry| {
            entry.connection == 1 && entry.what == ssespec_mock::Happening::End
        };
        self.journal.iter().any(end)
    }
}

//! Whether the bytes are those that the origin sent, and when they come.

use ssespec_report::Spot;

use super::super::exchange::{Answer, End};
use super::super::reading::Reading;
use super::super::verdict::{Breach, Finding};
use super::attempt::Passed;
use super::cut::ended;

/// `proxy.bytes`, `proxy.framing`: the same bytes, and a clean end.
pub(super) fn same_bytes(answer: &Answer, passed: &Passed) -> Finding {
    let plain = match answer.plain() {
        Ok(plain) => plain,
        Err(error) => {
            return Finding::broke("coding", error, "leave the content coding as it is");
        }
    };
    let sent = passed.sent(1);
    if let Some(finding) = differ(&sent, &plain) {
        return finding;
    }
    if plain.len() < sent.len() {
        let help = "forward all that comes from the origin";
        return Finding::at(
            spot(&plain, plain.len(), "the rest is missing here"),
            short(&sent, &plain, &answer.end),
            help,
        );
    }
    match &answer.end {
        End::Whole => Finding::Kept(format!("{} bytes, as they were sent", sent.len())),
        End::Left => Finding::late(
            "end",
            "the origin has ended the response, and the client is not told".to_owned(),
            "end the response when the origin's ends",
        ),
        end => Finding::broke(
            "end",
            format!("the origin ended the response cleanly, and {}", ended(end)),
            "end the response as the origin did: by its last chunk, or by a length",
        ),
    }
}

/// `proxy.bytes`: the same, and no content coding.
pub(super) fn unchanged(answer: &Answer, passed: &Passed) -> Finding {
    let codings = answer.header("content-encoding");
    if codings.is_empty() {
        return same_bytes(answer, passed);
    }
    Finding::broke(
        "coding",
        format!(
            "the response has `Content-Encoding: {}`, and the origin sent it without, under \
             `Cache-Control: no-transform`",
            codings.join(", ")
        ),
        "leave responses under `no-transform` alone",
    )
}

/// `proxy.flush`: all that was sent, while the origin keeps the stream open.
pub(super) fn prompt(answer: &Answer, passed: &Passed) -> Finding {
    if passed.was_not_asked_for_coding() {
        let why = "the proxy takes the client's `Accept-Encoding` away, so nothing is coded";
        return Finding::Moot(why.to_owned(), "");
    }
    let sent = passed.sent(1);
    let plain = match answer.plain() {
        Ok(plain) => plain,
        Err(error) => return Finding::broke("coding", error, "leave the coding as it is"),
    };
    if plain.starts_with(&sent) {
        let last = answer.pieces.last().map_or(answer.head_at, |piece| piece.at);
        return Finding::Kept(format!(
            "all {} bytes came, the last of them {} ms after the head",
            sent.len(),
            last.saturating_sub(answer.head_at).as_millis()
        ));
    }
    if let Some(finding) = differ(&sent, &plain) {
        return finding;
    }
    let message = if answer.was_open() {
        format!(
            "{} of the {} bytes that the origin sent came while it was silent",
            plain.len(),
            sent.len()
        )
    } else {
        short(&sent, &plain, &answer.end)
    };
    Finding::late(
        "late",
        message,
        "switch buffering and compression off for event streams: docs/test-proxy.md has what that \
         is called in each proxy",
    )
}

/// `proxy.drain`: all that was sent before the origin broke off.
pub(super) fn drained(answer: &Answer, passed: &Passed) -> Finding {
    let (sent, got) = (passed.sent(1), answer.bytes());
    if got.len() >= sent.len() {
        return Finding::Kept(format!("all {} bytes came", sent.len()));
    }
    Finding::broke(
        "lost",
        short(&sent, &got, &answer.end),
        "forward what has been read before the break is passed on",
    )
}

fn short(sent: &[u8], got: &[u8], end: &End) -> String {
    format!("the origin sent {} bytes; {} came, and {}", sent.len(), got.len(), ended(end))
}

/// The first byte that is not what was sent, if one is.
fn differ(sent: &[u8], got: &[u8]) -> Option<Finding> {
    let at = sent.iter().zip(got).position(|(sent, got)| sent != got);
    let at = at.or_else(|| (got.len() > sent.len()).then_some(sent.len()))?;
    let shown = |bytes: &[u8]| {
        let from = bytes.get(at..).unwrap_or_default();
        match from.get(..from.len().min(24)) {
            Some([]) | None => "its end".to_owned(),
            Some(bytes) => format!("`{}`", ssespec_scenario::escape(bytes)),
        }
    };
    Some(Finding::Broke(Breach {
        kind: "bytes",
        message: format!(
            "byte {at} of the body is not what the origin sent: {} in place of {}",
            shown(got),
            shown(sent)
        ),
        help: "pass the content on as bytes, without reading or writing it as text",
        spot: Some(spot(got, at, "first differs here")),
        timed: false,
    }))
}

fn spot(body: &[u8], at: usize, note: &str) -> Spot {
    let reading = Reading { body: body.to_vec(), ..Reading::default() };
    reading.spot("the body at the client", at as u64, note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_found() {
        assert!(differ(b"abc", b"abc").is_none());
        assert!(differ(b"abc", b"ab").is_none());
        for (got, place) in [(&b"aXc"[..], "byte 1"), (b"abcd", "byte 3")] {
            let Some(Finding::Broke(breach)) = differ(b"abc", got) else { panic!("{got:?}") };
            assert!(breach.message.starts_with(place), "{}", breach.message);
        }
    }
}

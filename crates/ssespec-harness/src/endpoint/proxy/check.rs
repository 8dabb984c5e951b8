//! What a case compares, as a pure function over what happened at the two ends.

use std::time::Duration;

use ssespec_mock::Happening;
use ssespec_net::Request;
use ssespec_scenario::{Case, Passage, PassageCheck};

use super::super::exchange::{Answer, Exchange, Trouble};
use super::super::reading::content_encoding;
use super::super::verdict::Finding;
use super::attempt::Passed;
use super::{body, cut, message, sharing};
use crate::builtin::Codings;

/// Looks at a passage.
pub(super) fn look(case: &Case, passage: &Passage, passed: &Passed) -> Finding {
    use PassageCheck as Check;
    let check = &passage.check;
    if let Some(finding) = unasked(check, passed) {
        return finding;
    }
    match check {
        Check::LetGo {} => return sharing::let_go(passed),
        Check::BackPressure {} => return sharing::back_pressure(case, passed),
        Check::AskedOnce {} => return sharing::asked_once(passed),
        Check::OwnStream {} => return sharing::own_stream(passed),
        Check::StopsUp(names) => return message::stops_up(names, passed),
        Check::CarriedUp(names) => return message::carried_up(names, passed),
        _ => {}
    }
    let Some(exchange) = passed.exchanges.first() else {
        return Finding::Moot("nothing was asked".to_owned(), "");
    };
    match check {
        Check::CutShows {} => return cut::shows(exchange),
        Check::CutTold {} => return cut::told(exchange),
        Check::GatewayError {} => return cut::gateway_error(exchange),
        Check::NotSpliced {} => return cut::not_spliced(exchange, passed),
        Check::Outlasts {} => return cut::outlasts(exchange, passed),
        Check::IdleCutShows {} => return cut::idle_cut_shows(exchange, passed),
        _ => {}
    }
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(trouble) => return no_answer(trouble),
    };
    match check {
        Check::SameHead(names) => return message::same_head(names, answer, passed),
        _ if answer.head.status != 200 => return replaced(answer),
        _ => {}
    }
    match check {
        Check::SameBytes {} => body::same_bytes(answer, passed),
        Check::Unchanged {} => body::unchanged(answer, passed),
        Check::Prompt {} => body::prompt(answer, passed),
        Check::HeadPrompt {} => {
            Finding::Kept(format!("the head came {} ms after the request", waited(exchange)))
        }
        Check::Drained {} => body::drained(answer, passed),
        Check::OneCoding {} => message::one_coding(answer),
        Check::NotChunked {} => message::not_chunked(answer, passed),
        Check::StopsDown(names) => message::stops_down(names, answer),
        Check::Trailers {} => message::trailers(answer),
        _ => Finding::Moot("it was not looked at".to_owned(), ""),
    }
}

/// What to say where the request did not come to the origin, so that there is nothing to compare.
fn unasked(check: &PassageCheck, passed: &Passed) -> Option<Finding> {
    if passed.requests().next().is_some() {
        return None;
    }
    let answer = passed.exchanges.first().map(|exchange| &exchange.answer);
    let (how, silent) = match answer {
        Some(Ok(answer)) => (format!("the proxy answers by {} itself", answer.shown()), false),
        Some(Err(trouble)) => (trouble.shown(), matches!(trouble, Trouble::Silent(_))),
        None => (String::new(), false),
    };
    let message = format!("the request does not come to the origin: {how}");
    let help = "look into the proxy's log";
    Some(match check {
        _ if silent => Finding::late("unasked", message, help),
        _ => Finding::broke("unasked", message, help),
    })
}

/// There is no answer at all.
pub(super) fn no_answer(trouble: &Trouble) -> Finding {
    let help = "forward the head of the response when it comes";
    match trouble {
        Trouble::Silent(limit) => Finding::late(
            "head",
            format!(
                "the origin answered, and no head came to the client within {} ms",
                limit.as_millis()
            ),
            help,
        ),
        Trouble::NotHttp(_) => Finding::broke("head", trouble.shown(), "mend the head"),
        _ => Finding::broke("head", format!("the origin answered; {}", trouble.shown()), help),
    }
}

/// The proxy answers by another status than the origin.
pub(super) fn replaced(answer: &Answer) -> Finding {
    Finding::broke(
        "status",
        format!("the origin answered by status 200, and the client got {}", answer.shown()),
        "look into the proxy's log for what it holds against the response",
    )
}

/// The time from the request to the head, in milliseconds.
fn waited(exchange: &Exchange) -> u128 {
    let head_at = exchange.answer.as_ref().map(|answer| answer.head_at).unwrap_or_default();
    head_at.saturating_sub(exchange.sent_at).as_millis()
}

impl Passed {
    /// The requests that came to the origin, with their numbers.
    pub(super) fn requests(&self) -> impl Iterator<Item = (u32, &Request)> {
        self.journal.iter().filter_map(|entry| match &entry.what {
            Happening::Request { request, .. } => Some((entry.connection, request)),
            _ => None,
        })
    }

    /// The body that the origin sent on a connection, before any coding.
    pub(super) fn sent(&self, connection: u32) -> Vec<u8> {
        let own = || self.journal.iter().filter(|entry| entry.connection == connection);
        let coded = own().any(|entry| matches!(entry.what, Happening::Encoded { .. }));
        let mut sent = Vec::new();
        for entry in own() {
            match &entry.what {
                Happening::Encoded { plain, .. } => sent.extend_from_slice(plain),
                Happening::Chunk { bytes, .. } if !coded => sent.extend_from_slice(bytes),
                _ => {}
            }
        }
        sent
    }

    /// Whether the origin codes the body where it is asked to, and was not.
    pub(super) fn was_not_asked_for_coding(&self) -> bool {
        self.journal.iter().any(|entry| matches!(entry.what, Happening::NotAskedFor(_)))
    }

    /// When something happened at the origin, from the start of the run.
    pub(super) fn at(&self, at: Duration) -> Duration {
        self.journal_began + at
    }
}

impl Answer {
    /// The body as it came.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| piece.bytes.iter().copied()).collect()
    }

    /// The body without its content coding, as far as it decodes.
    pub(super) fn plain(&self) -> Result<Vec<u8>, String> {
        let mut codings = Codings::of(&content_encoding(self))?;
        let mut plain = Vec::new();
        for piece in &self.pieces {
            let part = codings.undo(&piece.bytes);
            plain.extend(part.map_err(|error| format!("the body does not decode: {error}"))?);
        }
        Ok(plain)
    }
}

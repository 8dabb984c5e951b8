//! Which request of the origin's answers which client, and when it is let go of.

use ssespec_mock::Happening;
use ssespec_scenario::{Case, Step};

use super::super::exchange::Exchange;
use super::super::verdict::Finding;
use super::attempt::Passed;

/// `proxy.close-down`: the origin is let go of when the client has left.
pub(super) fn let_go(passed: &Passed) -> Finding {
    let left = passed.journal.iter().find_map(|entry| match entry.what {
        Happening::Left { how } => Some((passed.at(entry.at), how)),
        _ => None,
    });
    let gone = passed.exchanges.first().and_then(|exchange| match &exchange.answer {
        Ok(answer) => Some(answer.end_at),
        Err(_) => None,
    });
    match left {
        Some((at, how)) => {
            let later = gone.map_or(0, |gone| at.saturating_sub(gone).as_millis());
            Finding::Kept(format!("the origin saw the proxy leave by {how}, {later} ms later"))
        }
        None => Finding::late(
            "held",
            format!(
                "the origin's connection is still open {} s after the client has left",
                passed.watched.as_secs()
            ),
            "watch the client's connection while the origin is silent, and close the origin's",
        ),
    }
}

/// `proxy.no-retry`: one request at the origin.
pub(super) fn asked_once(passed: &Passed) -> Finding {
    let requests: Vec<_> = passed.requests().collect();
    match requests.as_slice() {
        [(_, request), _, ..] => Finding::broke(
            "again",
            format!("the origin got the {} {} times", request.method, requests.len()),
            "leave it to the client to send it again",
        ),
        _ => Finding::Kept("it was sent once".to_owned()),
    }
}

/// `proxy.no-store`: each client has a response of its own.
pub(super) fn own_stream(passed: &Passed) -> Finding {
    let help = "give each request under `no-store` a response of its own from the origin";
    let bodies: Vec<Vec<u8>> = passed.exchanges.iter().map(body).collect();
    let sent: Vec<Vec<u8>> = (1..=2).map(|number| passed.sent(number)).collect();
    let times = passed.requests().count();
    if times < passed.exchanges.len() {
        let message = format!(
            "two clients asked, and the origin was asked {times} time: the second one got {}",
            shown(passed.exchanges.get(1))
        );
        // Whoever waits for another's response to end may yet ask.
        return match passed.exchanges.get(1).map(|it| it.answer.is_ok()) {
            Some(true) => Finding::broke("shared", message, help),
            _ => Finding::late("shared", message, help),
        };
    }
    let own = |body: &Vec<u8>| {
        let fits = |sent: &Vec<u8>| !body.is_empty() && sent.starts_with(body);
        sent.iter().position(fits)
    };
    let owners: Vec<Option<usize>> = bodies.iter().map(own).collect();
    match owners.as_slice() {
        [Some(first), Some(second)] if first != second => {
            Finding::Kept("each got a response of its own".to_owned())
        }
        [Some(_), Some(_)] => {
            Finding::broke("shared", "both clients got the same response".to_owned(), help)
        }
        _ => Finding::late(
            "shared",
            format!(
                "the clients got {} and {}",
                shown(passed.exchanges.first()),
                shown(passed.exchanges.get(1))
            ),
            help,
        ),
    }
}

fn body(exchange: &Exchange) -> Vec<u8> {
    exchange.answer.as_ref().map(super::super::exchange::Answer::bytes).unwrap_or_default()
}

fn shown(exchange: Option<&Exchange>) -> String {
    match exchange.map(|it| &it.answer) {
        Some(Ok(answer)) if answer.head.status != 200 => answer.shown(),
        Some(Ok(answer)) => {
            let body = answer.bytes();
            let body = ssespec_scenario::escape(body.get(..80).unwrap_or(&body));
            format!("`{body}`")
        }
        Some(Err(trouble)) => format!("no answer ({})", trouble.shown()),
        None => "nothing".to_owned(),
    }
}

/// `proxy.slow-client`: how much was taken from the origin for a client that read nothing.
pub(super) fn back_pressure(case: &Case, passed: &Passed) -> Finding {
    const MEBIBYTE: u64 = 1 << 20;
    let steps = case.connection.first().map(|it| it.steps.as_slice()).unwrap_or_default();
    let lengths = steps.iter().filter_map(|step| match step {
        Step::Send(chunk) => Some(chunk.to_bytes().len() as u64),
        _ => None,
    });
    let total: u64 = lengths.sum();
    // A chunk is noted when the one before it has been taken.
    let begun = passed.journal.iter().filter_map(|entry| match &entry.what {
        Happening::Chunk { bytes, .. } => Some(bytes.len() as u64),
        _ => None,
    });
    let begun: Vec<u64> = begun.collect();
    let all: u64 = begun.iter().sum();
    let taken = all - begun.last().copied().unwrap_or_default();
    Finding::Saw(if all >= total {
        format!(
            "at least {} of {} MiB were taken from the origin, and held for a client that reads nothing",
            taken / MEBIBYTE,
            total / MEBIBYTE
        )
    } else {
        format!(
            "the origin was held back after {} to {} of {} MiB",
            taken / MEBIBYTE,
            all / MEBIBYTE,
            total / MEBIBYTE
        )
    })
}

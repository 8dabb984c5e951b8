//! Streams compared with each other: resumed ones with the plain one, and several at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::exchange::{End, Trouble};
use super::super::reading::{Seen, SeenEvent};
use super::super::verdict::Finding;
use super::stream::no_ids;
use super::{MORE_EVENTS, Scene, no_events};

/// Streams that bring nothing for this long, beside one that brings much, are held up.
const HELD_UP: Duration = Duration::from_millis(1200);

/// The events before and after the id that was sent, and those of the resumed stream.
struct Resumed<'s> {
    /// Up to and with the id.
    before: Vec<&'s SeenEvent>,
    after: Vec<&'s SeenEvent>,
    again: Vec<&'s SeenEvent>,
}

fn resumed<'s>(scene: &Scene<'s>) -> Result<Resumed<'s>, Box<Finding>> {
    let Some(id) = scene.own_id else {
        return Err(Box::new(match scene.plain.identified().count() {
            0 => no_ids(scene),
            _ => Finding::Moot("no id with an event after it was seen".to_owned(), MORE_EVENTS),
        }));
    };
    let seen = scene.first();
    if seen.stream().is_none() {
        return Err(Box::new(match &seen.exchange.answer {
            Ok(answer) if answer.head.status == 204 => {
                Finding::Saw("status 204: the server has nothing more for this client".to_owned())
            }
            _ => Finding::Moot(format!("no stream: {}", seen.shown()), ""),
        }));
    }
    let all: Vec<_> = scene.plain.identified().collect();
    let at = all.iter().position(|it| it.event.last_event_id == id).unwrap_or_default();
    let (before, after) = all.split_at((at + 1).min(all.len()));
    let resumed: Vec<_> = seen.identified().collect();
    if resumed.is_empty() {
        return Err(Box::new(Finding::Moot(
            "no event with an id came on the resumed stream".to_owned(),
            MORE_EVENTS,
        )));
    }
    Ok(Resumed { before: before.to_vec(), after: after.to_vec(), again: resumed })
}

fn id(seen: &SeenEvent) -> &str {
    &seen.event.last_event_id
}

fn shown(seen: &SeenEvent) -> String {
    format!("`{}`", ssespec_scenario::escape(id(seen).as_bytes()))
}

/// `server.resume`
pub(super) fn loses_nothing(scene: &Scene<'_>) -> Finding {
    let Resumed { before, after, again: resumed } = match resumed(scene) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let got: BTreeSet<&str> = resumed.iter().map(|it| id(it)).collect();
    let known: BTreeSet<&str> = before.iter().chain(&after).map(|it| id(it)).collect();
    // What had not come when we left is not lost: only what later events have overtaken.
    let overtaken = if resumed.iter().any(|it| !known.contains(id(it))) {
        after.len()
    } else {
        after.iter().rposition(|it| got.contains(id(it))).map_or(0, |last| last + 1)
    };
    let missing: Vec<_> = after.iter().take(overtaken).filter(|it| !got.contains(id(it))).collect();
    if let Some(first) = missing.first() {
        return Finding::broke(
            "missing",
            format!(
                "{} of the {} events after the id did not come again, {} first; the resumed \
                 stream began with {}",
                missing.len(),
                after.len(),
                shown(first),
                resumed.first().map(|it| shown(it)).unwrap_or_default()
            ),
            "keep the latest events, and send those after `Last-Event-ID` before the new ones",
        );
    }
    if overtaken == 0 {
        return Finding::Moot(
            "the resumed stream brought none of the events after the id, nor later ones".to_owned(),
            MORE_EVENTS,
        );
    }
    Finding::Kept(format!("{overtaken} events after the id came again"))
}

/// `server.resume`
pub(super) fn repeats_nothing(scene: &Scene<'_>) -> Finding {
    let Resumed { before, again: resumed, .. } = match resumed(scene) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let old: BTreeMap<&str, &SeenEvent> = before.iter().map(|it| (id(it), *it)).collect();
    for again in &resumed {
        match old.get(id(again)) {
            Some(first) if first.event == again.event => {
                return Finding::broke(
                    "extra",
                    format!("the event {} came again, which the client has", shown(again)),
                    "begin after `Last-Event-ID`, not at it",
                );
            }
            Some(_) => {
                return Finding::Moot("ids mean something else on each stream".to_owned(), "");
            }
            None => {}
        }
    }
    Finding::Kept(format!("{} events, none of them up to the id", resumed.len()))
}

/// `server.resume`
pub(super) fn keeps_order(scene: &Scene<'_>) -> Finding {
    let Resumed { after, again: resumed, .. } = match resumed(scene) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let place: BTreeMap<&str, usize> =
        after.iter().enumerate().map(|(n, it)| (id(it), n)).collect();
    let places: Vec<(usize, &&SeenEvent)> =
        resumed.iter().filter_map(|it| place.get(id(it)).map(|n| (*n, it))).collect();
    for pair in places.windows(2) {
        if let [(first, one), (second, other)] = pair
            && second < first
        {
            return Finding::broke(
                "order",
                format!("{} came before {}, and first it was after it", shown(one), shown(other)),
                "replay in the order in which the events were sent",
            );
        }
    }
    match places.len() {
        0 | 1 => Finding::Moot("fewer than two of the events came again".to_owned(), MORE_EVENTS),
        count => Finding::Kept(format!("{count} events in their order")),
    }
}

/// `server.concurrent`
pub(super) fn all_served(scene: &Scene<'_>) -> Finding {
    let total = scene.seen.len();
    let answered: Vec<_> = scene.seen.iter().filter_map(Seen::answer).collect();
    let full = answered.iter().find(|it| matches!(it.head.status, 429 | 503));
    if let Some(full) = full {
        return Finding::Saw(format!("{total} streams at once: {}", full.shown()));
    }
    let served = scene.seen.iter().filter(|it| it.stream().is_some()).count();
    if served == total {
        return Finding::Kept(format!("{served} of {total} streams"));
    }
    let other = scene.seen.iter().find(|it| it.stream().is_none());
    Finding::late(
        "missing",
        format!(
            "{served} of {total} streams at once were served; another: {}",
            other.map(Seen::shown).unwrap_or_default()
        ),
        "let a stream not hold a worker, a lock or a connection that the next one needs",
    )
}

/// `server.concurrent`
pub(super) fn all_complete(scene: &Scene<'_>) -> Finding {
    let streams: Vec<Vec<&str>> =
        scene.seen.iter().map(|seen| seen.identified().map(id).collect()).collect();
    let mut compared = 0;
    for (n, one) in streams.iter().enumerate() {
        for (m, other) in streams.iter().enumerate().filter(|(m, _)| *m != n) {
            let places: BTreeMap<&str, usize> =
                other.iter().enumerate().map(|(n, id)| (*id, n)).collect();
            let common: Vec<usize> = (0..one.len())
                .filter(|n| one.get(*n).is_some_and(|it| places.contains_key(it)))
                .collect();
            let (Some(first), Some(end)) = (common.first(), common.last()) else { continue };
            compared += common.len();
            // Between two events that both have, both must have all.
            let between = one.get(*first..=*end).unwrap_or_default();
            if let Some(lost) = between.iter().find(|it| !places.contains_key(*it)) {
                return Finding::broke(
                    "missing",
                    format!(
                        "stream {} got the event `{}`, and stream {} did not, though both got \
                         events before and after it",
                        n + 1,
                        ssespec_scenario::escape(lost.as_bytes()),
                        m + 1
                    ),
                    "send each event to each stream; a queue that streams share hands it to one",
                );
            }
        }
    }
    if compared == 0 {
        return Finding::Moot(
            "the streams have no ids in common, so that nothing tells whether they should have \
             the same events"
                .to_owned(),
            "",
        );
    }
    Finding::Kept("each stream got what the others got".to_owned())
}

/// `server.resume`
pub(super) fn same_events(scene: &Scene<'_>) -> Finding {
    let mut known: BTreeMap<&str, &SeenEvent> = BTreeMap::new();
    let mut common = 0;
    for seen in scene.seen.iter().chain([scene.plain]).flat_map(Seen::identified) {
        match known.insert(id(seen), seen) {
            Some(earlier) if earlier.event != seen.event => {
                return Finding::broke(
                    "id",
                    format!(
                        "the id {} names `{}` on one stream and `{}` on another",
                        shown(seen),
                        ssespec_scenario::escape(earlier.event.data.as_bytes()),
                        ssespec_scenario::escape(seen.event.data.as_bytes())
                    ),
                    "let the id name the event, not its place on a connection: whoever resumes \
                     does so on a new one",
                );
            }
            Some(_) => common += 1,
            None => {}
        }
    }
    match (common, known.len()) {
        (0, 0) => no_ids(scene),
        (0, _) => Finding::Moot("the streams have no ids in common".to_owned(), ""),
        _ => Finding::Kept(format!("{} ids, {common} of them on several streams", known.len())),
    }
}

/// `server.concurrent`, `server.slow-reader`
pub(super) fn others_go_on(scene: &Scene<'_>) -> Finding {
    let Some((_, others)) = scene.seen.split_first() else { return no_events(scene) };
    if scene.plain.answer().is_none_or(|it| !it.was_open()) {
        return Finding::Moot("the stream ends by itself".to_owned(), "");
    }
    let help = "let streams not depend on each other: each with its own queue, its own deadline \
                and its own end";
    for (n, seen) in others.iter().enumerate() {
        let number = n + 2;
        let answer = match &seen.exchange.answer {
            Ok(answer) => answer,
            Err(trouble @ Trouble::Silent(_)) => {
                return Finding::late(
                    "missing",
                    format!("stream {number}: {}", trouble.shown()),
                    help,
                );
            }
            Err(trouble) => {
                return Finding::late(
                    "dropped",
                    format!("stream {number}: {}", trouble.shown()),
                    help,
                );
            }
        };
        if !answer.is_stream() {
            return Finding::Moot(format!("stream {number}: {}", answer.shown()), "");
        }
        if matches!(answer.end, End::Whole | End::Cut(_)) {
            return Finding::late(
                "ended",
                format!("stream {number} ended with the first one"),
                help,
            );
        }
    }
    let Some(rhythm) = rhythm(scene.plain) else {
        return Finding::Kept("the others stay open; too few events came to see more".to_owned());
    };
    let limit = (rhythm * 3).max(scene.scaled(HELD_UP));
    let mut longest = Duration::ZERO;
    for (n, seen) in others.iter().enumerate() {
        let Some(answer) = seen.answer() else { continue };
        // The end may bring all at once: the first stream is left at the same time.
        let silence = answer.longest_silence();
        longest = longest.max(silence);
        if silence > limit {
            return Finding::late(
                "missing",
                format!(
                    "stream {} got nothing for {} ms, where the plain one had never been silent \
                     for more than {} ms",
                    n + 2,
                    silence.as_millis(),
                    rhythm.as_millis()
                ),
                help,
            );
        }
    }
    let (silence, rhythm) = (longest.as_millis(), rhythm.as_millis());
    Finding::Kept(format!(
        "the others go on, silent for {silence} ms at most; the plain one for {rhythm} ms"
    ))
}

/// The longest silence of a stream that brings much.
fn rhythm(seen: &Seen) -> Option<Duration> {
    let answer = seen.answer().filter(|answer| answer.pieces.len() >= 4)?;
    Some(answer.longest_silence()).filter(|longest| *longest < HELD_UP / 2)
}

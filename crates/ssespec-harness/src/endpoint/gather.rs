//! All that is asked in a run, side by side where it may be.

use futures::stream::{self, StreamExt as _};
use ssespec_scenario::{Ask, AskId, Check, FirstStream};

use super::due::obstacle;
use super::probe::Prober;
use super::reading::Seen;
use super::verdict::Due;
use crate::suite::Options;

/// How many events after the id that is sent should be known.
const AFTER_THE_ID: usize = 4;

/// What was seen, by what was asked.
pub(super) type Gathered<'o> = Vec<(&'o Ask, Vec<Seen>)>;

/// The asks of the cases that can be asked, each once.
fn asks<'o>(due: &[Due<'o>], prober: &Prober<'_>, wanted: impl Fn(&Ask) -> bool) -> Vec<&'o Ask> {
    let mut asks: Vec<&Ask> = Vec::new();
    let can = |due: &&Due<'o>| {
        let alone = due.case.endpoint.as_ref().is_some_and(|it| it.check.runs_alone());
        !alone && (prober.library.is_none() || obstacle(due.case, prober).is_none())
    };
    for ask in due.iter().filter(can).filter_map(|due| due.case.endpoint.as_ref()).map(|it| &it.ask)
    {
        if !ask.is_plain() && wanted(ask) && !asks.contains(&ask) {
            asks.push(ask);
        }
    }
    asks
}

/// The plain stream, and beside it all that needs to know nothing of it.
pub(super) async fn gather<'o>(
    prober: &Prober<'_>,
    options: &'o Options,
    due: &[Due<'o>],
) -> (Seen, Gathered<'o>) {
    let simple = |ask: &Ask| ask.streams.is_none() && ask.last_event_id != Some(AskId::Own {});
    let mut asks = asks(due, prober, simple);
    // Whether the server is still up says nothing before it has been attacked.
    if prober.library.is_none()
        && due
            .iter()
            .filter_map(|due| due.case.endpoint.as_ref())
            .any(|it| it.check == Check::StillUp {})
    {
        for ask in options.catalogue.cases().iter().filter_map(|case| case.endpoint.as_ref()) {
            let attacks = matches!(ask.ask.last_event_id, Some(AskId::Bytes(_)));
            if attacks && !asks.contains(&&ask.ask) {
                asks.push(&ask.ask);
            }
        }
    }
    let all = stream::iter(asks)
        .map(|ask| async move { (ask, prober.ask(ask, None).await) })
        .buffer_unordered(options.jobs)
        .collect();
    tokio::join!(prober.plain(), all)
}

/// What must not disturb the plain stream, or needs its ids.
pub(super) async fn gather_late<'o>(
    prober: &Prober<'_>,
    due: &[Due<'o>],
    own_id: Option<&str>,
) -> Gathered<'o> {
    let mut gathered = Vec::new();
    for stalls in [false, true] {
        let wanted = |ask: &Ask| {
            let late = ask.streams.is_some()
                || (ask.last_event_id == Some(AskId::Own {}) && own_id.is_some());
            late && (ask.first == FirstStream::Stall) == stalls
        };
        let all = asks(due, prober, wanted)
            .into_iter()
            .map(|ask| async move { (ask, prober.ask(ask, own_id).await) });
        gathered.extend(futures::future::join_all(all).await);
    }
    gathered
}

/// An id of the plain stream with events after it, near its end: servers keep the latest.
pub(super) fn own_id(plain: &Seen) -> Option<String> {
    let ids: Vec<&str> = plain.identified().map(|it| it.event.last_event_id.as_str()).collect();
    let fits = |id: &&str| !id.bytes().any(|byte| byte < b' ' || byte == 0x7f) && id.len() <= 4096;
    let last = ids.len().checked_sub(2)?;
    let at = ids.len().saturating_sub(AFTER_THE_ID + 1).min(last);
    ids.get(at).filter(|id| fits(id)).map(|id| (*id).to_owned())
}

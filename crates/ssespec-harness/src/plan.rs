//! What is to be run: each selected case on each route, or the reason why it is not.

use std::sync::Arc;
use std::time::Duration;

use ssespec_mock::{Script, Variation};
use ssespec_parser::{Item, Parser};
use ssespec_scenario::{Case, Catalogue, Feature, Finish, Level, Profile, Role, Route, Rule, Step};

use crate::instance::Identity;
use crate::select::Selection;

/// A case on a route.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) case: Arc<Case>,
    pub(crate) route: Route,
    pub(crate) rule: Rule,
    pub(crate) level: Level,
    /// Features that the subject does not claim; not empty means `n/a`.
    pub(crate) missing: Vec<Feature>,
    /// Why the channel to the subject cannot carry the case; there means `n/a` as well.
    pub(crate) obstacle: Option<&'static str>,
    pub(crate) variations: Vec<Variation>,
}

/// From this many bytes on a case keeps its subject busy.
const BULK_BYTES: u64 = 512 << 10;

impl Planned {
    /// Whether it can be run.
    pub(crate) fn applies(&self) -> bool {
        self.missing.is_empty() && self.obstacle.is_none()
    }

    /// Whether it measures time from both sides, so that it wants a quiet machine. Lower bounds
    /// alone do not: being late never breaks them.
    pub(crate) fn measures(&self) -> bool {
        let pauses = self.case.steps().any(|step| matches!(step, Step::Pause(_) | Step::Client(_)));
        pauses || self.case.open.read_timeout_ms.is_some()
    }

    /// Whether the subject may choose, so that it may also never come back.
    pub(crate) fn is_open(&self) -> bool {
        !self.case.outcomes.is_empty()
    }

    /// Whether it waits for the subject to come back, or to show that it does not.
    pub(crate) fn waits(&self) -> bool {
        self.case.connection.len() > 1
            || self.case.finish == Finish::End
            || !self.case.has_sentinel()
    }

    /// Whether it keeps the subject so busy that streams beside it would be served late.
    pub(crate) fn is_bulk(&self) -> bool {
        self.case.sent_bytes() >= BULK_BYTES || self.case.streams > 1
    }

    /// The longest reconnection time that the case's streams set, but for absurd ones.
    pub(crate) fn retry(&self) -> Duration {
        const ABSURD_MS: u64 = 10_000;
        let mut longest = 0;
        for connection in Script::of(&self.case, Variation::Whole).connections() {
            let mut parser = Parser::new();
            for step in &connection.steps {
                if let Step::Send(chunk) = step {
                    // A stream beyond the parser's limits sets no further time.
                    let _ = parser.feed(&chunk.to_bytes(), |item| {
                        if let Item::Retry(retry) = item
                            && retry.milliseconds <= ABSURD_MS
                        {
                            longest = longest.max(retry.milliseconds);
                        }
                    });
                }
            }
        }
        Duration::from_millis(longest)
    }

    /// The id with its route.
    pub(crate) fn id(&self) -> String {
        format!("{}@{}", self.case.id, self.route.name())
    }
}

/// The profile unless the user names one: decoders are judged as decoders.
pub(crate) fn default_profile(identity: &Identity) -> Profile {
    if identity.claims(&[Feature::Reconnect]) { Profile::Eventsource } else { Profile::Decoder }
}

/// Lays out the cases that the selection picks.
pub(crate) fn plan(
    catalogue: &Catalogue,
    selection: &Selection,
    identity: &Identity,
    profile: Profile,
) -> Vec<Planned> {
    let mut planned = Vec::new();
    for case in catalogue.cases().iter().filter(|case| case.role() == Role::Client) {
        let Some(rule) = catalogue.rule(&case.rule) else {
            continue;
        };
        let routes = case.routes();
        let claimed: Vec<Route> =
            routes.iter().copied().filter(|route| identity.claims(route.needs())).collect();
        // Without any claimed route the case is `n/a` once, not once a route.
        let shown =
            if claimed.is_empty() { routes.get(..1).unwrap_or_default().to_vec() } else { claimed };
        for route in shown {
            if !selection.selects(&case.id, route) {
                continue;
            }
            // Without its route a case says nothing of its other needs.
            let lacks = |needs: &[Feature]| {
                needs.iter().copied().filter(|need| !identity.claims(&[*need])).collect::<Vec<_>>()
            };
            let mut missing = lacks(route.needs());
            if missing.is_empty() {
                missing = lacks(&case.needs());
            }
            planned.push(Planned {
                case: Arc::clone(case),
                route,
                rule: rule.clone(),
                level: rule.level(profile),
                missing,
                obstacle: identity.obstacle(case),
                variations: variations(case, route),
            });
        }
    }
    planned
}

/// Each cut is run where it is exact and cheap, and on the plainest network route; the other
/// routes carry the plain form and the one byte by byte.
fn variations(case: &Case, route: Route) -> Vec<Variation> {
    let mut all = Variation::all(case);
    if !matches!(route, Route::Feed | Route::H1) {
        all.retain(|variation| !matches!(variation, Variation::Cut(_)));
    }
    all
}

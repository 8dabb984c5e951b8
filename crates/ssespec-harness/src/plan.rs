//! What is to be run: each selected case on each route, or the reason why it is not.

use std::sync::Arc;

use ssespec_mock::Variation;
use ssespec_scenario::{Case, Catalogue, Feature, Level, Profile, Route, Rule};

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
    pub(crate) variations: Vec<Variation>,
}

impl Planned {
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
    for case in catalogue.cases() {
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
            let mut missing: Vec<Feature> = route.needs().to_vec();
            missing.extend(case.needs());
            missing.retain(|feature| !identity.claims(&[*feature]));
            missing.dedup();
            planned.push(Planned {
                case: Arc::clone(case),
                route,
                rule: rule.clone(),
                level: rule.level(profile),
                missing,
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
    if matches!(route, Route::H2 | Route::H2c) {
        all.retain(|variation| !matches!(variation, Variation::Cut(_)));
    }
    all
}

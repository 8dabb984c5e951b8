//! Which cases are judged in a run, and which of them cannot be.

use ssespec_scenario::{AskVersion, Case, Profile, Route};

use super::exchange::Version;
use super::probe::Prober;
use super::target::HttpChoice;
use super::verdict::{Due, Finding};
use crate::suite::Options;

/// The cases that are to be judged, each on its route.
pub(super) fn due<'o>(
    options: &'o Options,
    profile: Profile,
    prober: &Prober<'_>,
    looks_at_endpoint: bool,
) -> Vec<Due<'o>> {
    let mut due = Vec::new();
    for case in options.catalogue.cases() {
        let (Some(endpoint), Some(rule)) = (&case.endpoint, options.catalogue.rule(&case.rule))
        else {
            continue;
        };
        let about_library = !endpoint.ask.steps.is_empty();
        // What an adapter makes of other methods, or of an id, is its author's affair.
        let fits = match prober.library {
            None => !about_library,
            Some(_) if about_library => true,
            Some(_) => {
                let own = endpoint.ask.method.is_some() || endpoint.ask.last_event_id.is_some();
                looks_at_endpoint && !own
            }
        };
        if !fits {
            continue;
        }
        let own = prober.asked(&endpoint.ask, None).route();
        // Where the run cannot take a route of the case, it is shown on the one it would take.
        let routes = case.routes();
        let route = if routes.contains(&own) { own } else { other_version(own, &routes) };
        if options.selection.selects(&case.id, route) {
            due.push(Due { case, rule, level: rule.level(profile), route });
        }
    }
    due
}

fn other_version(own: Route, routes: &[Route]) -> Route {
    let other = match own {
        Route::H2 => Route::H1s,
        Route::H2c => Route::H1,
        other => other,
    };
    if routes.contains(&other) { other } else { routes.first().copied().unwrap_or(own) }
}

/// Why a case cannot be asked in this run.
pub(super) fn obstacle(case: &Case, prober: &Prober<'_>) -> Option<Finding> {
    let endpoint = case.endpoint.as_ref()?;
    if let Some(library) = prober.library {
        let needs = endpoint.ask.needs(&endpoint.check);
        let missing: Vec<_> =
            needs.iter().filter(|it| !library.features.contains(it)).map(|it| it.name()).collect();
        if !missing.is_empty() {
            let why = format!("the adapter does not claim `{}`", missing.join("`, `"));
            return Some(Finding::Moot(why, ""));
        }
    }
    let http2 = endpoint.ask.version == Some(AskVersion::Http2);
    match prober.target.http {
        Some(HttpChoice::Http1) if http2 => {
            Some(Finding::Moot("the run is over HTTP/1 only".to_owned(), "leave `--http1` out"))
        }
        _ if prober.version == Version::Http2 && !http2 => {
            let routes = case.routes();
            let fits = routes.contains(&Route::H2) || routes.contains(&Route::H2c);
            (!fits)
                .then(|| Finding::Moot("the run is over HTTP/2".to_owned(), "leave `--http2` out"))
        }
        _ => None,
    }
}

//! Compares reports and requests with what a case expects.

use std::net::SocketAddr;

use ssespec_mock::{Places, origin};
use ssespec_net::Request;
use ssespec_report::{Difference, Reason};
use ssespec_scenario::{
    EventExpectation, Expectation, Feature, Kind, Origin, Outcome, RequestMatch, Text, escape,
};

use crate::instance::Identity;
use crate::protocol::{EventId, Report};

/// A report that is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observed<'a> {
    pub(crate) report: &'a Report,
    /// It came after `closed`.
    pub(crate) after_closed: bool,
    /// The same is no breach where it is what was expected all along.
    pub(crate) may_be_late: bool,
}

/// What reports are measured by, beside what is expected of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale<'s> {
    pub(crate) identity: &'s Identity,
    /// Whether each event's own block holds an id; needed only where the API shows no other.
    pub(crate) own_ids: &'s [bool],
    pub(crate) places: Option<&'s Places>,
}

/// A request, and the address it came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request,
    pub(crate) at: SocketAddr,
    pub(crate) places: Option<&'a Places>,
}

/// The kind of a report.
pub(crate) fn kind_of(report: &Report) -> Kind {
    match report {
        Report::Opened => Kind::Opened,
        Report::Event { .. } => Kind::Event,
        Report::Comment(_) => Kind::Comment,
        Report::Retry(_) => Kind::Retry,
        Report::Error { .. } => Kind::Error,
        Report::Closed => Kind::Closed,
    }
}

/// Compares in order; the first difference, if there is one.
pub(crate) fn compare<'e>(
    expectations: impl Iterator<Item = &'e Expectation>,
    kinds: &[Kind],
    observed: &[Observed<'_>],
    scale: Scale<'_>,
) -> Option<Reason> {
    let expected: Vec<_> = expectations
        .filter(|expectation| kinds.contains(&expectation.kind()))
        .flat_map(Expectation::each)
        .collect();
    let mut events = 0;
    for (index, expectation) in expected.iter().enumerate() {
        let number = index + 1;
        let Some(seen) = observed.get(index) else {
            return Some(Reason::new(
                "missing",
                format!(
                    "{} of {} never came: {}",
                    ordinal(number),
                    expected.len(),
                    show_expected(expectation)
                ),
                "",
            ));
        };
        if seen.after_closed && !seen.may_be_late {
            return Some(after_closed(seen.report));
        }
        let own_id = scale.own_ids.get(events).copied().unwrap_or(false);
        if let Some(difference) = difference(expectation, seen.report, own_id, scale) {
            let what = difference.0;
            let kind = if what == "kind" && matches!(seen.report, Report::Event { .. }) {
                "extra"
            } else {
                "mismatch"
            };
            let message = match what {
                "kind" => format!(
                    "{} is {}, not {}",
                    ordinal(number),
                    show_observed(seen.report),
                    show_expected(expectation)
                ),
                what => format!("{} differs in its {what}", ordinal(number)),
            };
            let mut breach = Reason::new(kind, message, "");
            breach.difference = difference.1.map(|(left, right)| {
                first_difference(&format!("{}, {what}", ordinal(number)), &left, &right)
            });
            return Some(breach);
        }
        events += usize::from(expectation.kind() == Kind::Event);
    }
    let extra = observed.get(expected.len())?;
    if extra.after_closed {
        return Some(after_closed(extra.report));
    }
    Some(Reason::new(
        "extra",
        format!("{} was reported beyond what is expected", show_observed(extra.report)),
        "",
    ))
}

fn after_closed(report: &Report) -> Reason {
    Reason::new(
        "after-close",
        format!("{} was reported after `closed`", show_observed(report)),
        "a closed stream dispatches nothing, queued events included",
    )
}

fn ordinal(number: usize) -> String {
    format!("report {number}")
}

/// What differs, and the two byte strings where there are two.
type Differs = (&'static str, Option<(Vec<u8>, Vec<u8>)>);

fn difference(
    expectation: &Expectation,
    report: &Report,
    own_id: bool,
    scale: Scale<'_>,
) -> Option<Differs> {
    match (expectation, report) {
        (Expectation::Event(expected), Report::Event { event_type, data, id, origin }) => {
            event_difference(expected, event_type, data, id.as_deref(), own_id, scale.identity)
                .or_else(|| origin_difference(expected.origin?, origin.as_deref(), scale))
        }
        (Expectation::Opened {}, Report::Opened) | (Expectation::Closed {}, Report::Closed) => None,
        (Expectation::Error { fatal }, Report::Error { fatal: seen, .. }) => {
            fatal.is_some_and(|fatal| fatal != *seen).then_some(("fatal flag", None))
        }
        (Expectation::Comment(expected), Report::Comment(text)) => {
            // One space after the colon is not compared: APIs differ in whether they strip it.
            let strip = |text: &str| text.strip_prefix(' ').unwrap_or(text).as_bytes().to_vec();
            let (left, right) = (strip(&expected.0), strip(text));
            (left != right).then_some(("text", Some((left, right))))
        }
        (Expectation::Retry(expected), Report::Retry(ms)) => {
            (!retry_fits(*expected, *ms)).then(|| {
                (
                    "reconnection time",
                    Some((expected.to_string().into_bytes(), ms.to_string().into_bytes())),
                )
            })
        }
        _ => Some(("kind", None)),
    }
}

fn event_difference(
    expected: &EventExpectation,
    event_type: &str,
    data: &str,
    id: Option<&str>,
    own_id: bool,
    identity: &Identity,
) -> Option<Differs> {
    let bytes = expected.data.to_bytes();
    if bytes != data.as_bytes() {
        return Some(("data", Some((bytes, data.as_bytes().to_vec()))));
    }
    let expected_type = expected.event_type.as_ref().map_or("message", |text| text.0.as_str());
    if identity.claims(&[Feature::EventTypes]) && expected_type != event_type {
        return Some(("type", Some((expected_type.into(), event_type.into()))));
    }
    let expected_id = expected.id.as_ref().map_or("", |text| text.0.as_str());
    let judged = match identity.event_id() {
        EventId::Sticky => true,
        EventId::PerEvent => own_id,
        EventId::None => false,
    };
    let id = id.unwrap_or_default();
    (judged && expected_id != id).then(|| ("last event id", Some((expected_id.into(), id.into()))))
}

/// `event.origin`: judged where the API shows one.
fn origin_difference(
    expected: Origin,
    reported: Option<&str>,
    scale: Scale<'_>,
) -> Option<Differs> {
    let reported = reported?;
    let expected = origin(address_of(expected, scale.places?));
    (expected != reported).then(|| ("origin", Some((expected.into(), reported.into()))))
}

fn address_of(origin: Origin, places: &Places) -> SocketAddr {
    match origin {
        Origin::Own => places.own,
        Origin::Other => places.other,
    }
}

/// Whether a reported time is the one expected, or a clamped report of a huge one.
fn retry_fits(expected: u64, reported: f64) -> bool {
    const HUGE: u64 = 1 << 31;
    (reported - expected as f64).abs() < 0.5 || expected >= HUGE && reported >= 60_000.0
}

/// The first place where two byte strings differ, with what stands around it.
pub(crate) fn first_difference(what: &str, expected: &[u8], observed: &[u8]) -> Difference {
    const AROUND: usize = 24;
    let at = expected.iter().zip(observed).take_while(|(left, right)| left == right).count();
    let start = at.saturating_sub(AROUND);
    let excerpt = |bytes: &[u8]| {
        let end = (at + AROUND).min(bytes.len());
        let cut = |condition: bool| if condition { "…" } else { "" };
        let text = escape(bytes.get(start..end).unwrap_or_default());
        format!("{}{text}{}", cut(start > 0), cut(end < bytes.len()))
    };
    let before = escape(expected.get(start..at).unwrap_or_default());
    let caret = before.chars().count() + usize::from(start > 0);
    Difference {
        what: what.to_owned(),
        at_byte: at as u64,
        expected: excerpt(expected),
        observed: excerpt(observed),
        caret: u32::try_from(caret).unwrap_or(u32::MAX),
    }
}

/// What is wrong with a request, if anything is.
pub(crate) fn request_breach(expected: &RequestMatch, asked: Asked<'_>) -> Option<String> {
    let Asked { request, at, places } = asked;
    let filled_in = |text: &Text| places.map_or_else(|| text.0.clone(), |it| it.fill_in(&text.0));
    if let Some(wanted) = expected.origin
        && let Some(places) = places
        && at != address_of(wanted, places)
    {
        let wanted = origin(address_of(wanted, places));
        return Some(format!("it came to {}, not to {wanted}", origin(at)));
    }
    if let Some(method) = &expected.method
        && *method != request.method
    {
        return Some(format!("the method is `{}`, not `{method}`", request.method));
    }
    if let Some(target) = &expected.target
        && !request.target.ends_with(target.as_str())
    {
        return Some(format!("the target `{}` does not end in `{target}`", request.target));
    }
    for (name, value) in &expected.header {
        let value = filled_in(value);
        let values: Vec<&[u8]> = request.header(name).collect();
        match values.as_slice() {
            [] => {
                return Some(format!(
                    "the header `{name}` is missing; it must be `{}`",
                    escape(value.as_bytes())
                ));
            }
            [seen] if *seen == value.as_bytes() => {}
            seen => {
                let shown: Vec<String> =
                    seen.iter().map(|seen| format!("`{}`", escape(seen))).collect();
                return Some(format!(
                    "the header `{name}` is {}, not `{}`",
                    shown.join(" and "),
                    escape(value.as_bytes())
                ));
            }
        }
    }
    for (name, part) in &expected.contains {
        let part = filled_in(part);
        let values: Vec<String> =
            request.header(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
        let joined = values.join(", ");
        if !joined.contains(&part) {
            let shown =
                if values.is_empty() { "missing".to_owned() } else { format!("`{joined}`") };
            return Some(format!("the header `{name}` is {shown}; it must contain `{part}`"));
        }
    }
    for name in &expected.without {
        if let Some(value) = request.header(name).next() {
            return Some(format!(
                "the header `{name}` is there, with `{}`; it must be absent",
                escape(value)
            ));
        }
    }
    if let Some(body) = &expected.body
        && body.0.as_bytes() != request.body
    {
        return Some(format!(
            "the body is `{}`, not `{}`",
            escape(&request.body),
            escape(body.0.as_bytes())
        ));
    }
    None
}

/// Whether the last request is what an outcome says of it.
pub(crate) fn last_request_fits(outcome: &Outcome, asked: Option<Asked<'_>>) -> bool {
    let expected = RequestMatch {
        origin: outcome.last_origin,
        target: outcome.last_target.clone(),
        header: outcome.last_header.clone(),
        without: outcome.last_without.clone(),
        ..RequestMatch::default()
    };
    expected == RequestMatch::default()
        || asked.is_some_and(|asked| request_breach(&expected, asked).is_none())
}

/// Longest text shown of a value.
const SHOWN_BYTES: usize = 160;

fn shown(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES) {
        Some(head) if bytes.len() > SHOWN_BYTES => {
            format!("\"{}…\" ({} bytes)", escape(head), bytes.len())
        }
        _ => format!("\"{}\"", escape(bytes)),
    }
}

/// An expectation for people.
pub(crate) fn show_expected(expectation: &Expectation) -> String {
    match expectation {
        Expectation::Event(event) => show_event(
            event.event_type.as_ref().map_or("message", |text| text.0.as_str()),
            &event.data.to_bytes(),
            event.id.as_ref().map(|text| text.0.as_str()).unwrap_or_default(),
        ),
        Expectation::Events { prefix, times } => {
            let last = times.saturating_sub(1);
            format!("{times} events, {} to {last}", shown(format!("{}0", prefix.0).as_bytes()))
        }
        Expectation::Opened {} => "opened".to_owned(),
        Expectation::Error { fatal: Some(true) } => "error, fatal".to_owned(),
        Expectation::Error { fatal: Some(false) } => "error, not fatal".to_owned(),
        Expectation::Error { fatal: None } => "error".to_owned(),
        Expectation::Comment(text) => format!("comment {}", shown(text.0.as_bytes())),
        Expectation::Retry(ms) => format!("retry {ms} ms"),
        Expectation::Closed {} => "closed".to_owned(),
    }
}

/// A report for people.
pub(crate) fn show_observed(report: &Report) -> String {
    match report {
        Report::Event { event_type, data, id, .. } => {
            show_event(event_type, data.as_bytes(), id.as_deref().unwrap_or_default())
        }
        Report::Opened => "opened".to_owned(),
        Report::Error { fatal: true, .. } => "error, fatal".to_owned(),
        Report::Error { fatal: false, .. } => "error, not fatal".to_owned(),
        Report::Comment(text) => format!("comment {}", shown(text.as_bytes())),
        Report::Retry(ms) => format!("retry {ms} ms"),
        Report::Closed => "closed".to_owned(),
    }
}

fn show_event(event_type: &str, data: &[u8], id: &str) -> String {
    let mut out = format!("event {} {}", escape(event_type.as_bytes()), shown(data));
    if !id.is_empty() {
        out.push_str(&format!(" id {}", shown(id.as_bytes())));
    }
    out
}

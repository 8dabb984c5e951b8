//! From what happened to what it means: pure functions over attempts.

use ssespec_mock::{Entry, Happening, origin};
use ssespec_net::Taken;
use ssespec_report::Reason;
use ssespec_scenario::{Case, Feature, Kind, Level, Outcome, Route};

use crate::attempt::{Attempt, End, Observation};
use crate::blocks::own_ids;
use crate::evidence::ends;
use crate::instance::Identity;
use crate::matching::{self, Asked, Observed, Scale};
use crate::protocol::{EventId, Report};

/// What is said of a client that was done before the case was.
const CLOSED_EARLY: &str = "the client closed the stream before the case was over";

/// What an attempt means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ruling {
    /// It did what the rule says.
    Kept,
    /// It did something that the standard leaves open; its name.
    Chose(String),
    /// It broke the rule.
    Broke(Reason),
    /// The case says nothing about it: it never asked for what the case is about.
    Moot(Reason),
    /// It could not be judged.
    Open(Reason),
    /// The adapter or the set-up failed.
    Failed(Reason),
}

/// A ruling with the two lists that a report shows side by side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) ruling: Ruling,
    pub(crate) expected: Vec<String>,
    pub(crate) observed: Vec<String>,
}

/// What an attempt is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure<'m> {
    pub(crate) case: &'m Case,
    pub(crate) route: Route,
    pub(crate) level: Level,
    pub(crate) identity: &'m Identity,
}

/// Judges one attempt.
pub(crate) fn judge(measure: Measure<'_>, attempt: &Attempt) -> Judgement {
    let case = measure.case;
    let expectations: Vec<_> = match case.outcomes.first() {
        Some(first) if case.expect.is_empty() => first.expect.iter().collect(),
        _ => case.expect.iter().collect(),
    };
    let kinds = compared_kinds(measure);
    let observed: Vec<Observed<'_>> = observed(attempt, &kinds, measure.identity);
    let expected = if case.outcomes.is_empty() {
        expectations
            .iter()
            .filter(|e| kinds.contains(&e.kind()))
            .map(|e| matching::show_expected(e))
            .collect()
    } else {
        case.outcomes.iter().map(|outcome| format!("one of: {}", outcome.name)).collect()
    };
    let ruling = rule(measure, attempt, &kinds, &observed);
    Judgement { ruling, expected, observed: abbreviated(&observed) }
}

/// The reports for people: all, or where there are very many the first and the last of them.
fn abbreviated(observed: &[Observed<'_>]) -> Vec<String> {
    const HEAD: usize = 150;
    const TAIL: usize = 50;
    let show = |part: &[Observed<'_>]| -> Vec<String> {
        part.iter().map(|seen| matching::show_observed(seen.report)).collect()
    };
    let (head, left_out, tail) = ends(observed, HEAD, TAIL);
    let mut shown = show(head);
    if left_out > 0 {
        shown.push(format!("({left_out} more)"));
    }
    shown.extend(show(tail));
    shown
}

fn rule(
    measure: Measure<'_>,
    attempt: &Attempt,
    kinds: &[Kind],
    observed: &[Observed<'_>],
) -> Ruling {
    if let End::Died(death) = &attempt.end {
        return Ruling::Failed(Reason::new("adapter", &death.message, &death.help));
    }
    if let Some(reason) = not_asked_for(attempt).or_else(|| page_elsewhere(measure, attempt)) {
        return Ruling::Moot(reason);
    }
    if !measure.case.outcomes.is_empty() {
        return choose(measure, attempt, kinds, observed);
    }
    let own_ids = own_ids_of(measure);
    let scale = scale(measure, attempt, &own_ids);
    let breach = excess_request(attempt)
        .or_else(|| matching::compare(measure.case.expect.iter(), kinds, observed, scale))
        .or_else(|| requests_breach(measure, attempt, true))
        .or_else(|| end_breach(attempt))
        .or_else(|| kept_connection(measure, attempt))
        .or_else(|| odd_report(attempt));
    if let Some(breach) = breach {
        return Ruling::Broke(explain_end(breach, attempt));
    }
    match attempt.end {
        End::TimedOut => Ruling::Broke(Reason::new(
            "timeout",
            "the end of the case was never reported: the sentinel event did not arrive",
            "the event after the tested bytes is an ordinary one; see where the timeline stops",
        )),
        End::Unanswered if !measure.identity.words.tell_closed() => Ruling::Failed(Reason::new(
            "adapter",
            "the service did not answer the DELETE of a stream",
            "answer it with 204 once the client has been closed",
        )),
        End::Unanswered => Ruling::Failed(Reason::new(
            "adapter",
            "the adapter did not answer `close` with `closed`",
            "print {\"op\":\"closed\",\"stream\":…} when a stream was closed",
        )),
        _ if attempt.released => Ruling::Broke(Reason::new(
            "late",
            "everything was reported, but only after further bytes had arrived",
            "act on a line as soon as its ending has arrived, a bare CR included",
        )),
        _ => match unproven_cut(attempt) {
            Some(reason) => Ruling::Open(reason),
            None => Ruling::Kept,
        },
    }
}

/// A coding that the case is about, and that the client did not ask for.
fn not_asked_for(attempt: &Attempt) -> Option<Reason> {
    attempt.journal.iter().find_map(|entry| match &entry.what {
        Happening::NotAskedFor(coding) => Some(Reason::new(
            "coding",
            format!("the client does not ask for {}", coding.name()),
            "a client that names the coding in `Accept-Encoding` is sent it, and must undo it",
        )),
        _ => None,
    })
}

/// A same-origin stream of a browser whose page the mock does not serve.
fn page_elsewhere(measure: Measure<'_>, attempt: &Attempt) -> Option<Reason> {
    let places = attempt.places.as_ref()?;
    let case = measure.case;
    let is_same_origin = case.needs.contains(&Feature::Cors) && !case.open.cross_origin;
    let is_elsewhere = places.page.as_ref() != Some(&origin(places.own));
    (is_same_origin && is_elsewhere).then(|| {
        Reason::new(
            "page",
            "the page is on none of the mock's origins, so no stream is same-origin to it",
            "serve the page from the origin in SSESPEC_ORIGIN",
        )
    })
}

fn scale<'s>(measure: Measure<'s>, attempt: &'s Attempt, own_ids: &'s [bool]) -> Scale<'s> {
    Scale { identity: measure.identity, own_ids, places: attempt.places.as_ref() }
}

/// The requests, each with its entry.
fn requests(attempt: &Attempt) -> Vec<(&Entry, Asked<'_>)> {
    let asked = attempt.journal.iter().filter_map(|entry| match &entry.what {
        Happening::Request { request, at, .. } => {
            Some((entry, Asked { request, at: *at, places: attempt.places.as_ref() }))
        }
        _ => None,
    });
    asked.collect()
}

/// Needed only where the API shows ids per event.
fn own_ids_of(measure: Measure<'_>) -> Vec<bool> {
    if measure.identity.event_id() == EventId::PerEvent {
        own_ids(measure.case)
    } else {
        Vec::new()
    }
}

/// Which kinds of report are compared: events always, the others where the case names them and the
/// subject claims them.
fn compared_kinds(measure: Measure<'_>) -> Vec<Kind> {
    let claims = |feature| measure.identity.claims(&[feature]);
    let mut kinds = vec![Kind::Event];
    for kind in measure.case.expectations().map(ssespec_scenario::Expectation::kind) {
        let claimed = match kind {
            Kind::Comment => claims(Feature::Comments),
            Kind::Retry => claims(Feature::Retry),
            Kind::Opened => measure.route != Route::Feed,
            Kind::Event | Kind::Error | Kind::Closed => true,
        };
        if claimed && measure.identity.words.tell(kind) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// The reports that are compared, without the sentinel.
fn observed<'a>(attempt: &'a Attempt, kinds: &[Kind], identity: &Identity) -> Vec<Observed<'a>> {
    let judged = attempt.reports.get(..attempt.judged).unwrap_or(&attempt.reports);
    let closed = judged.iter().position(|seen| seen.report == Report::Closed);
    let compared = |seen: &Observation| match &seen.report {
        Report::Event { data, .. } => *data != attempt.sentinel,
        other => kinds.contains(&matching::kind_of(other)),
    };
    judged
        .iter()
        .enumerate()
        .filter(|(_, seen)| compared(seen))
        .map(|(index, seen)| Observed {
            report: &seen.report,
            after_closed: closed.is_some_and(|closed| index > closed),
            // What a service was on the way to report may overtake the answer to its DELETE.
            may_be_late: !identity.words.tell_closed(),
        })
        .collect()
}

fn odd_report(attempt: &Attempt) -> Option<Reason> {
    let note = attempt.reports.iter().find_map(|seen| seen.note)?;
    Some(Reason::new("mismatch", note, "report strings of Unicode scalar values"))
}

/// What an early end adds to a breach.
fn explain_end(mut breach: Reason, attempt: &Attempt) -> Reason {
    let error = attempt.reports.iter().rev().find_map(|seen| match &seen.report {
        Report::Error { message, .. } if !message.is_empty() => Some(message.as_str()),
        _ => None,
    });
    if attempt.end == End::ClosedEarly && breach.message != CLOSED_EARLY {
        breach.message.push_str(&format!("; {CLOSED_EARLY}"));
    }
    if attempt.end == End::Unanswered {
        breach.message.push_str("; it did not answer `close` either");
    }
    if let Some(error) = error {
        breach.message.push_str(&format!("; its last error says `{error}`"));
    }
    breach
}

/// A connection that the client was to let go, and did not.
fn kept_connection(measure: Measure<'_>, attempt: &Attempt) -> Option<Reason> {
    let left = attempt.journal.iter().filter(|it| matches!(it.what, Happening::Left { .. }));
    (left.count() < measure.case.awaited_left() as usize).then(|| {
        Reason::new(
            "missing",
            "the client did not let go a connection that it reads no more",
            "close the connection, or reset the HTTP/2 stream; else it stays open on both sides",
        )
    })
}

fn end_breach(attempt: &Attempt) -> Option<Reason> {
    (attempt.end == End::ClosedEarly).then(|| {
        Reason::new("missing", CLOSED_EARLY, "only a failed connection, or the user, ends a stream")
    })
}

/// Whether the requests were those that the case wants; `all` of them, or as many as came.
fn requests_breach(measure: Measure<'_>, attempt: &Attempt, all: bool) -> Option<Reason> {
    if measure.route == Route::Feed {
        return None;
    }
    let requests = requests(attempt);
    if matches!(measure.route, Route::H2 | Route::H2c)
        && let Some((_, Asked { request, .. })) =
            requests.iter().find(|(_, asked)| asked.request.version != "2")
    {
        return Some(Reason::new(
            "feature",
            format!("the client claims HTTP/2 and spoke HTTP/{}", request.version),
            "offer `h2` by ALPN, or do not claim the feature",
        ));
    }
    if measure.case.is_stream() && requests.is_empty() {
        return Some(Reason::new(
            "missing",
            "the client never asked for the stream",
            "open the URL that it is given",
        ));
    }
    // A request behind the sentinel may come and need not.
    let mut is_over = false;
    for (index, connection) in measure.case.connection.iter().enumerate() {
        let number = index + 1;
        let Some((entry, asked)) = requests.get(index) else {
            if !all || is_over {
                return None;
            }
            return Some(Reason::new(
                "missing",
                format!("request {number} of {} never came", measure.case.connection.len()),
                "see in the timeline what the client did after the connection before it",
            ));
        };
        if let Some(message) = matching::request_breach(&connection.request, *asked) {
            return Some(Reason::new("request", format!("request {number}: {message}"), ""));
        }
        if let Some(delay) = connection.request.not_before
            && let Some(waited) = waited(attempt, entry)
        {
            // Timers of some runtimes fire up to a millisecond early.
            let least = delay.0.saturating_sub(std::time::Duration::from_millis(2));
            if waited < least {
                return Some(Reason::new(
                    "early",
                    format!(
                        "request {number} came {} ms after the connection before it had ended, not {} ms or more",
                        waited.as_millis(),
                        delay.0.as_millis()
                    ),
                    "wait at least the reconnection time before connecting again",
                ));
            }
        }
        is_over |= connection.has_sentinel();
    }
    None
}

/// A request beyond those of the case, which ends the attempt.
pub(crate) fn excess_request(attempt: &Attempt) -> Option<Reason> {
    attempt.journal.iter().find_map(|entry| match &entry.what {
        Happening::Request { request, excess: true, .. } => Some(Reason::new(
            "extra",
            format!(
                "the client sent a request too many, number {}: {} {}",
                entry.connection,
                request.method,
                tail(&request.target)
            ),
            "after what the case sent, no further request is due",
        )),
        _ => None,
    })
}

/// From the end of the connection before to this request.
fn waited(attempt: &Attempt, request: &Entry) -> Option<std::time::Duration> {
    let end = attempt
        .journal
        .iter()
        .rfind(|entry| entry.connection + 1 == request.connection && entry.what.is_end())?;
    Some(request.at.saturating_sub(end.at))
}

/// The part of a target that is not the run's secret.
fn tail(target: &str) -> &str {
    target
        .strip_prefix("/c/")
        .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
        .unwrap_or(target)
}

/// A cut that was not real proves nothing.
fn unproven_cut(attempt: &Attempt) -> Option<Reason> {
    let unproven = attempt
        .journal
        .iter()
        .any(|entry| matches!(&entry.what, Happening::Chunk { before: Taken::No, .. }));
    unproven.then(|| {
        Reason::new(
            "cut",
            "the client did not take a chunk before the next one was sent, so the cut was not tested",
            "run the case alone: the machine may be too busy",
        )
    })
}

/// Which of the answers the subject gives. Where the rule can be broken they are the right ones, and
/// anything else breaks it; else any other is recorded as well.
fn choose(
    measure: Measure<'_>,
    attempt: &Attempt,
    kinds: &[Kind],
    observed: &[Observed<'_>],
) -> Ruling {
    let last = requests(attempt).last().map(|(_, asked)| *asked);
    let own_ids = own_ids_of(measure);
    let scale = scale(measure, attempt, &own_ids);
    let is_open = measure.level == Level::Info;
    let fits = |outcome: &&Outcome| {
        matching::compare(outcome.expect.iter(), kinds, observed, scale).is_none()
            && matching::last_request_fits(outcome, last)
    };
    let breach = || {
        excess_request(attempt)
            .or_else(|| requests_breach(measure, attempt, false))
            .or_else(|| odd_report(attempt))
    };
    // An outcome is one only where the case came to its end.
    let mut outcomes = measure.case.outcomes.iter().filter(|_| attempt.end == End::Proven);
    if let Some(outcome) = outcomes.find(fits) {
        return match breach().filter(|_| !is_open) {
            Some(breach) => Ruling::Broke(explain_end(breach, attempt)),
            None if is_open => Ruling::Chose(outcome.name.clone()),
            None => unproven_cut(attempt).map_or(Ruling::Kept, Ruling::Open),
        };
    }
    let seen: Vec<String> =
        observed.iter().map(|seen| matching::show_observed(seen.report)).collect();
    let how = match attempt.end {
        End::Proven => "",
        End::ClosedEarly => " and closed the stream",
        _ => " and did not come to the end",
    };
    let message = format!("something else: reported [{}]{how}", seen.join(", "));
    if is_open {
        return Ruling::Chose(message);
    }
    let breach = breach().unwrap_or_else(|| {
        let names: Vec<&str> = measure.case.outcomes.iter().map(|it| it.name.as_str()).collect();
        // What did not come in time may be our own lag; what did come is the subject's doing.
        let kind = if attempt.end == End::TimedOut { "missing" } else { "mismatch" };
        Reason::new(kind, message, &format!("right would be one of: {}", names.join("; ")))
    });
    Ruling::Broke(explain_end(breach, attempt))
}

//! What is looked at: one function a check, from what was seen to a finding.

mod carried;
mod head;
mod library;
mod many;
mod request;
mod stream;

use std::time::Duration;

pub(super) use library::{recovers, released};
use ssespec_scenario::{Check, EmitStep};

use super::reading::Seen;
use super::verdict::Finding;

/// All that a check may look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'s> {
    /// The plain stream.
    pub(super) plain: &'s Seen,
    /// What came of the request of the case; the plain stream where it asks for no more.
    pub(super) seen: &'s [Seen],
    /// What the library was told to send.
    pub(super) steps: &'s [EmitStep],
    /// Whether the library writes data as JSON.
    pub(super) json_data: bool,
    /// The id that was sent, where it is one of the plain stream's.
    pub(super) own_id: Option<&'s str>,
    /// How long the plain stream was to be watched.
    pub(super) watch: Duration,
    pub(super) min_events: Option<u32>,
    pub(super) time_scale: f64,
}

impl<'s> Scene<'s> {
    fn first(&self) -> &'s Seen {
        self.seen.first().unwrap_or(self.plain)
    }

    fn scaled(&self, duration: Duration) -> Duration {
        duration.mul_f64(self.time_scale)
    }
}

/// Looks.
pub(super) fn look(check: &Check, scene: &Scene<'_>) -> Finding {
    match check {
        Check::Ok {} => head::ok(scene),
        Check::MediaType {} => head::media_type(scene),
        Check::MediaTypeParameters {} => head::parameters(scene),
        Check::NotCached {} => head::not_cached(scene),
        Check::ProxyHints {} => head::proxy_hints(scene),
        Check::NoLength {} => head::no_length(scene),
        Check::Framed {} => head::framed(scene),
        Check::OneDelimiter {} => head::one_delimiter(scene),
        Check::EndsWhole {} => head::ends_whole(scene),
        Check::NotChunked {} => head::not_chunked(scene),
        Check::LawfulHead {} => head::lawful_head(scene),
        Check::HeadFirst {} => head::head_first(scene),
        Check::Uncoded {} => stream::uncoded(scene),
        Check::Decodes {} => stream::decodes(scene),
        Check::CodedPromptly {} => stream::coded_promptly(scene),
        Check::VariesByCoding {} => stream::varies_by_coding(scene),
        Check::FreeOf(breach) => stream::free_of(*breach, scene),
        Check::HeaderableIds {} => stream::headerable_ids(scene),
        Check::UniqueIds {} => stream::unique_ids(scene),
        Check::WholeEvents {} => stream::whole_events(scene),
        Check::Pacing {} => stream::pacing(scene),
        Check::Heartbeat {} => stream::heartbeat(scene),
        Check::SameStream {} => request::same_stream(scene),
        Check::Status {} => Finding::Saw(scene.first().shown()),
        Check::HeadOnly {} => request::head_only(scene),
        Check::SameHead {} => request::same_head(scene),
        Check::Refused(statuses) => request::refused(statuses, scene),
        Check::NamesAllowed {} => request::names_allowed(scene),
        Check::SharedWithOrigin {} => request::shared_with_origin(scene),
        Check::NoStarWithCredentials {} => request::no_star_with_credentials(scene),
        Check::VariesByOrigin {} => request::varies_by_origin(scene),
        Check::Survives {} => request::survives(scene),
        Check::NotReflected(text) => request::not_reflected(&text.0, scene),
        Check::StillUp {} => request::still_up(scene),
        Check::LosesNothing {} => many::loses_nothing(scene),
        Check::RepeatsNothing {} => many::repeats_nothing(scene),
        Check::KeepsOrder {} => many::keeps_order(scene),
        Check::AllServed {} => many::all_served(scene),
        Check::AllComplete {} => many::all_complete(scene),
        Check::SameEvents {} => many::same_events(scene),
        Check::OthersGoOn {} => many::others_go_on(scene),
        Check::Carried {} => carried::carried(scene),
        Check::KeptAlive {} => library::kept_alive(scene),
        Check::FailsOpenly {} => library::fails_openly(scene),
        // They look beside the answer.
        Check::Recovers {}
        | Check::Released {}
        | Check::BoundedMemory {}
        | Check::GaugeFalls {} => Finding::Moot("it was not looked at".to_owned(), ""),
    }
}

/// What would let us see more events.
const MORE_EVENTS: &str =
    "watch longer by `--for 60s`, or make the server emit by `--trigger 'POST URL'`";

/// What is said where nothing came to be looked at.
fn no_events(scene: &Scene<'_>) -> Finding {
    let seconds = scene.watch.as_secs_f64();
    let count = scene.plain.reading.events.len();
    Finding::Moot(format!("{count} events came in {seconds} s"), MORE_EVENTS)
}

//! A case: one thing that a subject must get right.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AskVersion, Check, Chunk, ClientCommand, Connection, Endpoint, Expectation, Feature, Origin,
    Passage, Role, Route, Step, Text,
};

/// One `[[case]]` of a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Case {
    /// Words separated by `-` and `/`, never a number in a row; permanent.
    #[schemars(extend("pattern" = r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)+$"))]
    pub id: String,
    /// Ids it had before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The rule that a failure breaks.
    pub rule: String,
    /// What conforming subjects do, as a statement, without a full stop.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Why the answer is what it is, where the rule's text does not say it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Public threads in which users met the bug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Rows of other suites and of the catalogue that this case covers, such as `ld:57`, `wpt:B-1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<String>,
    /// Defective clients, or servers, that this case must catch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kills: Vec<String>,
    /// The cases without which this one says nothing of its own: where one of them fails on the same
    /// route as this one, this one is `blocked`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends: Vec<String>,
    /// Features without which the case says nothing; those that its verbs imply are added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Feature>,
    /// The routes it runs over. Default: all but `h1s` for `stream`, `h1` for `connection`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routes: Option<Vec<Route>>,
    /// How many streams the subject is told to open at once, each with a sentinel of its own.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1, max = 5000))]
    pub streams: u32,
    /// What the subject is told when the stream is opened.
    #[serde(default)]
    pub open: Open,
    /// The body of one connection, one write each; then a sentinel event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stream: Vec<Chunk>,
    /// Whether a `stream` is also cut at each byte.
    #[serde(default)]
    pub splits: Splits,
    /// The sentinel is withheld until all that is expected has been reported.
    #[serde(default)]
    pub prompt: bool,
    /// How a `stream` finishes.
    #[serde(default)]
    pub finish: Finish,
    /// Connections in the order of the subject's requests, in place of `stream`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connection: Vec<Connection>,
    /// What must be reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expectation>,
    /// What may be reported, by name, where there is more than one right answer. In place of
    /// `expect`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// What is asked of a server, and looked at in its answer; in place of what is done to a
    /// client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// How the connections are asked for through a proxy, and what is compared between its two
    /// ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Passage>,
}

/// What the subject is told when the stream is opened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Open {
    /// The request method; needs `post` unless it is GET, or `report` where it is REPORT.
    pub method: Option<String>,
    /// Request headers; needs `headers`.
    pub headers: BTreeMap<String, Text>,
    /// The request body; needs `post`, or `report`.
    pub body: Option<Text>,
    /// The last event id of the first request; needs `last-event-id`.
    pub last_event_id: Option<Text>,
    /// Event types to listen to beside those that are expected.
    pub listen: Vec<Text>,
    /// Silence after which the subject gives the connection up, in ms; needs `read-timeout`.
    pub read_timeout_ms: Option<u64>,
    /// The first reconnection time, in ms, for subjects with `reconnect-delay`. Default 50.
    pub reconnect_ms: Option<u64>,
    /// What follows the case's unguessable part in the URL, such as `?q=a%20b`.
    pub target: Option<String>,
    /// The stream is opened with credentials; needs `credentials`.
    pub with_credentials: bool,
    /// The stream is on another origin than the page that opens it; needs `cors`.
    pub cross_origin: bool,
}

/// Whether a stream is also cut at each byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Splits {
    /// As it stands only.
    #[default]
    None,
    /// As it stands, once for each single cut, and once byte by byte.
    Every,
}

/// How a `stream` finishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// With a sentinel event on the same connection.
    #[default]
    Sentinel,
    /// With a clean end of the body. A subject that reconnects gets the sentinel on its next
    /// connection; one that does not must report `closed`.
    End,
}

/// One of the answers where there is more than one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Outcome {
    /// A short name, shown in the report.
    pub name: String,
    /// What is reported then.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Headers of the last request that tell this outcome.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub last_header: BTreeMap<String, Text>,
    /// Headers that the last request must lack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_without: Vec<String>,
    /// The end of the last request's target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_target: Option<String>,
    /// The origin that the last request came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_origin: Option<Origin>,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(count: &u32) -> bool {
    *count == 1
}

impl Case {
    /// Who is judged by it.
    pub fn role(&self) -> Role {
        match (&self.endpoint, &self.proxy) {
            (_, Some(_)) => Role::Proxy,
            (Some(_), None) => Role::Server,
            (None, None) => Role::Client,
        }
    }

    /// The routes it runs over, before the subject's features are asked. A run against a server
    /// takes one of them: that of its URL, or the one that the case insists on.
    pub fn routes(&self) -> Vec<Route> {
        match (&self.routes, &self.endpoint) {
            (Some(routes), _) => routes.clone(),
            (None, _) if self.proxy.is_some() => passage_routes(self.proxy.as_ref()),
            (None, Some(endpoint)) => endpoint_routes(endpoint),
            (None, None) => self.client_routes(),
        }
    }

    fn client_routes(&self) -> Vec<Route> {
        if self.is_stream() { Route::STREAM.to_vec() } else { vec![Route::H1] }
    }

    /// How many bytes of body it sends at most, without making them.
    pub fn sent_bytes(&self) -> u64 {
        let steps = self.connection.iter().flat_map(|connection| &connection.steps);
        let sent = steps.filter_map(|step| match step {
            Step::Send(chunk) | Step::Withhold(chunk) => Some(chunk),
            _ => None,
        });
        self.stream.iter().chain(sent).map(Chunk::len).sum()
    }

    /// How many responses the subject must have let go before the case is over.
    pub fn awaited_left(&self) -> u32 {
        let steps = self.connection.iter().flat_map(|connection| &connection.steps);
        let awaited = steps.filter_map(|step| match step {
            Step::Await(counts) => Some(counts.left),
            _ => None,
        });
        awaited.max().unwrap_or_default()
    }

    /// Whether it is written as one body, rather than connection by connection.
    pub fn is_stream(&self) -> bool {
        self.connection.is_empty()
    }

    /// The features it needs: those it names and those that its fields and verbs imply.
    pub fn needs(&self) -> Vec<Feature> {
        let mut needs = self.needs.clone();
        let open = &self.open;
        match open.method.as_deref() {
            Some("REPORT") => needs.push(Feature::Report),
            Some(method) if method != "GET" => needs.push(Feature::Post),
            _ if open.body.is_some() => needs.push(Feature::Post),
            _ => {}
        }
        let restarts = |step: &Step| matches!(step, Step::Client(ClientCommand::Restart {}));
        if self.steps().any(restarts) {
            needs.push(Feature::Restart);
        }
        if !open.headers.is_empty() {
            needs.push(Feature::Headers);
        }
        if open.last_event_id.is_some() {
            needs.push(Feature::LastEventId);
        }
        if open.with_credentials {
            needs.push(Feature::Credentials);
        }
        if open.cross_origin {
            needs.push(Feature::Cors);
        }
        if open.read_timeout_ms.is_some() {
            needs.push(Feature::ReadTimeout);
        }
        if self.connection.iter().any(|c| {
            (300..400).contains(&c.respond.status) && c.respond.header.contains_key("location")
        }) {
            needs.push(Feature::Redirect);
        }
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// All steps of its connections, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.connection
            .iter()
            .flat_map(|connection| connection.before.iter().chain(&connection.steps))
    }

    /// Whether the subject is told to close the stream.
    pub fn closes(&self) -> bool {
        self.steps().any(|step| matches!(step, Step::Client(ClientCommand::Close {})))
    }

    /// All expectations, those of the outcomes included.
    pub fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.expect.iter().chain(self.outcomes.iter().flat_map(|outcome| &outcome.expect))
    }

    /// The event types that the subject is told to listen to, `message` first.
    pub fn listen(&self) -> Vec<String> {
        let mut types = vec!["message".to_owned()];
        let expected = self.expectations().filter_map(|expectation| match expectation {
            Expectation::Event(event) => event.event_type.as_ref(),
            _ => None,
        });
        for text in expected.chain(&self.open.listen) {
            if !types.contains(&text.0) {
                types.push(text.0.clone());
            }
        }
        types
    }

    /// Whether the end is proved by a sentinel event; else by `closed` and the silence after it.
    pub fn has_sentinel(&self) -> bool {
        self.is_stream() || self.connection.iter().any(Connection::has_sentinel)
    }
}

/// A proxy is asked over HTTP/1.1 by whatever its URL says, unless the case is about HTTP/2.
fn passage_routes(passage: Option<&Passage>) -> Vec<Route> {
    match passage.and_then(|it| it.ask.version) {
        Some(AskVersion::Http2) => vec![Route::H2c, Route::H2],
        Some(AskVersion::Http10) | None => vec![Route::H1, Route::H1s],
    }
}

/// HTTP/1 and HTTP/2 frame their messages in ways of their own.
fn endpoint_routes(endpoint: &Endpoint) -> Vec<Route> {
    let http1 = matches!(endpoint.check, Check::Framed {} | Check::OneDelimiter {});
    match endpoint.ask.version {
        // Adapters listen in cleartext.
        Some(AskVersion::Http2) if !endpoint.ask.steps.is_empty() => vec![Route::H2c],
        None if !endpoint.ask.steps.is_empty() => vec![Route::H1],
        Some(AskVersion::Http2) => vec![Route::H2c, Route::H2],
        Some(AskVersion::Http10) => vec![Route::H1, Route::H1s],
        None if http1 => vec![Route::H1, Route::H1s],
        None => vec![Route::H1, Route::H1s, Route::H2c, Route::H2],
    }
}

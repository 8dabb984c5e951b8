//! The options of `ssespec load` that make a workload: arrivals, publishers, what events say.

use std::time::Duration;

use clap::{Args, ValueEnum};
use ssespec_load::{
    Address, AddressError, Arrivals, Lifetime, MOST_PUBLISHERS, Matcher, PUBLISH_VARIABLES,
    Pointer, Publish, Rate, Reading, Request, Slo, Spacing, Stage, Timestamp, WrittenStage,
};

use crate::error::CliError;
use crate::load_args::nanoseconds;
use crate::server;

/// What is published where the user says nothing else.
const MESSAGE: &str = "{\"sent\":{now_ns},\"publisher\":{publisher},\"seq\":{seq}}";

/// How streams arrive and leave.
#[derive(Debug, Args)]
pub(crate) struct ArrivalArgs {
    /// Start so many streams a second, whether or not those before have come about: `100/s`.
    #[arg(long, value_name = "N/s", conflicts_with = "stages")]
    pub(crate) rate: Option<Rate>,
    /// Go evenly to so many streams, as `1000@30s`, or to a rate of arrivals, as `100/s@30s`
    /// (repeatable).
    #[arg(long = "stage", value_name = "LEVEL@TIME", conflicts_with = "ramp")]
    pub(crate) stages: Vec<WrittenStage>,
    /// The times between arrivals at a rate.
    #[arg(long, value_enum, value_name = "SPACING")]
    pub(crate) arrivals: Option<SpacingArg>,
    /// How long each stream stays open: `10s`, `exp:10s` by its mean, `uniform:5s..15s`. Where
    /// streams are held, another takes its place.
    #[arg(long, value_name = "TIME")]
    pub(crate) lifetime: Option<Lifetime>,
}

/// What is read out of events.
#[derive(Debug, Args)]
pub(crate) struct ReadingArgs {
    /// The event that ends a stream with success: its data, as `[DONE]`, `event:NAME` for a type,
    /// or `/pointer` for JSON that has something there. Where streams are held, the next one is
    /// asked for.
    #[arg(long, value_name = "EVENT")]
    pub(crate) until: Option<Matcher>,
    /// The events that are tokens, for `ttft` and `itl`, written as for `--until` [default: all but
    /// the last].
    #[arg(long, value_name = "EVENT")]
    pub(crate) first_event: Option<Matcher>,
    /// When a stream that came to its end is good: `ttft < 500ms and itl.p99 < 50ms`.
    #[arg(long, value_name = "TERMS")]
    pub(crate) slo: Option<Slo>,
    /// Where JSON payloads say when they were sent, for `e2e`: `/meta/sent`, with `:s`, `:us` or
    /// `:ns` where it is not milliseconds since 1970; texts are read as RFC 3339.
    #[arg(long, value_name = "POINTER")]
    pub(crate) timestamp: Option<Timestamp>,
    /// Where JSON payloads say their number, by which delivery is judged in place of the id.
    #[arg(long, value_name = "POINTER")]
    pub(crate) sequence: Option<Pointer>,
}

impl ReadingArgs {
    pub(crate) fn reading(&self) -> Reading {
        Reading {
            until: self.until.clone(),
            first_event: self.first_event.clone(),
            slo: self.slo.clone(),
            timestamp: self.timestamp.clone(),
            sequence: self.sequence.clone(),
        }
    }
}

/// The times between arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpacingArg {
    /// All the same.
    Constant,
    /// As of users who know nothing of each other.
    Poisson,
}

impl ArrivalArgs {
    /// How streams arrive, when a rate is reached over this time.
    pub(crate) fn arrivals(&self, ramp: Option<Duration>) -> Result<Arrivals, CliError> {
        let spacing = match self.arrivals {
            Some(SpacingArg::Poisson) => Spacing::Poisson,
            Some(SpacingArg::Constant) | None => Spacing::Constant,
        };
        let usage = |message: &str, help: &str| CliError::Usage {
            message: message.to_owned(),
            help: help.to_owned(),
        };
        let stages: Vec<Stage> = self.stages.iter().map(|written| written.stage).collect();
        if let Some(rate) = self.rate {
            let over_ns = nanoseconds(ramp.unwrap_or_default());
            let stages = vec![Stage { level: rate.milli, over_ns }];
            return Ok(Arrivals::Rates { stages, spacing });
        }
        if !stages.is_empty() && self.stages.iter().all(|written| written.is_rate) {
            return Ok(Arrivals::Rates { stages, spacing });
        }
        if self.arrivals.is_some() {
            return Err(usage(
                "`--arrivals` says how streams arrive at a rate, and there is none",
                "give a `--rate`, such as `--rate 100/s`",
            ));
        }
        if self.stages.iter().any(|written| written.is_rate) {
            return Err(usage(
                "some stages are numbers of streams and some are rates",
                "write all as `1000@30s`, or all as `100/s@30s`",
            ));
        }
        Ok(if stages.is_empty() { Arrivals::Held } else { Arrivals::Levels { stages } })
    }
}

/// What is published meanwhile.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// Publish messages while the streams are held: `POST URL`, for the built-in server `POST
    /// /load/broadcast`; the streams then listen on `/load/broadcast?rate=0`.
    #[arg(long, value_name = "METHOD URL")]
    pub(crate) publish: Option<String>,
    /// How many messages a second all publishers send.
    #[arg(long, value_name = "N/s", default_value = "1/s", requires = "publish")]
    pub(crate) publish_rate: Rate,
    /// How many publishers take turns, each on a connection of its own.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "publish",
          value_parser = clap::value_parser!(u64).range(1..=MOST_PUBLISHERS))]
    pub(crate) publishers: u64,
    /// A header of each message, as `Name: value` (repeatable).
    #[arg(long = "publish-header", value_name = "LINE", requires = "publish")]
    pub(crate) publish_headers: Vec<String>,
    /// The message, with `{publisher}`, `{seq}`, `{now_ms}` and so on; `@FILE` reads it [default:
    /// JSON with these, whose time `e2e` is measured by].
    #[arg(long, value_name = "TEXT", requires = "publish")]
    pub(crate) publish_body: Option<String>,
}

impl PublishArgs {
    pub(crate) fn publish(&self, builtin: bool) -> Result<Option<Publish>, CliError> {
        let Some(text) = &self.publish else {
            return Ok(None);
        };
        let in_publish = |error: AddressError| CliError::Usage {
            message: format!("failed to use `--publish`: {error}"),
            help: error.help(),
        };
        let (method, url) = text.trim().split_once(' ').unwrap_or(("POST", text.trim()));
        let mut request = Request::of_publisher();
        request.method(method).map_err(in_publish)?;
        for line in &self.publish_headers {
            request.header(line).map_err(in_publish)?;
        }
        let body = self.publish_body.as_deref().map(server::body).transpose()?;
        request.body(body.unwrap_or_else(|| MESSAGE.to_owned())).map_err(in_publish)?;
        // The built-in server has an address when it runs.
        let inside = builtin && url.starts_with('/');
        let whole = if inside { format!("http://builtin{url}") } else { url.to_owned() };
        let address = Address::parse_with(&whole, PUBLISH_VARIABLES).map_err(in_publish)?;
        if address.tls {
            return Err(CliError::Usage {
                message: "failed to use `--publish`: publishers do not speak TLS".to_owned(),
                help: "give the `http://` URL of the server itself".to_owned(),
            });
        }
        Ok(Some(Publish {
            path: address.target.clone(),
            address: (!inside).then_some(address),
            request,
            rate_milli: self.publish_rate.milli,
            publishers: self.publishers,
        }))
    }
}

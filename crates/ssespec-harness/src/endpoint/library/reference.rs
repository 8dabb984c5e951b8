//! The reference library: what it is told goes through the reference encoder.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use ssespec_parser::EncodeError;
use ssespec_parser::encode::{encode_comment, encode_event, encode_id, encode_retry, normalize};
use ssespec_scenario::ServerFeature;

use super::{
    Announced, Announcement, Emission, EmitCommand, Library, Memory, Retry, ServerHello, WireEvent,
    memory,
};

/// How long nothing is sent where no heartbeat was asked for.
const FOR_EVER: Duration = Duration::from_hours(1);

/// What becomes of a request to the reference library.
pub(in super::super) enum Emitted {
    /// The stream.
    Stream(UnsyncBoxBody<Bytes, Infallible>),
    /// A value cannot be carried, or the request is none.
    Refused(String),
    /// The handler failed before it had sent anything.
    Failed,
}

/// The reference library, served at this URL.
pub(in super::super) fn library(url: String, announced: Announced) -> Library {
    let features: Vec<_> = ServerFeature::ALL
        .into_iter()
        .filter(|it| {
            use ServerFeature::{Flush, JsonData, RetryText};
            !matches!(it, Flush | JsonData | RetryText)
        })
        .collect();
    Library {
        hello: ServerHello {
            protocol: crate::protocol::PROTOCOL_VERSION,
            role: "server".to_owned(),
            name: "the reference server".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "Rust".to_owned(),
            url,
            features: features.iter().map(|it| it.name().to_owned()).collect(),
            ..ServerHello::default()
        },
        features,
        announced,
        memory: Memory::new(memory::of_this_process),
    }
}

/// Does what a request says; `number` counts the requests.
pub(in super::super) fn emit(
    body: &[u8],
    gzip: bool,
    number: u64,
    announced: Announced,
) -> Emitted {
    let emission: Emission = match serde_json::from_slice(body) {
        Ok(emission) => emission,
        Err(error) => return Emitted::Refused(format!("the body is no emission: {error}")),
    };
    let mut sender = Sender {
        steps: emission.steps.into(),
        heartbeat: FOR_EVER,
        gzip: gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
        presence: Presence { number, announced, over: false },
    };
    // What comes before anything is sent can still be refused by a status.
    if matches!(sender.steps.front(), Some(EmitCommand::Throw(_))) {
        sender.presence.over = true;
        return Emitted::Failed;
    }
    if let Some(EmitCommand::Event(event)) = sender.steps.front()
        && let Err(error) = encode(&mut Vec::new(), event)
    {
        sender.presence.over = true;
        return Emitted::Refused(error.to_string());
    }
    let pieces = stream::unfold(sender, |mut sender| async move {
        let piece = sender.piece().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(piece))), sender))
    });
    Emitted::Stream(StreamBody::new(pieces).boxed_unsync())
}

/// Tells the application when the client has left before the stream was over.
struct Presence {
    number: u64,
    announced: Announced,
    over: bool,
}

impl Drop for Presence {
    fn drop(&mut self) {
        if !self.over {
            self.announced.hear(&Announcement::Disconnected { request: self.number });
        }
    }
}

/// One stream.
struct Sender {
    steps: VecDeque<EmitCommand>,
    heartbeat: Duration,
    gzip: Option<GzEncoder<Vec<u8>>>,
    presence: Presence,
}

impl Sender {
    /// The next piece of the body; `None` at its end.
    async fn piece(&mut self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        while out.is_empty() {
            match self.steps.pop_front() {
                // What cannot be carried is left out.
                Some(EmitCommand::Event(event)) => {
                    let _ = encode(&mut out, &event);
                }
                Some(EmitCommand::Comment(text)) => {
                    let _ = encode_comment(&mut out, &text);
                }
                Some(EmitCommand::SleepMs(ms)) => self.wait(ms, &mut out).await,
                Some(EmitCommand::HeartbeatMs(ms)) => self.heartbeat = Duration::from_millis(ms),
                Some(EmitCommand::Repeat { count, event }) => {
                    let _ = encode(&mut out, &event);
                    if count > 1 {
                        self.steps.push_front(EmitCommand::Repeat { count: count - 1, event });
                    }
                }
                Some(EmitCommand::Hold(_)) => {
                    tokio::time::sleep(self.heartbeat).await;
                    self.steps.push_front(EmitCommand::Hold(true));
                    let _ = encode_comment(&mut out, "");
                }
                Some(EmitCommand::Flush(_)) => {}
                Some(EmitCommand::End(_) | EmitCommand::Throw(_)) | None => {
                    self.presence.over = true;
                    let rest = self.gzip.take().and_then(|gzip| gzip.finish().ok());
                    return rest.filter(|rest| !rest.is_empty());
                }
            }
        }
        let Some(gzip) = &mut self.gzip else { return Some(out) };
        // Writing to memory cannot fail.
        let _ = gzip.write_all(&out).and_then(|()| gzip.flush());
        Some(std::mem::take(gzip.get_mut()))
    }

    async fn wait(&mut self, ms: u64, out: &mut Vec<u8>) {
        let time = Duration::from_millis(ms);
        if time <= self.heartbeat {
            return tokio::time::sleep(time).await;
        }
        tokio::time::sleep(self.heartbeat).await;
        let rest = time.saturating_sub(self.heartbeat).as_millis();
        let rest = u64::try_from(rest).unwrap_or(u64::MAX);
        self.steps.push_front(EmitCommand::SleepMs(rest));
        let _ = encode_comment(out, "");
    }
}

/// `server.encode`, `server.no-injection`: what cannot be carried is refused whole.
fn encode(out: &mut Vec<u8>, event: &WireEvent) -> Result<(), EncodeError> {
    let mut block = Vec::new();
    if let Some(Retry::Ms(ms)) = event.retry {
        encode_retry(&mut block, ms);
    }
    match (&event.data, &event.id) {
        (Some(data), id) => {
            encode_event(&mut block, event.event_type.as_deref(), &normalize(data), id.as_deref())?;
        }
        (None, Some(id)) => encode_id(&mut block, id)?,
        (None, None) => {}
    }
    out.append(&mut block);
    Ok(())
}

//! Single requests to a service, each on a connection of its own.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// How much of an answer is shown.
const SHOWN_CHARS: usize = 200;

/// A client for single requests.
#[derive(Debug, Clone)]
pub(super) struct Http {
    limit: Duration,
}

/// An answer that was read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The status, and how the body begins, if there is one.
    pub(super) fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let start: String = line.chars().take(SHOWN_CHARS).collect();
        let cut = if start.len() < line.len() { "…" } else { "" };
        match start.as_str() {
            "" => self.status.to_string(),
            start => format!("{}: `{start}{cut}`", self.status),
        }
    }

    /// Whether it says that all went well.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// There is no connection.
    #[error("{0}")]
    Unreachable(String),
    /// The connection ended before the answer, or it is no HTTP.
    #[error("{0}")]
    Broken(String),
    /// The answer did not come in time.
    #[error("no answer within {} s", .0.as_secs_f64())]
    Late(Duration),
}

impl Http {
    /// A client that waits so long for an answer.
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit }
    }

    /// Sends a request; the body is JSON. Cancel safe in that nothing is left behind.
    pub(super) async fn send(
        &self,
        method: &str,
        url: &str,
        body: Option<String>,
    ) -> Result<Answer, HttpError> {
        tokio::time::timeout(self.limit, exchange(method, url, body))
            .await
            .unwrap_or(Err(HttpError::Late(self.limit)))
    }
}

async fn exchange(method: &str, url: &str, body: Option<String>) -> Result<Answer, HttpError> {
    let unusable = |what: &str| HttpError::Broken(format!("`{url}` {what}"));
    let uri: http::Uri = url.parse().map_err(|_| unusable("is no URL"))?;
    if uri.scheme_str() != Some("http") {
        return Err(unusable("is no `http:` URL"));
    }
    let (Some(host), Some(authority)) = (uri.host(), uri.authority()) else {
        return Err(unusable("names no host"));
    };
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let address = (host.trim_matches(['[', ']']).to_owned(), uri.port_u16().unwrap_or(80));
    let tcp = TcpStream::connect(address)
        .await
        .map_err(|error| HttpError::Unreachable(error.to_string()))?;
    let broken = |error: &dyn std::error::Error| HttpError::Broken(chain(error));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await.map_err(|e| broken(&e))?;
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header(header::HOST, authority.as_str())
        .header(header::CONNECTION, "close");
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = Full::new(Bytes::from(body.unwrap_or_default()));
    let request = request.body(body).map_err(|e| broken(&e))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|e| broken(&e))?;
        let status = response.status().as_u16();
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| broken(&*error))?.to_bytes().to_vec();
        Ok(Answer { status, location, body })
    };
    // The connection is driven beside its one request, and dropped with it.
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        ended = connection => {
            if let Err(error) = ended {
                return Err(broken(&error));
            }
            answer.await
        }
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        message.push_str(&format!(": {error}"));
        source = error.source();
    }
    message
}

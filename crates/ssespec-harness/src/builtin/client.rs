//! The life of one EventSource: connect, read, lose, wait, connect again.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use ssespec_parser::{Item, Parser};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsConnector;

use super::Reporter;
use super::address::Address;
use super::coding::{self, Codings};
use super::fetch::{FetchError, Request, Response, fetch};
use crate::protocol::{Open, Report};

/// The reconnection time of a client that was told none.
const DEFAULT_DELAY: Duration = Duration::from_secs(3);
/// The longest reconnection time that is waited; a server that asks for more is meant to.
const MAX_DELAY: Duration = Duration::from_hours(24);

/// What the user may ask of a stream.
pub(super) struct Asks {
    /// To close it.
    pub(super) close: oneshot::Receiver<()>,
    /// To drop the connection and connect again.
    pub(super) restarts: mpsc::UnboundedReceiver<()>,
}

/// Runs a stream until it fails or `close` comes.
pub(super) async fn run(open: Open, reporter: Reporter, tls: TlsConnector, asks: Asks) {
    let Asks { close, mut restarts } = asks;
    let life = async {
        match Client::new(open, reporter.clone(), tls) {
            Ok(mut client) => client.run(&mut restarts).await,
            Err(message) => message,
        }
    };
    tokio::select! {
        biased;
        // Dropping the sender means that the harness is gone.
        _ = close => {}
        message = life => reporter.report(Report::Error { fatal: true, message }),
    }
    reporter.report(Report::Closed);
}

struct Client {
    request: Request,
    reporter: Reporter,
    tls: TlsConnector,
    read_timeout: Option<Duration>,
    delay: Duration,
    last_event_id: String,
}

/// How a connection ended.
enum Loss {
    /// The client reconnects (`reconnect.eof`, `reconnect.network`).
    Reconnect(String),
    /// The client fails for good (`response.200`, `response.type`).
    Fail(String),
}

impl Client {
    fn new(open: Open, reporter: Reporter, tls: TlsConnector) -> Result<Self, String> {
        let address =
            Address::parse(&open.url).ok_or_else(|| format!("`{}` is no HTTP URL", open.url))?;
        let method = Method::from_bytes(open.method.as_bytes()).map_err(|e| e.to_string())?;
        let mut headers = HeaderMap::new();
        // `request.accept`, `request.no-store`: what Fetch sends for an EventSource.
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding::ACCEPTED));
        for (name, value) in &open.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|e| e.to_string())?;
            headers.insert(name, value);
        }
        let h2c = open.http_version.as_deref() == Some("2");
        let body = Bytes::from(open.body.unwrap_or_default());
        Ok(Self {
            request: Request { address, method, headers, body, h2c },
            reporter,
            tls,
            read_timeout: open.read_timeout_ms.map(Duration::from_millis),
            delay: open.reconnect_ms.map_or(DEFAULT_DELAY, Duration::from_millis),
            last_event_id: open.last_event_id.unwrap_or_default(),
        })
    }

    /// Connects again and again; returns why the client failed for good.
    async fn run(&mut self, restarts: &mut mpsc::UnboundedReceiver<()>) -> String {
        loop {
            let loss = tokio::select! {
                biased;
                // `restart.reconnects`: the connection goes with its future; nothing was lost, so
                // there is no error, and nothing to wait for.
                Some(()) = restarts.recv() => continue,
                loss = Box::pin(self.connection()) => loss,
            };
            match loss {
                Loss::Fail(message) => return message,
                Loss::Reconnect(message) => {
                    // `reconnect.error-event`: the loss is reported before the new connection.
                    self.reporter.report(Report::Error { fatal: false, message });
                    tokio::select! {
                        biased;
                        Some(()) = restarts.recv() => {}
                        () = tokio::time::sleep(self.delay.min(MAX_DELAY)) => {}
                    }
                }
            }
        }
    }

    /// One connection, from the request to its loss.
    async fn connection(&mut self) -> Loss {
        let mut request = self.request.clone();
        // `reconnect.last-event-id`: raw UTF-8, absent when empty. An id that no header can
        // carry is left out, which the standard leaves open.
        if !self.last_event_id.is_empty()
            && let Ok(value) = HeaderValue::from_bytes(self.last_event_id.as_bytes())
        {
            request.headers.insert("last-event-id", value);
        }
        let response = match self.in_time(Box::pin(fetch(&request, &self.tls))).await {
            Ok(response) => response,
            Err(message) => return Loss::Reconnect(message),
        };
        if response.status != 200 {
            return Loss::Fail(format!("the status is {}, not 200", response.status.as_u16()));
        }
        if !is_event_stream(&response.headers) {
            return Loss::Fail("the content type is not text/event-stream".to_owned());
        }
        let codings = match Codings::of(&response.headers) {
            Ok(codings) => codings,
            Err(message) => return Loss::Reconnect(message),
        };
        self.reporter.report(Report::Opened);
        self.body(response, codings).await
    }

    async fn body(&mut self, mut response: Response, mut codings: Codings) -> Loss {
        let mut parser = Parser::new();
        // `id.fresh-buffer`: carried over, as browsers and the Web Platform Tests have it.
        parser.set_last_event_id(&self.last_event_id);
        loop {
            let piece = self.in_time(response.piece()).await;
            let piece = piece.and_then(|piece| {
                piece.map(|bytes| codings.undo(&bytes)).transpose().map_err(|e| e.to_string())
            });
            let reporter = &self.reporter;
            let delay = &mut self.delay;
            let on_item = |item: Item<'_>| {
                if let Item::Retry(retry) = &item {
                    *delay = Duration::from_millis(retry.milliseconds);
                }
                super::decoder::report(reporter, &item);
            };
            let loss = match piece {
                Ok(Some(bytes)) => match parser.feed(&bytes, on_item) {
                    Ok(()) => {
                        parser.last_event_id().clone_into(&mut self.last_event_id);
                        continue;
                    }
                    Err(error) => Loss::Fail(error.to_string()),
                },
                // `eof.discard`: what is pending is dropped with the parser.
                Ok(None) => Loss::Reconnect("the server ended the stream".to_owned()),
                Err(message) => Loss::Reconnect(message),
            };
            return loss;
        }
    }

    /// Holds a step of the network to the read timeout.
    async fn in_time<T>(
        &self,
        step: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, String> {
        let result = match self.read_timeout {
            Some(limit) => tokio::time::timeout(limit, step)
                .await
                .unwrap_or_else(|_| Err(FetchError::Network(format!("silent for {limit:?}")))),
            None => step.await,
        };
        result.map_err(|FetchError::Network(message)| message)
    }
}

/// `response.type`: the essence of the last usable media type (Fetch, "extract a MIME type"),
/// without regard to case and parameters.
fn is_event_stream(headers: &HeaderMap) -> bool {
    let mut essence = None;
    for value in headers.get_all(header::CONTENT_TYPE) {
        for part in split_list(&String::from_utf8_lossy(value.as_bytes())) {
            let name =
                part.split(';').next().unwrap_or_default().trim_matches([' ', '\t', '\r', '\n']);
            let token = |text: &str| {
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
            };
            let usable =
                name.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype));
            if usable && name != "*/*" {
                essence = Some(name.to_ascii_lowercase());
            }
        }
    }
    essence.as_deref() == Some("text/event-stream")
}

/// Splits at commas outside quoted strings.
fn split_list(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            '"' => quoted = !quoted,
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
            if c == '\\' && quoted {
                part.extend(chars.next());
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_is_judged_by_its_essence() {
        let judge = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
            }
            is_event_stream(&headers)
        };
        for good in [
            "text/event-stream",
            "TEXT/Event-Stream;charset=x",
            "text/event-stream;",
            "text/event-stream ; bogus",
        ] {
            assert!(judge(&[good]), "{good}");
        }
        for bad in [
            "",
            "text/event-streamx",
            "x bogus",
            "text/html",
            "text/event-stream, text/html",
            "text/ event-stream",
        ] {
            assert!(!judge(&[bad]), "{bad}");
        }
        assert!(!judge(&["text/event-stream", "text/html"]));
        assert!(judge(&["text/html", "text/event-stream"]));
        assert!(judge(&["text/event-stream, bogus"]));
        assert!(!judge(&[]));
    }
}

//! One exchange over HTTP/2.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use ssespec_net::{Malformed, ReplyHead};

use super::exchange::{Answer, Asked, End, MAX_BODY_BYTES, Piece, Trouble};
use super::line::Line;
use super::probe::Watch;

/// Headers that HTTP/2 has other means for (RFC 9113, 8.2.2).
const OF_THE_CONNECTION: [&str; 5] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "host"];

/// How long it may take to leave in order.
const LEAVING: std::time::Duration = std::time::Duration::from_millis(200);

/// Sends the request and reads until the watch is over.
pub(super) async fn exchange(
    line: Box<dyn Line>,
    asked: &Asked,
    watch: &mut Watch,
) -> Result<Answer, Trouble> {
    let not_http = |error: &h2::Error| {
        let message = format!("this is no HTTP/2 ({error})");
        Trouble::NotHttp(Malformed { message, at: Vec::new() })
    };
    let shaken = tokio::time::timeout_at(watch.head_by, h2::client::handshake(line)).await;
    let shaken = shaken.map_err(|_| Trouble::Silent(watch.patience))?;
    let (sender, connection) = shaken.map_err(|error| not_http(&error))?;
    // The task ends with the exchange: nobody else owns it.
    let mut connection =
        Owned(tokio::spawn(async move { connection.await.map_err(|it| it.to_string()) }));
    let outcome = on_connection(sender, asked, watch).await;
    // With nobody left the connection resets its stream, says so and closes: in order, not by
    // falling silent.
    let _ = tokio::time::timeout(LEAVING, &mut connection.0).await;
    outcome
}

/// A task that ends with its owner.
struct Owned<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn on_connection(
    sender: h2::client::SendRequest<Bytes>,
    asked: &Asked,
    watch: &mut Watch,
) -> Result<Answer, Trouble> {
    let silent = |watch: &Watch| Trouble::Silent(watch.patience);
    let request = request(asked).map_err(|error| {
        let message = format!("the request cannot be sent over HTTP/2: {error}");
        Trouble::NotHttp(Malformed { message, at: Vec::new() })
    })?;
    let ready = tokio::time::timeout_at(watch.head_by, sender.ready()).await;
    let mut sender = ready.map_err(|_| silent(watch))?.map_err(|error| trouble(&error))?;
    let empty = asked.body.is_empty();
    let (response, mut body) = sender.send_request(request, empty).map_err(|it| trouble(&it))?;
    if !empty {
        let bytes = Bytes::from(asked.body.clone());
        body.send_data(bytes, true).map_err(|error| trouble(&error))?;
    }
    let response = tokio::time::timeout_at(watch.head_by, response).await;
    let response = response.map_err(|_| silent(watch))?.map_err(|error| trouble(&error))?;
    let at = watch.now();
    let headers = response.headers().iter();
    let head = ReplyHead {
        version: "2",
        status: response.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        raw: Vec::new(),
    };
    watch.saw_head();
    let mut answer = Answer {
        head,
        head_at: at,
        head_with_body: false,
        pieces: Vec::new(),
        end: End::Left,
        end_at: at,
        excess: Vec::new(),
        trailers: Vec::new(),
    };
    let mut body = response.into_body();
    answer.end = loop {
        if body.is_end_stream() {
            break End::Whole;
        }
        if watch.is_enough() {
            break End::Left;
        }
        let Ok(data) = tokio::time::timeout_at(watch.until, body.data()).await else {
            break End::Left;
        };
        match data {
            None => break End::Whole,
            Some(Err(error)) => break End::Cut(error.to_string()),
            Some(Ok(bytes)) => {
                // Capacity that cannot be given back shows as the end of the stream.
                let _ = body.flow_control().release_capacity(bytes.len());
                watch.saw(&bytes);
                answer.pieces.push(Piece { at: watch.now(), bytes: bytes.to_vec() });
                if watch.bytes > MAX_BODY_BYTES {
                    break End::TooLarge;
                }
            }
        }
    };
    answer.end_at = watch.now();
    Ok(answer)
}

/// What an error says of the server. That our side resets the stream for a protocol error means
/// that the head is malformed: a header that HTTP/2 forbids, a name in upper case, no `:status`.
fn trouble(error: &h2::Error) -> Trouble {
    let ours = error.is_library() || (error.is_reset() && !error.is_remote());
    if ours && error.reason() == Some(h2::Reason::PROTOCOL_ERROR) {
        let message = "the head of the response is malformed: a header that HTTP/2 forbids \
                       (`Connection`, `Keep-Alive`, `Proxy-Connection`, `Transfer-Encoding`, \
                       `Upgrade`), or a name that is not in lower case"
            .to_owned();
        return Trouble::NotHttp(Malformed { message, at: Vec::new() });
    }
    Trouble::Dropped(error.to_string())
}

fn request(asked: &Asked) -> Result<http::Request<()>, http::Error> {
    let scheme = if asked.address.https { "https" } else { "http" };
    let uri = format!("{scheme}://{}{}", asked.address.authority, asked.address.target);
    let mut request = http::Request::builder()
        .method(asked.method.as_str())
        .uri(uri)
        .version(http::Version::HTTP_2)
        .body(())?;
    for (name, value) in &asked.headers {
        let name = name.to_ascii_lowercase();
        if OF_THE_CONNECTION.contains(&name.as_str()) {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes())?;
        request.headers_mut().append(name, HeaderValue::from_bytes(value)?);
    }
    Ok(request)
}

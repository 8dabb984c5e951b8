//! One exchange over HTTP/1, byte by byte as it comes.

use std::io;

use ssespec_net::{Ending, ReplyReader};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::exchange::{Answer, Asked, End, MAX_BODY_BYTES, Piece, Trouble, Version};
use super::line::Line;
use super::probe::Watch;

/// The request as bytes.
pub(super) fn request_bytes(asked: &Asked) -> Vec<u8> {
    let version = if asked.version == Version::Http10 { "1.0" } else { "1.1" };
    let mut bytes =
        format!("{} {} HTTP/{version}\r\n", asked.method, asked.address.target).into_bytes();
    let mut push = |name: &str, value: &[u8]| {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    };
    if !asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        push("Host", asked.address.authority.as_bytes());
    }
    for (name, value) in &asked.headers {
        push(name, value);
    }
    let has_coding =
        asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
    if !asked.body.is_empty() && !has_coding {
        push("Content-Length", asked.body.len().to_string().as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&asked.body);
    bytes
}

/// Sends the request and reads until the watch is over.
pub(super) async fn exchange(
    mut line: Box<dyn Line>,
    asked: &Asked,
    watch: &mut Watch,
) -> Result<Answer, Trouble> {
    let dropped = |error: &io::Error| Trouble::Dropped(error.to_string());
    let silent = |watch: &Watch| Trouble::Silent(watch.patience);
    let sent = async {
        line.write_all(&request_bytes(asked)).await?;
        line.flush().await
    };
    // A server that refuses by its head may close before it has read all that we send.
    let sent = tokio::time::timeout_at(watch.head_by, sent).await.map_err(|_| silent(watch))?;
    let mut reader = ReplyReader::new(&asked.method);
    let mut buffer = vec![0; 64 << 10];
    let mut answer: Option<Answer> = None;
    loop {
        let by = if answer.is_some() { watch.until } else { watch.head_by };
        let read = tokio::time::timeout_at(by, line.read(&mut buffer)).await;
        let at = watch.now();
        let (count, lost) = match (read, &answer) {
            (Err(_), None) => return Err(silent(watch)),
            (Err(_), Some(_)) => return finished(answer, End::Left, at),
            (Ok(Ok(count)), _) => (count, None),
            (Ok(Err(error)), None) => {
                return Err(dropped(sent.as_ref().err().unwrap_or(&error)));
            }
            (Ok(Err(error)), Some(_)) => (0, Some(error.to_string())),
        };
        if count == 0 {
            if answer.is_none() {
                let why =
                    sent.err().map_or_else(|| "it was closed".to_owned(), |it| it.to_string());
                return Err(Trouble::Dropped(why));
            }
            let end = match (lost, reader.finish()) {
                (Some(error), _) if !reader.is_over() => End::Cut(error),
                (_, Ending::Whole) => End::Whole,
                (_, Ending::Cut(how)) => End::Cut(how),
            };
            return finished(answer, end, at);
        }
        let mut body = Vec::new();
        let fed = reader.feed(buffer.get(..count).unwrap_or_default(), &mut body);
        let Some(head) = reader.head() else {
            if let Err(malformed) = fed {
                return Err(Trouble::NotHttp(malformed));
            }
            continue;
        };
        let answer_so_far = answer.get_or_insert_with(|| {
            watch.saw_head();
            Answer {
                head: head.clone(),
                head_at: at,
                head_with_body: !body.is_empty(),
                pieces: Vec::new(),
                end: End::Left,
                end_at: at,
                excess: Vec::new(),
                trailers: Vec::new(),
            }
        });
        answer_so_far.excess = reader.excess().to_vec();
        answer_so_far.trailers = reader.trailers().to_vec();
        if !body.is_empty() {
            watch.saw(&body);
            answer_so_far.pieces.push(Piece { at, bytes: body });
        }
        if let Err(malformed) = fed {
            return finished(answer, End::Malformed(malformed), at);
        }
        if watch.bytes > MAX_BODY_BYTES || answer_so_far.excess.len() > MAX_BODY_BYTES {
            return finished(answer, End::TooLarge, at);
        }
        // The answer to HEAD is over by its head; what comes behind it is what is looked for.
        if reader.is_over() && !watch.looks_behind_the_end {
            return finished(answer, End::Whole, at);
        }
        if watch.is_enough() {
            return finished(answer, End::Left, at);
        }
    }
}

fn finished(answer: Option<Answer>, end: End, at: std::time::Duration) -> Result<Answer, Trouble> {
    let answer = answer.ok_or_else(|| Trouble::Dropped("it was closed".to_owned()))?;
    Ok(Answer { end, end_at: at, ..answer })
}

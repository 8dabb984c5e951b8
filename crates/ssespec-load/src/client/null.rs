//! An adapter that hardly does anything, so that what is left is the cost of the protocol.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use serde::Deserialize;

use crate::body::{Body, Malformed, Progress};
use crate::head;

const WAKER: Token = Token(usize::MAX);
const BUFFER_BYTES: usize = 64 * 1024;

/// Serves as an adapter over these pipes, for streams of the built-in server alone: it splits what
/// comes at blank lines, and reports it, with one write for all that one read has brought.
///
/// # Errors
/// When the pipes break or no poll can be had.
pub fn null_adapter<R, W>(input: R, mut output: W) -> io::Result<()>
where
    R: Read + Send + 'static,
    W: Write,
{
    ssespec_net::allow_open_files();
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
    let (commands, asked) = channel();
    std::thread::Builder::new().spawn(move || listen(input, &commands, &waker))?;
    let version = env!("CARGO_PKG_VERSION");
    writeln!(
        output,
        r#"{{"op":"hello","protocol":1,"name":"null","version":"{version}","features":["open"]}}"#
    )?;
    output.flush()?;
    Null { poll, asked, streams: HashMap::new(), out: Vec::new(), output }.run()
}

#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
enum Command {
    Open {
        stream: u64,
        url: String,
    },
    Close {
        stream: u64,
    },
    Exit,
    #[serde(other)]
    Other,
}

fn listen(input: impl Read, commands: &Sender<Command>, waker: &Waker) {
    for line in BufReader::new(input).lines() {
        let Ok(command) = line.and_then(|line| Ok(serde_json::from_str(&line)?)) else {
            break;
        };
        if commands.send(command).is_err() {
            return;
        }
        let _ = waker.wake();
    }
    let _ = commands.send(Command::Exit);
    let _ = waker.wake();
}

struct Null<W> {
    poll: Poll,
    asked: Receiver<Command>,
    streams: HashMap<usize, Stream>,
    out: Vec<u8>,
    output: W,
}

struct Stream {
    socket: TcpStream,
    /// The request, until it is sent.
    request: Option<String>,
    body: Option<Body>,
    /// A head, or an event, whose end has not come.
    held: Vec<u8>,
}

impl<W: Write> Null<W> {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match self.poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            while let Ok(command) = self.asked.try_recv() {
                match command {
                    Command::Open { stream, url } => self.open(stream, &url)?,
                    Command::Close { stream } => self.close(stream, None)?,
                    Command::Exit => return Ok(()),
                    Command::Other => {}
                }
            }
            for event in &events {
                if event.token() != WAKER {
                    self.serve(event.token().0, &mut buffer)?;
                }
            }
        }
    }

    fn open(&mut self, number: u64, url: &str) -> io::Result<()> {
        let opened = || -> Option<(TcpStream, String)> {
            let (authority, path) = url.strip_prefix("http://")?.split_once('/')?;
            let socket = TcpStream::connect(authority.parse::<SocketAddr>().ok()?).ok()?;
            let request = format!("GET /{path} HTTP/1.1\r\nhost: {authority}\r\n\r\n");
            Some((socket, request))
        };
        let Some((mut socket, request)) = opened() else {
            return self.close(number, Some("failed to connect"));
        };
        let place = usize::try_from(number).unwrap_or(usize::MAX - 1);
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut socket, Token(place), interest)?;
        let stream = Stream { socket, request: Some(request), body: None, held: Vec::new() };
        self.streams.insert(place, stream);
        Ok(())
    }

    fn serve(&mut self, place: usize, buffer: &mut [u8]) -> io::Result<()> {
        loop {
            let Some(stream) = self.streams.get_mut(&place) else {
                return Ok(());
            };
            if let Some(request) = &stream.request {
                match stream.socket.write(request.as_bytes()) {
                    // A request is far smaller than what a socket holds.
                    Ok(_) => stream.request = None,
                    Err(error) if is_early(&error) => return Ok(()),
                    Err(_) => return self.close(place as u64, Some("failed to connect")),
                }
            }
            let len = match stream.socket.read(buffer) {
                Ok(0) => return self.close(place as u64, None),
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_early(&error) => return Ok(()),
                Err(_) => return self.close(place as u64, Some("connection lost")),
            };
            let bytes = buffer.get(..len).unwrap_or_default();
            let done = stream.take(place, bytes, &mut self.out);
            self.flush()?;
            match done {
                Ok(Progress::Open) => {}
                Ok(Progress::Done) => return self.close(place as u64, None),
                Err(why) => return self.close(place as u64, Some(why)),
            }
        }
    }

    fn close(&mut self, number: u64, why: Option<&str>) -> io::Result<()> {
        self.streams.remove(&usize::try_from(number).unwrap_or(usize::MAX));
        if let Some(why) = why {
            let line = format!(
                "{{\"op\":\"error\",\"stream\":{number},\"fatal\":true,\"message\":\"{why}\"}}\n"
            );
            self.out.extend_from_slice(line.as_bytes());
        }
        let line = format!("{{\"op\":\"closed\",\"stream\":{number}}}\n");
        self.out.extend_from_slice(line.as_bytes());
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.write_all(&self.out)?;
        self.out.clear();
        self.output.flush()
    }
}

fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected)
}

impl Stream {
    fn take(
        &mut self,
        number: usize,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Progress, &'static str> {
        let Some(body) = &mut self.body else {
            self.held.extend_from_slice(bytes);
            return match head::judge(&self.held) {
                Ok(None) => Ok(Progress::Open),
                Ok(Some(head)) => {
                    self.body = Some(Body::new(head.framing));
                    let line = format!("{{\"op\":\"opened\",\"stream\":{number}}}\n");
                    out.extend_from_slice(line.as_bytes());
                    let rest = std::mem::take(&mut self.held).split_off(head.len);
                    self.take(number, &rest, out)
                }
                Err(_) => Err("no event stream"),
            };
        };
        let held = &mut self.held;
        let progress = body.feed::<Malformed>(bytes, |part| {
            held.extend_from_slice(part);
            Ok(())
        });
        let progress = progress.map_err(|Malformed(why)| why)?;
        let mut start = 0;
        while let Some(rest) = self.held.get(start..)
            && let Some(len) = end_of_event(rest)
        {
            report(number, rest.get(..len).unwrap_or_default(), out);
            start += len;
        }
        self.held.drain(..start);
        Ok(progress)
    }
}

/// The length of the first event with its blank line.
fn end_of_event(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair == b"\n\n").map(|at| at + 2)
}

/// The built-in server sends `id` and `data`, and nothing that JSON would have escaped.
fn report(number: usize, event: &[u8], out: &mut Vec<u8>) {
    let _ = write!(out, "{{\"op\":\"event\",\"stream\":{number}");
    for (field, key) in [(&b"data: "[..], "data"), (b"id: ", "id")] {
        let value = event.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(field));
        if let Some(value) = value {
            let _ = write!(out, ",\"{key}\":\"");
            out.extend_from_slice(value);
            out.push(b'"');
        }
    }
    out.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_reported() {
        let mut out = Vec::new();
        report(3, b"id: 1\ndata: @5 ..\n\n", &mut out);
        let line = String::from_utf8(out).unwrap();
        assert_eq!(line, "{\"op\":\"event\",\"stream\":3,\"data\":\"@5 ..\",\"id\":\"1\"}\n");
        assert_eq!(end_of_event(b"a\n\nb"), Some(3));
    }
}

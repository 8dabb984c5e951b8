//! One connection: HTTP/1 as bytes, one request each.

use std::io;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::defect::ServerDefect as Defect;
use super::head::{Head, answer};
use super::stream::{LATE, Piece, Stream};
use super::world::World;
use super::{emission, http2, request};

/// How HTTP/2 connections begin.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) async fn serve(mut socket: TcpStream, world: &World) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut start = vec![0; PREFACE.len()];
    let mut count = 0;
    while count < start.len() {
        let read = socket.read(start.get_mut(count..).unwrap_or_default()).await?;
        if read == 0 {
            return Ok(());
        }
        count += read;
        if !PREFACE.starts_with(start.get(..count).unwrap_or_default()) {
            break;
        }
    }
    start.truncate(count);
    if start == PREFACE {
        return http2::serve(socket, world).await;
    }
    let (request, rest) = request::read(&mut socket, start).await?;
    if request.method == "POST" && request.target == "/emit" {
        return emission::serve(socket, &request, rest, world).await;
    }
    if request.target == "/streams" {
        let number = world.held.load(Ordering::Relaxed).to_string();
        let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{number}\n");
        return socket.write_all(answer.as_bytes()).await;
    }
    let Some(head) = answer(&request, world) else {
        if request.method == "HEAD" {
            // Hangs until the client leaves.
            return socket.read(&mut [0; 1]).await.map(drop);
        }
        return Ok(());
    };
    let _turn =
        if world.has(Defect::OneStreamAtATime) { Some(world.gate.lock().await) } else { None };
    let framing = Framing::of(&head, request.is_http_1_0, world);
    let bytes = head_bytes(&head, framing, world);
    let body = head.streams && (request.method != "HEAD" || world.has(Defect::HeadWithBody));
    if !body {
        return socket.write_all(&bytes).await;
    }
    let stream = Stream::begin(&request, world, world.next_stream(), head.gzip);
    if world.has(Defect::HeadWithTheFirstEvent) {
        tokio::time::sleep(LATE).await;
    } else {
        socket.write_all(&bytes).await?;
    }
    let withheld = if world.has(Defect::HeadWithTheFirstEvent) { bytes } else { Vec::new() };
    world.held.fetch_add(1, Ordering::Relaxed);
    let sent = send(socket, stream, framing, withheld, world).await;
    if !world.has(Defect::StreamCountedForEver) {
        world.held.fetch_sub(1, Ordering::Relaxed);
    }
    sent
}

/// Sends the stream until it ends, the client leaves, or a defect ends it.
async fn send(
    socket: TcpStream,
    mut stream: Stream,
    framing: Framing,
    mut withheld: Vec<u8>,
    world: &World,
) -> io::Result<()> {
    let (mut reader, mut writer) = socket.into_split();
    let mut left = world.left.subscribe();
    let mut chunks = 0;
    let mut byte = [0; 1];
    loop {
        let piece = tokio::select! {
            piece = stream.piece(world) => piece,
            // Nothing more is asked for on this connection: the client has left.
            _ = reader.read(&mut byte) => {
                world.left.send_modify(|count| *count += 1);
                return Ok(());
            }
            _ = left.changed(), if world.has(Defect::AllLeaveWithOne) => return Ok(()),
        };
        match piece {
            Piece::Bytes(bytes) if bytes.is_empty() => {}
            Piece::Bytes(bytes) => {
                chunks += 1;
                let _turn = if world.has(Defect::WaitsForTheSlowest) {
                    Some(world.gate.lock().await)
                } else {
                    None
                };
                let halves = world.has(Defect::EventInTwoHalves) && chunks > 1;
                let parts: Vec<&[u8]> = if halves {
                    let (first, second) = bytes.split_at(bytes.len() - 3);
                    vec![first, second]
                } else {
                    vec![&bytes]
                };
                for (n, part) in parts.into_iter().enumerate() {
                    if n > 0 {
                        tokio::time::sleep(LATE).await;
                    }
                    withheld.extend(framing.framed(part, chunks, world));
                    writer.write_all(&std::mem::take(&mut withheld)).await?;
                }
            }
            Piece::Silence => return reader.read(&mut byte).await.map(drop),
            Piece::End => {
                let rest = stream.finish();
                if !rest.is_empty() {
                    writer.write_all(&framing.framed(&rest, chunks, world)).await?;
                }
                if framing == Framing::Chunked && !world.has(Defect::LastChunkMissing) {
                    writer.write_all(b"0\r\n\r\n").await?;
                }
                return writer.shutdown().await;
            }
        }
    }
}

/// How the body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Chunked,
    Bare,
}

impl Framing {
    fn of(head: &Head, is_http_1_0: bool, world: &World) -> Self {
        let bare = (is_http_1_0 && !world.has(Defect::ChunkedToHttp10))
            || world.has(Defect::LengthAnnounced)
            || !head.streams;
        if bare { Self::Bare } else { Self::Chunked }
    }

    fn framed(self, body: &[u8], chunks: u32, world: &World) -> Vec<u8> {
        if self == Self::Bare {
            return body.to_vec();
        }
        let size = match world.defect {
            Some(Defect::ChunkSizeNotHexadecimal) if chunks > 1 => String::new(),
            Some(Defect::ChunkLongerThanItsSize) => format!("{:x}\r\n", body.len() - 2),
            _ => format!("{:x}\r\n", body.len()),
        };
        [size.as_bytes(), body, b"\r\n"].concat()
    }
}

fn head_bytes(head: &Head, framing: Framing, world: &World) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} Status\r\n", head.status);
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if world.has(Defect::LengthAnnounced) || world.has(Defect::LengthBesideChunked) {
        text.push_str("Content-Length: 1000000\r\n");
    } else if !head.streams && head.status != 304 {
        text.push_str("Content-Length: 0\r\n");
    }
    if framing == Framing::Chunked {
        text.push_str("Transfer-Encoding: chunked\r\n");
    }
    text.push_str("Connection: close\r\n\r\n");
    text.into_bytes()
}

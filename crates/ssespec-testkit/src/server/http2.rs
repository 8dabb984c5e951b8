//! HTTP/2 as bytes: as much of it as one stream needs, right or wrong.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::defect::ServerDefect as Defect;
use super::request::Request;
use super::stream::{Piece, Stream};
use super::world::World;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Serves the first request of a connection whose preface has been read.
pub(super) async fn serve(mut socket: TcpStream, world: &World) -> io::Result<()> {
    socket.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    let stream = loop {
        let (kind, flags, stream, payload) = read_frame(&mut socket).await?;
        match kind {
            HEADERS => break stream,
            _ => obey(&mut socket, kind, flags, &payload).await?,
        }
    };
    let fails = world.has(Defect::Http2Answers500);
    let status = if fails { "500" } else { "200" };
    let mut head = literal(":status", status);
    head.extend(literal("content-type", "text/event-stream"));
    head.extend(literal("cache-control", "no-cache"));
    if world.has(Defect::ConnectionHeaderOverHttp2) {
        head.extend(literal("connection", "keep-alive"));
    }
    let flags = END_HEADERS | if fails { END_STREAM } else { 0 };
    socket.write_all(&frame(HEADERS, flags, stream, &head)).await?;
    let mut events = Stream::begin(&Request::default(), world, world.next_stream(), false);
    let (mut reader, mut writer) = socket.into_split();
    // Frames that come are read to their end, whatever the stream does meanwhile.
    let until_left = async move {
        loop {
            match read_frame(&mut reader).await {
                Ok((RST_STREAM | GOAWAY, ..)) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    let events_out = async {
        if fails {
            return std::future::pending().await;
        }
        loop {
            match events.piece(world).await {
                Piece::Bytes(bytes) => {
                    writer.write_all(&frame(DATA, 0, stream, &bytes)).await?;
                }
                Piece::Silence => break,
                Piece::End => {
                    return writer.write_all(&frame(DATA, END_STREAM, stream, &[])).await;
                }
            }
        }
        std::future::pending().await
    };
    tokio::select! {
        outcome = events_out => outcome,
        () = until_left => Ok(()),
    }
}

async fn obey(socket: &mut TcpStream, kind: u8, flags: u8, payload: &[u8]) -> io::Result<()> {
    match (kind, flags & ACK) {
        (SETTINGS, 0) => socket.write_all(&frame(SETTINGS, ACK, 0, &[])).await,
        (PING, 0) => socket.write_all(&frame(PING, ACK, 0, payload)).await,
        _ => Ok(()),
    }
}

async fn read_frame<R: tokio::io::AsyncRead + Unpin>(
    reader: &mut R,
) -> io::Result<(u8, u8, u32, Vec<u8>)> {
    let mut header = [0; 9];
    reader.read_exact(&mut header).await?;
    let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = header;
    let mut payload = vec![0; u32::from_be_bytes([0, l0, l1, l2]) as usize];
    reader.read_exact(&mut payload).await?;
    Ok((kind, flags, u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]), payload))
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or_default().to_be_bytes();
    let mut out = vec![length[1], length[2], length[3], kind, flags];
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
    out
}

/// A header that enters no table and is not compressed; both texts are short.
fn literal(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).unwrap_or_default();
    let mut out = vec![0, length(name)];
    out.extend_from_slice(name.as_bytes());
    out.push(length(value));
    out.extend_from_slice(value.as_bytes());
    out
}

//! A header that no HTTP/2 library would send, put into the frames of one that sends the others.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;

const HEADERS: u8 = 1;
/// How much the pipe holds.
const PIPE_BYTES: usize = 256 << 10;

/// The near end of a pipe to the client: the heads that the library writes get `connection:
/// keep-alive` while that is wanted.
pub(super) fn inject(client: TcpStream, wanted: Arc<AtomicBool>) -> DuplexStream {
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    tokio::spawn(async move {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_library, mut to_library) = tokio::io::split(far);
        let _ = tokio::join!(
            async {
                let copied = tokio::io::copy(&mut from_client, &mut to_library).await;
                let _ = to_library.shutdown().await;
                copied
            },
            async {
                loop {
                    let frame = read_frame(&mut from_library, &wanted).await?;
                    to_client.write_all(&frame).await?;
                }
                #[expect(unreachable_code, reason = "it tells the type of the error")]
                io::Result::Ok(())
            }
        );
    });
    near
}

async fn read_frame<R: tokio::io::AsyncRead + Unpin>(
    reader: &mut R,
    wanted: &AtomicBool,
) -> io::Result<Vec<u8>> {
    let mut head = [0; 9];
    reader.read_exact(&mut head).await?;
    let [l0, l1, l2, kind, ..] = head;
    let mut payload = vec![0; u32::from_be_bytes([0, l0, l1, l2]) as usize];
    reader.read_exact(&mut payload).await?;
    if kind == HEADERS && wanted.load(Ordering::Acquire) {
        // A header that enters no table and is not compressed.
        payload.extend_from_slice(b"\x00\x0aconnection\x0akeep-alive");
    }
    let [_, l0, l1, l2] = u32::try_from(payload.len()).unwrap_or_default().to_be_bytes();
    head[..3].copy_from_slice(&[l0, l1, l2]);
    Ok([head.to_vec(), payload].concat())
}

//! Content codings of what the mock sends: each flush is given, or withheld, as the steps say.

use std::io::{self, Write};

use ssespec_net::Request;
use ssespec_scenario::Coding;

/// How much the brotli encoder takes at once, in bytes.
const BROTLI_BUFFER_BYTES: usize = 4096;
/// Brotli's quality and window, as servers use them for what is coded on the way out.
const BROTLI_QUALITY: u32 = 5;
const BROTLI_WINDOW: u32 = 22;

/// Encodes the body of one response.
pub(crate) enum Encoder {
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    Deflate(flate2::write::ZlibEncoder<Vec<u8>>),
    Br(Box<brotli::CompressorWriter<Vec<u8>>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Encoder {
    /// An encoder that has written nothing.
    pub(crate) fn new(coding: Coding) -> io::Result<Self> {
        let level = flate2::Compression::default();
        Ok(match coding {
            Coding::Gzip => Self::Gzip(flate2::write::GzEncoder::new(Vec::new(), level)),
            Coding::Deflate => Self::Deflate(flate2::write::ZlibEncoder::new(Vec::new(), level)),
            Coding::Br => Self::Br(Box::new(brotli::CompressorWriter::new(
                Vec::new(),
                BROTLI_BUFFER_BYTES,
                BROTLI_QUALITY,
                BROTLI_WINDOW,
            ))),
            Coding::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(Vec::new(), 0)?),
        })
    }

    /// Takes bytes of the body, without a flush.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer().write_all(bytes)
    }

    /// Flushes, so that all that was written can be decoded; gives the coded bytes.
    pub(crate) fn flush(&mut self) -> io::Result<Vec<u8>> {
        self.writer().flush()?;
        Ok(std::mem::take(self.output()))
    }

    /// Ends the coding; gives what is left of the coded bytes.
    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Deflate(encoder) => encoder.finish(),
            Self::Br(encoder) => Ok(encoder.into_inner()),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Gzip(encoder) => encoder,
            Self::Deflate(encoder) => encoder,
            Self::Br(encoder) => encoder,
            Self::Zstd(encoder) => encoder,
        }
    }

    fn output(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Deflate(encoder) => encoder.get_mut(),
            Self::Br(encoder) => encoder.get_mut(),
            Self::Zstd(encoder) => encoder.get_mut(),
        }
    }
}

/// Whether the request asks for the coding.
pub(crate) fn is_asked_for(coding: Coding, request: &Request) -> bool {
    let values: Vec<String> = request
        .header("accept-encoding")
        .map(|value| String::from_utf8_lossy(value).into_owned())
        .collect();
    coding.is_asked_for_by(&values.join(","))
}

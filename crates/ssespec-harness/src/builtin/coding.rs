//! Undoes content codings as the body arrives (`http.coding`, `http.coding-prompt`).

use std::io::{self, Write};

use http::{HeaderMap, header};

/// What the client asks for by `Accept-Encoding`.
pub(super) const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// How much the brotli decoder takes at once, in bytes.
const BROTLI_BUFFER_BYTES: usize = 4096;

/// The codings of one body, the last one that was applied first.
pub(crate) struct Codings(Vec<Coding>);

enum Coding {
    Gzip(flate2::write::MultiGzDecoder<Vec<u8>>),
    Deflate(flate2::write::ZlibDecoder<Vec<u8>>),
    Br(Box<brotli::DecompressorWriter<Vec<u8>>>),
    Zstd(zstd::stream::write::Decoder<'static, Vec<u8>>),
}

impl Codings {
    /// Those that the response names.
    ///
    /// # Errors
    /// A coding that the client never asked for.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let mut codings = Vec::new();
        for value in headers.get_all(header::CONTENT_ENCODING) {
            for name in String::from_utf8_lossy(value.as_bytes()).split(',') {
                codings.extend(Coding::named(name.trim()).map_err(|error| error.to_string())?);
            }
        }
        codings.reverse();
        Ok(Self(codings))
    }

    /// What some bytes of the coded body bring of the plain one: all of it, so that an event is
    /// there as soon as the server has flushed it. A body that ends with its coding unfinished
    /// loses what was not flushed, as any other that is cut short.
    pub(crate) fn undo(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = bytes.to_vec();
        for coding in &mut self.0 {
            bytes = coding.undo(&bytes)?;
        }
        Ok(bytes)
    }
}

impl Coding {
    fn named(name: &str) -> io::Result<Option<Self>> {
        Ok(Some(match name.to_ascii_lowercase().as_str() {
            "" | "identity" => return Ok(None),
            "gzip" | "x-gzip" => Self::Gzip(flate2::write::MultiGzDecoder::new(Vec::new())),
            "deflate" => Self::Deflate(flate2::write::ZlibDecoder::new(Vec::new())),
            "br" => {
                let decoder = brotli::DecompressorWriter::new(Vec::new(), BROTLI_BUFFER_BYTES);
                Self::Br(Box::new(decoder))
            }
            "zstd" => Self::Zstd(zstd::stream::write::Decoder::new(Vec::new())?),
            other => return Err(io::Error::other(format!("unknown content coding `{other}`"))),
        }))
    }

    fn undo(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let writer = self.writer();
        writer.write_all(bytes)?;
        // The decoders hold back what they have decoded until they are flushed.
        writer.flush()?;
        Ok(std::mem::take(self.output()))
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Gzip(decoder) => decoder,
            Self::Deflate(decoder) => decoder,
            Self::Br(decoder) => decoder,
            Self::Zstd(decoder) => decoder,
        }
    }

    fn output(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Br(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
        }
    }
}

//! Undoes the content coding of a body (`http.coding`, `http.coding-prompt`).

use std::io::{self, Write};

use super::head::Head;
use super::trouble::{LossKind, Trouble};
use crate::defect::{Defect, Switch};

/// How many coded bytes a mutant gathers.
const BLOCK_BYTES: usize = 4096;
/// How much of one read a mutant decodes.
const ROOM_BYTES: usize = 8192;

/// What one read may decode to, for a mutant.
const INFLATED_BYTES: usize = 1 << 20;

/// The coding of one body.
pub(super) struct Coding {
    switch: Switch,
    decoder: Option<Decoder>,
    /// Coded bytes that a mutant holds back.
    held: Vec<u8>,
}

/// A decoder that writes what it decodes into a vector.
enum Decoder {
    Gzip(flate2::write::GzDecoder<Vec<u8>>),
    Zlib(flate2::write::ZlibDecoder<Vec<u8>>),
    Deflate(flate2::write::DeflateDecoder<Vec<u8>>),
    Brotli(Box<brotli::DecompressorWriter<Vec<u8>>>),
    Zstandard(zstd::stream::write::Decoder<'static, Vec<u8>>),
}

impl std::fmt::Debug for Coding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coding").field("held", &self.held.len()).finish_non_exhaustive()
    }
}

/// What a mutant or the correct client asks for.
pub(super) fn accepted(switch: Switch) -> Option<&'static str> {
    match switch.0 {
        Some(Defect::AcceptEncodingMissing) => None,
        _ => Some("br, zstd, gzip, deflate"),
    }
}

impl Coding {
    /// The coding that the head names; `before` is that of the connection before. A name that is
    /// not known leaves the body as it is, as Fetch has it.
    ///
    /// # Errors
    /// Only mutants refuse a name.
    pub(super) fn of(head: &Head, before: Option<Self>, switch: Switch) -> Result<Self, Trouble> {
        let again = before.is_some();
        if let Some(before) = before.filter(|_| switch.has(Defect::CodingStateSurvivesReconnection))
            && before.decoder.is_some()
        {
            return Ok(before);
        }
        let name = head.values("content-encoding", switch).join(",");
        let name =
            if switch.has(Defect::CodingNamesCaseCounts) { name } else { name.to_lowercase() };
        let ignored = switch.has(Defect::CodingNotUndone)
            || again && switch.has(Defect::CodingUndoneAtFirstOnly);
        let decoder = match name.as_str() {
            _ if ignored => None,
            "x-gzip" if switch.has(Defect::OldCodingNameUnknown) => None,
            "gzip" | "x-gzip" => Some(Decoder::Gzip(flate2::write::GzDecoder::new(Vec::new()))),
            "deflate" if switch.has(Defect::DeflateTakenRaw) => {
                Some(Decoder::Deflate(flate2::write::DeflateDecoder::new(Vec::new())))
            }
            "deflate" => Some(Decoder::Zlib(flate2::write::ZlibDecoder::new(Vec::new()))),
            "br" => {
                let decoder = brotli::DecompressorWriter::new(Vec::new(), BLOCK_BYTES);
                Some(Decoder::Brotli(Box::new(decoder)))
            }
            // A decoder that cannot be made leaves the body as it is, which each case shows.
            "zstd" => zstd::stream::write::Decoder::new(Vec::new()).ok().map(Decoder::Zstandard),
            "identity" if switch.has(Defect::IdentityRefused) => {
                return Err(Trouble::Failed("the content coding is `identity`".to_owned()));
            }
            "" | "identity" => None,
            _ if switch.has(Defect::UnknownCodingIsFinal) => {
                return Err(Trouble::Failed(format!("the content coding is `{name}`")));
            }
            _ => None,
        };
        Ok(Self { switch, decoder, held: Vec::new() })
    }

    /// What a read brings of the plain body; whether that is the end of it.
    pub(super) fn read(&mut self, coded: &[u8], is_last: bool) -> Result<(Vec<u8>, bool), Trouble> {
        let Some(decoder) = &mut self.decoder else {
            return Ok((coded.to_vec(), is_last));
        };
        self.held.extend_from_slice(coded);
        let waits = match self.switch.0 {
            Some(Defect::CodingUndoneAtTheEnd) => !is_last,
            Some(Defect::CodingUndoneByBlocks) => !is_last && self.held.len() < BLOCK_BYTES,
            _ => false,
        };
        if waits {
            return Ok((Vec::new(), false));
        }
        let coded = std::mem::take(&mut self.held);
        let mut plain = match decoder.take(&coded) {
            Ok(plain) => plain,
            Err(error) => return Err(self.malformed(&error)),
        };
        if is_last && !decoder.is_finished() && self.switch.has(Defect::UnfinishedCodingIsFinal) {
            return Err(Trouble::Failed("the coding of the body is unfinished".to_owned()));
        }
        if plain.len() > INFLATED_BYTES && self.switch.has(Defect::InflationIsFinal) {
            return Err(Trouble::Failed("the body inflates too much".to_owned()));
        }
        if self.switch.has(Defect::CodingRoomOf8Kibibytes) {
            plain.truncate(ROOM_BYTES);
        }
        let taken_for_the_end = plain.is_empty() && self.switch.has(Defect::NothingDecodedIsTheEnd);
        Ok((plain, is_last || taken_for_the_end))
    }

    fn malformed(&self, error: &io::Error) -> Trouble {
        if self.switch.has(Defect::MalformedCodingIsFinal) {
            Trouble::Failed(error.to_string())
        } else {
            LossKind::Cut.because(error.to_string())
        }
    }
}

impl Decoder {
    /// Decodes all that these bytes make decodable.
    fn take(&mut self, coded: &[u8]) -> io::Result<Vec<u8>> {
        let writer = self.writer();
        writer.write_all(coded)?;
        writer.flush()?;
        Ok(std::mem::take(self.output()))
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Gzip(decoder) => decoder,
            Self::Zlib(decoder) => decoder,
            Self::Deflate(decoder) => decoder,
            Self::Brotli(decoder) => decoder,
            Self::Zstandard(decoder) => decoder,
        }
    }

    fn output(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstandard(decoder) => decoder.get_mut(),
        }
    }

    /// Whether the coding came to its end; only gzip says so here.
    fn is_finished(&mut self) -> bool {
        match self {
            Self::Gzip(decoder) => decoder.try_finish().is_ok(),
            _ => true,
        }
    }
}

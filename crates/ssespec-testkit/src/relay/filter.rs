//! What becomes of a body on its way: nothing, but for a defect.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::defect::RelayDefect as Defect;

/// How much a proxy holds that passes parts of this size on.
const PART_BYTES: usize = 4 << 10;
/// From where on, or beyond which, long things go wrong.
const LONG_BYTES: usize = 64 << 10;

/// Passes a body on, piece by piece.
pub(super) struct Filter {
    defect: Option<Defect>,
    /// What is kept back.
    kept: Vec<u8>,
    /// Whether all is kept back to the end.
    keeps_all: bool,
    encoder: Option<GzEncoder<Vec<u8>>>,
    passed_bytes: usize,
    line_bytes: usize,
}

impl Filter {
    pub(super) fn new(defect: Option<Defect>, keeps_all: bool, compresses: bool) -> Self {
        Self {
            defect,
            kept: Vec::new(),
            keeps_all,
            encoder: compresses.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
            passed_bytes: 0,
            line_bytes: 0,
        }
    }

    /// What goes on when a piece has come.
    pub(super) fn pass(&mut self, piece: Vec<u8>) -> Vec<u8> {
        if let Some(encoder) = &mut self.encoder {
            // Writing into memory does not fail.
            let _ = encoder.write_all(&piece);
            return std::mem::take(encoder.get_mut());
        }
        if self.keeps_all {
            self.kept.extend(piece);
            return Vec::new();
        }
        let Some(defect) = self.defect else { return piece };
        match defect {
            Defect::LineEndsNormalised => {
                self.kept.extend(piece);
                // A CR at the end may be half of a CRLF.
                let ends = self.kept.ends_with(b"\r");
                let mut text = std::mem::take(&mut self.kept);
                if ends {
                    text.pop();
                    self.kept.push(b'\r');
                }
                normalised(&text)
            }
            Defect::TextCleaned => {
                let text = String::from_utf8_lossy(&piece).replace('\u{feff}', "");
                let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
                text.chars().filter(kept).collect::<String>().into_bytes()
            }
            Defect::ChunksDecodedOneByOne => {
                String::from_utf8_lossy(&piece).into_owned().into_bytes()
            }
            Defect::OneByteChunksLost if piece.len() == 1 => Vec::new(),
            Defect::NulDroppedLate => {
                let before = LONG_BYTES.saturating_sub(self.passed_bytes).min(piece.len());
                self.passed_bytes += piece.len();
                let (first, rest) = piece.split_at(before);
                let rest = rest.iter().copied().filter(|byte| *byte != 0);
                first.iter().copied().chain(rest).collect()
            }
            Defect::LinesCutAt64Kibibytes => {
                let mut out = Vec::new();
                for byte in piece {
                    self.line_bytes = if byte == b'\n' { 0 } else { self.line_bytes + 1 };
                    if self.line_bytes <= LONG_BYTES {
                        out.push(byte);
                    }
                }
                out
            }
            Defect::CommentsDropped | Defect::CommentsAsData => {
                self.kept.extend(piece);
                let end = self.kept.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let lines: Vec<u8> = self.kept.drain(..end).collect();
                let mut out = Vec::new();
                for line in lines.split_inclusive(|byte| *byte == b'\n') {
                    match (line.starts_with(b":"), defect) {
                        (false, _) => out.extend_from_slice(line),
                        (true, Defect::CommentsAsData) => {
                            out.extend_from_slice(b"data: ");
                            out.extend_from_slice(line);
                        }
                        (true, _) => {}
                    }
                }
                out
            }
            Defect::Buffers4Kibibytes => {
                self.kept.extend(piece);
                let whole = self.kept.len() / PART_BYTES * PART_BYTES;
                self.kept.drain(..whole).collect()
            }
            Defect::LateByAnEvent => std::mem::replace(&mut self.kept, piece),
            Defect::WaitsForWholeEvents => {
                self.kept.extend(piece);
                let end = self.kept.windows(2).rposition(|it| it == b"\n\n").map_or(0, |at| at + 2);
                self.kept.drain(..end).collect()
            }
            Defect::CutsLoseWhatCame => {
                self.kept.extend(piece);
                let free = self.kept.len().saturating_sub(LONG_BYTES);
                self.kept.drain(..free).collect()
            }
            _ => piece,
        }
    }

    /// What goes on when the body has ended cleanly.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        if let Some(encoder) = self.encoder.take() {
            return encoder.finish().unwrap_or_default();
        }
        let kept = std::mem::take(&mut self.kept);
        match self.defect {
            Some(Defect::LineEndsNormalised) => normalised(&kept),
            _ => kept,
        }
    }
}

fn normalised(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'\r' {
            let _ = bytes.next_if_eq(&b'\n');
            out.push(b'\n');
        } else {
            out.push(byte);
        }
    }
    out
}

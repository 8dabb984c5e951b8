//! The first stage: reads become text (`decode.utf8`, `decode.utf8-split`, `decode.bom`).

use crate::defect::{Defect, Switch};

use super::utf8;

const BOM: char = '\u{FEFF}';
const BOM_BYTES: &[u8] = b"\xEF\xBB\xBF";

/// What the body is taken to be encoded in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// What the standard says it is.
    #[default]
    Utf8,
    /// Byte = code point.
    Latin1,
    /// Two bytes a unit, the greater one first or last.
    Utf16 {
        /// First.
        big_endian: bool,
    },
}

/// The text of one read.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Nothing more is to be read.
    pub(super) stopped: bool,
}

/// Decodes a stream that comes in reads.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    switch: Switch,
    encoding: Encoding,
    pending: Vec<u8>,
    /// The first character has been seen, and dropped if it was a byte order mark.
    pub(super) began: bool,
    reads: u32,
}

impl Text {
    pub(super) fn new(switch: Switch, encoding: Encoding) -> Self {
        let latin1 = switch.has(Defect::DecodesLatin1);
        let encoding = if latin1 { Encoding::Latin1 } else { encoding };
        Self { switch, encoding, pending: Vec::new(), began: false, reads: 0 }
    }

    /// Decodes one read.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Piece {
        self.reads += 1;
        let mut bytes = bytes;
        if self.switch.has(Defect::Utf16MarkHonoured) && self.reads == 1 {
            for (mark, big_endian) in [(b"\xFF\xFE", false), (b"\xFE\xFF", true)] {
                if let Some(rest) = bytes.strip_prefix(mark) {
                    self.encoding = Encoding::Utf16 { big_endian };
                    bytes = rest;
                    break;
                }
            }
        }
        let mut piece = match self.encoding {
            Encoding::Utf8 => self.utf8(bytes),
            Encoding::Latin1 => self.latin1(bytes),
            Encoding::Utf16 { big_endian } => self.utf16(bytes, big_endian),
        };
        self.drop_marks(&mut piece.text, bytes);
        self.spoil(&mut piece.text);
        piece
    }

    fn utf8(&mut self, bytes: &[u8]) -> Piece {
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if self.switch.has(Defect::Utf8DecodedPerRead) {
            return Piece { text: lossy(bytes), stopped: false };
        }
        if self.switch.has(Defect::Utf8DecodedPerKibibyte) {
            let text = bytes.chunks(1024).map(lossy).collect();
            return Piece { text, stopped: false };
        }
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        let decoded = utf8::decode(&all, self.switch);
        self.pending = decoded.rest;
        Piece { text: decoded.text, stopped: decoded.stopped }
    }

    /// A byte order mark at the start of the stream is recognised all the same.
    fn latin1(&mut self, bytes: &[u8]) -> Piece {
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        if !self.began {
            if all.len() < BOM_BYTES.len() && BOM_BYTES.starts_with(&all) {
                self.pending = all;
                return Piece::default();
            }
            self.began = true;
            if all.starts_with(BOM_BYTES) {
                all.drain(..BOM_BYTES.len());
            }
        }
        Piece { text: all.into_iter().map(char::from).collect(), stopped: false }
    }

    fn utf16(&mut self, bytes: &[u8], big_endian: bool) -> Piece {
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        let pairs = all.chunks_exact(2);
        self.pending = pairs.remainder().to_vec();
        let units = pairs.map(|pair| match pair {
            [first, second] if big_endian => u16::from_be_bytes([*first, *second]),
            [first, second] => u16::from_le_bytes([*first, *second]),
            _ => 0,
        });
        let text = char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        Piece { text, stopped: false }
    }

    fn drop_marks(&mut self, text: &mut String, read: &[u8]) {
        let starts = text.starts_with(BOM);
        if self.switch.has(Defect::BomStrippedAtEachRead) && starts {
            text.remove(0);
            self.began = true;
        }
        if !self.began && !text.is_empty() {
            self.began = true;
            let dropped = match self.switch.0 {
                Some(Defect::BomKept) => false,
                Some(Defect::BomInFirstReadOnly) => self.reads == 1 && read.starts_with(BOM_BYTES),
                _ => starts,
            };
            if dropped && text.starts_with(BOM) {
                text.remove(0);
            }
        }
        if self.switch.has(Defect::BomStrippedEverywhere) {
            text.retain(|char| char != BOM);
        }
    }

    fn spoil(&self, text: &mut String) {
        match self.switch.0 {
            Some(Defect::AstralReplaced) => {
                let replaced = |char| if char > '\u{FFFF}' { '\u{FFFD}' } else { char };
                *text = text.chars().map(replaced).collect();
            }
            Some(Defect::TextSanitised) => text.retain(|char| !is_suspect(char)),
            Some(Defect::DropsLfAtReadStart) if self.reads > 1 && text.starts_with('\n') => {
                text.remove(0);
            }
            _ => {}
        }
    }
}

/// What a client that sanitises text takes away.
fn is_suspect(char: char) -> bool {
    matches!(char,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{300}'..='\u{36F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}')
        || u32::from(char) & 0xFFFE == 0xFFFE
}

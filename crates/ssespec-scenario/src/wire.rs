//! Wire strings: any byte sequence written as text, and chunks put together from them.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use schemars::JsonSchema;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// What is wrong with a wire string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A backslash followed by something that is no escape.
    #[error("unknown escape `\\{found}`; the escapes are \\n \\r \\t \\0 \\\\ \\xNN \\u{{…}}")]
    UnknownEscape {
        /// The character after the backslash.
        found: char,
    },
    /// A backslash at the very end.
    #[error("a lone backslash at the end of the string; write `\\\\` for a backslash")]
    LoneBackslash,
    /// `\x` without two hexadecimal digits, or `\u{…}` that is no code point.
    #[error("the escape `\\{escape}` is not complete; {expected}")]
    Incomplete {
        /// `x` or `u`.
        escape: char,
        /// What the escape takes.
        expected: &'static str,
    },
    /// The bytes are not UTF-8 where text is asked for.
    #[error("the bytes of this text are not UTF-8; only `stream`, `send` and `raw` take any byte")]
    NotText,
}

/// Decodes the escapes of a wire string: `\n \r \t \0 \\ \xNN \u{…}`.
///
/// ```
/// assert_eq!(ssespec_scenario::unescape(r"a\r\n\xff").unwrap(), b"a\r\n\xff");
/// ```
pub fn unescape(text: &str) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match rest.next().ok_or(WireError::LoneBackslash)? {
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            '0' => bytes.push(0),
            '\\' => bytes.push(b'\\'),
            'x' => {
                let digits: String = rest.by_ref().take(2).collect();
                let hex = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_hexdigit());
                let byte = hex.then(|| u8::from_str_radix(&digits, 16).ok());
                bytes.push(byte.flatten().ok_or(WireError::Incomplete {
                    escape: 'x',
                    expected: "it takes two hexadecimal digits, as in `\\xff`",
                })?);
            }
            'u' => {
                let incomplete = WireError::Incomplete {
                    escape: 'u',
                    expected: "it takes a code point in braces, as in `\\u{2028}`",
                };
                if rest.next() != Some('{') {
                    return Err(incomplete);
                }
                let Some((digits, after)) = rest.as_str().split_once('}') else {
                    return Err(incomplete);
                };
                rest = after.chars();
                let digits = if digits.starts_with('+') { "" } else { digits };
                let c = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                let c = c.ok_or(incomplete)?;
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            found => return Err(WireError::UnknownEscape { found }),
        }
    }
    Ok(bytes)
}

/// Writes bytes as a wire string that [`unescape`] reads back; printable text stays as it is.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for part in bytes.utf8_chunks() {
        for c in part.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\0' => out.push_str("\\0"),
                '\\' => out.push_str("\\\\"),
                c if needs_escape(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
                c => out.push(c),
            }
        }
        for byte in part.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Control characters, those that a terminal shows as nothing, as some other blank or as a line
/// end, and U+FFFD, which would look as if the terminal could not show a character.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{2069}' | '\u{3000}' | '\u{feff}' | '\u{fffd}'..='\u{ffff}')
}

/// The wire strings that [`unescape`] reads, for the JSON Schema.
const WIRE_PATTERN: &str = r"^(?:[^\\]|\\(?:[nrt0\\]|x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\}))*$";

/// Bytes, written as a wire string.
#[derive(Clone, PartialEq, Eq, Default, JsonSchema)]
#[schemars(with = "String", extend("pattern" = WIRE_PATTERN))]
pub struct Wire(pub Vec<u8>);

/// Text, written as a wire string whose bytes are UTF-8.
#[derive(Clone, PartialEq, Eq, Default, JsonSchema)]
#[schemars(with = "String", extend("pattern" = WIRE_PATTERN))]
pub struct Text(pub String);

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", escape(&self.0))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", escape(self.0.as_bytes()))
    }
}

impl Serialize for Wire {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape(&self.0))
    }
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape(self.0.as_bytes()))
    }
}

impl<'de> Deserialize<'de> for Wire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(WireVisitor)
    }
}

struct WireVisitor;

impl Visitor<'_> for WireVisitor {
    type Value = Wire;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Wire, E> {
        unescape(text).map(Wire).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Wire::deserialize(deserializer)?.0;
        String::from_utf8(bytes).map(Self).map_err(|_| de::Error::custom(WireError::NotText))
    }
}

/// One part of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Piece {
    /// These bytes.
    Bytes(Wire),
    /// The same bytes several times.
    Repeat {
        /// What is repeated.
        bytes: Wire,
        /// How often.
        times: u32,
    },
    /// Base64 text of seeded pseudo-random bytes: the same for the same seed, on each machine.
    Generate {
        /// Where the generator starts.
        seed: u64,
        /// How many random bytes are encoded; the text is a third longer.
        bytes: u32,
        /// How often the same text follows itself.
        #[serde(default = "one")]
        times: u32,
    },
    /// The lines of a count: `prefix`, the number from 0, `suffix`, and so on.
    Count {
        /// Before each number.
        prefix: Wire,
        /// After each number.
        suffix: Wire,
        /// How many.
        times: u32,
    },
}

fn one() -> u32 {
    1
}

/// Largest chunk that a scenario may ask for, in bytes.
pub(crate) const MAX_CHUNK_BYTES: u64 = 64 << 20;

impl Piece {
    /// Length in bytes of what the piece stands for, without making it.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Bytes(wire) => wire.0.len() as u64,
            Self::Repeat { bytes, times } => bytes.0.len() as u64 * u64::from(*times),
            Self::Generate { bytes, times, .. } => {
                u64::from(*bytes).div_ceil(3) * 4 * u64::from(*times)
            }
            Self::Count { prefix, suffix, times } => {
                let around = (prefix.0.len() + suffix.0.len()) as u64;
                around * u64::from(*times) + digits_up_to(*times)
            }
        }
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bytes(wire) => out.extend_from_slice(&wire.0),
            Self::Repeat { bytes, times } => {
                for _ in 0..*times {
                    out.extend_from_slice(&bytes.0);
                }
            }
            Self::Generate { seed, bytes, times } => {
                let text = generate(*seed, *bytes as usize);
                for _ in 0..*times {
                    out.extend_from_slice(text.as_bytes());
                }
            }
            Self::Count { prefix, suffix, times } => {
                for n in 0..*times {
                    out.extend_from_slice(&prefix.0);
                    out.extend_from_slice(n.to_string().as_bytes());
                    out.extend_from_slice(&suffix.0);
                }
            }
        }
    }
}

/// How many digits the numbers below `end` have together.
fn digits_up_to(end: u32) -> u64 {
    let end = u64::from(end);
    // Each number has one digit, and one more for each power of ten that it reaches.
    let powers = (1..=9).map(|exponent| 10_u64.pow(exponent));
    end + powers.map(|power| end.saturating_sub(power)).sum::<u64>()
}

/// Base64 of `length` bytes from `SplitMix64`: small, well known, and the same everywhere.
fn generate(seed: u64, length: usize) -> String {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    base64::engine::general_purpose::STANDARD.encode(&bytes)
}

/// One write: a wire string, a [`Piece`], or a list of both. One chunk and one segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunk(pub Vec<Piece>);

impl Chunk {
    /// The bytes that the chunk stands for.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in &self.0 {
            piece.write_to(&mut out);
        }
        out
    }

    /// The length in bytes, without making them.
    pub(crate) fn len(&self) -> u64 {
        self.0.iter().map(Piece::len).sum()
    }
}

impl JsonSchema for Chunk {
    fn schema_name() -> Cow<'static, str> {
        "Chunk".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let wire = generator.subschema_for::<Wire>();
        let piece = generator.subschema_for::<Piece>();
        schemars::json_schema!({
            "description": "A wire string, a piece, or a list of both: one write.",
            "anyOf": [
                wire,
                piece,
                { "type": "array", "items": { "anyOf": [wire, piece] } },
            ]
        })
    }
}

impl Serialize for Chunk {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [Piece::Bytes(wire)] => wire.serialize(serializer),
            pieces => pieces.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChunkVisitor).map(Chunk)
    }
}

/// A string, a table or a list of these; a visitor keeps the spans that `untagged` would lose.
struct ChunkVisitor;

impl<'de> Visitor<'de> for ChunkVisitor {
    type Value = Vec<Piece>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a piece such as `{ repeat = … }`, or a list of both")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![Piece::Bytes(Wire(unescape(text).map_err(E::custom)?))])
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let piece = Piece::deserialize(de::value::MapAccessDeserializer::new(&mut map))?;
        // The deserializer above takes the first key and would let others pass.
        match map.next_key::<String>()? {
            Some(_) => Err(de::Error::custom(
                "more than one piece in one table; \
                 each piece has a table of its own: `[{ bytes = … }, { repeat = … }]`",
            )),
            None => Ok(vec![piece]),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut pieces = Vec::new();
        while let Some(Chunk(mut part)) = seq.next_element()? {
            pieces.append(&mut part);
        }
        Ok(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unescape(&escape(&all)).unwrap(), all);
        let text = "a\u{2028}b\u{feff}é日🌍\0\r\n\t\\";
        assert_eq!(unescape(&escape(text.as_bytes())).unwrap(), text.as_bytes());
    }

    #[test]
    fn bad_escapes_are_refused() {
        for bad in [r"\q", r"\", r"\x4", r"\xzz", r"\u{110000}", r"\u{", r"\u0041", r"\x+1"] {
            assert!(unescape(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_are_known_beforehand() {
        let wire = |text: &str| Wire(text.into());
        for times in [0, 1, 9, 10, 11, 99, 100, 101, 12_345] {
            let piece = Piece::Count { prefix: wire("data: "), suffix: wire("\n\n"), times };
            let repeat = Piece::Repeat { bytes: wire("ab"), times };
            let generate = Piece::Generate { seed: 3, bytes: times, times: 2 };
            let chunk = Chunk(vec![piece, repeat, generate]);
            assert_eq!(chunk.len(), chunk.to_bytes().len() as u64, "{times}");
        }
    }

    #[test]
    fn generated_text_is_the_same_everywhere() {
        // The first output of SplitMix64 from 1 is 0x910a2dec89025cc1.
        assert_eq!(generate(1, 6), "wVwCiewt");
        assert_eq!(generate(7, 5000), generate(7, 5000));
    }
}

//! One line, and what it says.

use memchr::memchr;

/// A line without its ending, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Starts with a colon; all that follows (`comment.ignored`).
    Comment(&'a str),
    /// `data` (`data.append`).
    Data(&'a str),
    /// `event` (`event.type`).
    Event(&'a str),
    /// `id` (`id.set`).
    Id(&'a str),
    /// `retry` (`retry.digits`).
    Retry(&'a str),
    /// Any other name (`field.unknown`).
    Unknown(&'a str),
}

impl<'a> Line<'a> {
    /// Takes a line apart that is not blank: the name ends at the first colon
    /// (`field.first-colon`), a line without one is all name (`field.no-colon`), names compare
    /// literally (`field.case`).
    #[inline]
    pub(crate) fn parse(line: &'a str) -> Self {
        if let Some(value) = line.strip_prefix("data:") {
            return Self::Data(without_space(value));
        }
        Self::parse_rare(line)
    }

    #[inline]
    fn parse_rare(line: &'a str) -> Self {
        if let Some(text) = line.strip_prefix(':') {
            return Self::Comment(text);
        }
        if let Some(value) = line.strip_prefix("id:") {
            return Self::Id(without_space(value));
        }
        if let Some(value) = line.strip_prefix("event:") {
            return Self::Event(without_space(value));
        }
        if let Some(value) = line.strip_prefix("retry:") {
            return Self::Retry(without_space(value));
        }
        match line {
            "data" => Self::Data(""),
            "event" => Self::Event(""),
            "id" => Self::Id(""),
            "retry" => Self::Retry(""),
            _ => Self::Unknown(line.split_once(':').map_or(line, |(name, _)| name)),
        }
    }
}

/// Drops one U+0020 and no more (`field.one-space`).
#[inline]
pub(crate) fn without_space(value: &str) -> &str {
    value.strip_prefix(' ').unwrap_or(value)
}

/// Where the first U+0000 is. Most ids are a short number without one, for which a search, or a loop
/// over as many bytes, would cost more than what else there is to do for them.
#[inline]
pub(crate) fn nul(value: &str) -> Option<usize> {
    let bytes = value.as_bytes();
    if bytes.len() <= 16
        && let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk())
        && !has_zero(u64::from_le_bytes(*first))
        && !has_zero(u64::from_le_bytes(*last))
    {
        return None;
    }
    memchr(b'\0', bytes)
}

/// Whether one of the eight bytes is zero: only then does a borrow reach a high bit that was unset.
fn has_zero(bytes: u64) -> bool {
    bytes.wrapping_sub(0x0101_0101_0101_0101) & !bytes & 0x8080_8080_8080_8080 != 0
}

/// Whether an unknown name is a known one but for case or blanks around it (`field.case`).
pub(crate) fn is_misspelt(name: &str) -> bool {
    let trimmed = name.trim();
    ["data", "event", "id", "retry"].iter().any(|known| trimmed.eq_ignore_ascii_case(known))
}

/// Reads ASCII digits, base ten, clamping to `u64::MAX`; `Err` is the index of the first byte that
/// is none (`retry.digits`, `retry.overflow`).
pub(crate) fn digits(value: &str) -> Result<(u64, bool), usize> {
    let mut sum = Some(0_u64);
    for (index, byte) in value.bytes().enumerate() {
        if !byte.is_ascii_digit() {
            return Err(index);
        }
        sum = sum
            .and_then(|sum| sum.checked_mul(10))
            .and_then(|sum| sum.checked_add(u64::from(byte - b'0')));
    }
    Ok(sum.map_or((u64::MAX, true), |sum| (sum, false)))
}

//! What the value of a `retry` field means (`retry.*`).

use crate::defect::{Defect, Switch};

/// What becomes of a `retry` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// A reconnection time in milliseconds, at most the greatest `u64`.
    Milliseconds(u64),
    Ignored,
    EndsStream,
}

/// Reads the value of a `retry` field.
pub(super) fn read(value: &str, switch: Switch) -> Retry {
    let value = if switch.has(Defect::RetryTrimmed) { value.trim() } else { value };
    let digits = decimal(value);
    let fits = value.parse::<u64>().is_ok();
    match switch.0 {
        Some(Defect::UnusableRetryEndsStream)
            if digits.is_none_or(|ms| ms == 0 || ms >= 1 << 31) =>
        {
            return Retry::EndsStream;
        }
        Some(Defect::RetryZeroEndsStream) if digits == Some(0) => return Retry::EndsStream,
        Some(Defect::RetryOverflowEndsStream) if digits.is_some() && !fits => {
            return Retry::EndsStream;
        }
        Some(Defect::RetryIgnored) => return Retry::Ignored,
        _ => {}
    }
    let milliseconds = match switch.0 {
        Some(Defect::EmptyRetryIsZero) if value.is_empty() => Some(0),
        Some(Defect::RetryOctal) if value.len() > 1 && value.starts_with('0') => {
            u64::from_str_radix(value, 8).ok().or(digits)
        }
        Some(Defect::RetryAcceptsNumberPrefix) => {
            let end = value.find(|char: char| !char.is_ascii_digit()).unwrap_or(value.len());
            value.get(..end).and_then(decimal)
        }
        Some(Defect::RetryParsedAsFloat) => digits.or_else(|| float(value)),
        Some(Defect::RetryAcceptsUnicodeDigits) => digits.or_else(|| unicode(value)),
        Some(Defect::RetryAcceptsSigns) => digits.or_else(|| match value.split_at_checked(1) {
            Some(("+", rest)) => decimal(rest),
            Some(("-", rest)) => decimal(rest).map(|_| 0),
            _ => None,
        }),
        Some(Defect::RetryInSeconds) => digits.map(|seconds| seconds.saturating_mul(1000)),
        Some(Defect::RetryWrapsAt32Bits) => digits.map(|_| wrapped(value) & 0xFFFF_FFFF),
        Some(Defect::RetryWrapsAt64Bits) => digits.map(|_| wrapped(value)),
        _ => digits,
    };
    milliseconds.map_or(Retry::Ignored, Retry::Milliseconds)
}

/// ASCII digits, and at least one (`retry.digits`); more than fits is as much as fits.
fn decimal(value: &str) -> Option<u64> {
    let all_digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| value.parse().unwrap_or(u64::MAX))
}

/// The number modulo 2^64, of a value of digits.
fn wrapped(value: &str) -> u64 {
    value.bytes().fold(0, |number: u64, byte| {
        number.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0')))
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "that is the defect")]
fn float(value: &str) -> Option<u64> {
    let value = value.trim();
    if let Some(hex) = value.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok();
    }
    let number: f64 = value.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number as u64)
}

/// Decimal digits of any of some scripts, and superscript two.
fn unicode(value: &str) -> Option<u64> {
    const ZEROS: [char; 5] = ['0', '\u{660}', '\u{6F0}', '\u{966}', '\u{FF10}'];
    let digit = |char: char| {
        if char == '\u{B2}' {
            return Some(2);
        }
        let from = |zero: &char| u32::from(char).checked_sub(u32::from(*zero));
        ZEROS.iter().filter_map(from).find(|digit| *digit < 10)
    };
    let mut number = 0_u64;
    for char in value.chars() {
        number = number.saturating_mul(10).saturating_add(u64::from(digit(char)?));
    }
    (!value.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_count() {
        for (value, expected) in [
            ("0", Retry::Milliseconds(0)),
            ("0400", Retry::Milliseconds(400)),
            ("99999999999999999999", Retry::Milliseconds(u64::MAX)),
            ("", Retry::Ignored),
            ("+1", Retry::Ignored),
            ("1.5", Retry::Ignored),
            (" 1", Retry::Ignored),
            ("１", Retry::Ignored),
        ] {
            assert_eq!(read(value, Switch(None)), expected, "{value}");
        }
    }

    #[test]
    fn defects_read_more() {
        let with = |value, defect| read(value, Switch(Some(defect)));
        for (value, defect, milliseconds) in [
            ("0400", Defect::RetryOctal, 256),
            ("10ms", Defect::RetryAcceptsNumberPrefix, 10),
            ("1e1", Defect::RetryParsedAsFloat, 10),
            ("0x10", Defect::RetryParsedAsFloat, 16),
            ("-0", Defect::RetryParsedAsFloat, 0),
            ("１٢²", Defect::RetryAcceptsUnicodeDigits, 122),
            ("-10", Defect::RetryAcceptsSigns, 0),
            ("4294967297", Defect::RetryWrapsAt32Bits, 1),
            ("18446744073709551617", Defect::RetryWrapsAt64Bits, 1),
        ] {
            assert_eq!(with(value, defect), Retry::Milliseconds(milliseconds), "{value}");
        }
    }
}

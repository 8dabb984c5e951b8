//! UTF-8, byte by byte, with the ways to get it wrong.

use crate::defect::{Defect, Switch};

/// What stands at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A character, and how many bytes it takes.
    Char(char, usize),
    /// So many bytes that are ill-formed together.
    IllFormed(usize),
    /// The beginning of something; more bytes are needed.
    Cut,
}

/// What became of some bytes.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// Bytes at the end that wait for more.
    pub(super) rest: Vec<u8>,
    /// An ill-formed part has ended the stream.
    pub(super) stopped: bool,
}

/// Decodes bytes (`decode.utf8`); an unfinished sequence at their end is left over.
pub(super) fn decode(bytes: &[u8], switch: Switch) -> Decoded {
    let mut out = Decoded::default();
    let mut at = 0;
    let mut after_ill_formed = false;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let whole = well_formed_prefix(rest);
        if !whole.is_empty() && switch.0 != Some(Defect::LooseUtf8Accepted) {
            out.text.push_str(whole);
            at += whole.len();
            after_ill_formed = false;
            continue;
        }
        let step = match switch.0 {
            Some(Defect::LooseUtf8Accepted) => loose_step(rest),
            Some(Defect::LeadByteTakesWhatFollows) => greedy_step(rest),
            _ => step(rest),
        };
        match step {
            Step::Char(char, taken) => {
                out.text.push(char);
                at += taken;
            }
            Step::Cut => {
                out.rest = rest.to_vec();
                return out;
            }
            Step::IllFormed(taken) => {
                let part = rest.get(..taken).unwrap_or_default();
                match switch.0 {
                    Some(Defect::IllFormedEndsStream) => {
                        out.stopped = true;
                        return out;
                    }
                    Some(Defect::IllFormedBytesDropped) => {}
                    Some(Defect::IllFormedByteByByte) => {
                        out.text.extend(part.iter().map(|_| char::REPLACEMENT_CHARACTER));
                    }
                    Some(Defect::IllFormedReadAsLatin1) => {
                        out.text.extend(part.iter().copied().map(char::from));
                    }
                    Some(Defect::IllFormedRunReplacedOnce) if after_ill_formed => {}
                    _ => out.text.push(char::REPLACEMENT_CHARACTER),
                }
                after_ill_formed = true;
                at += taken;
            }
        }
    }
    out
}

/// As much as is well-formed; the standard library is the judge, for the sake of long streams.
fn well_formed_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
    }
}

/// How many bytes follow a lead byte, and which ones may follow it first.
fn announced(lead: u8) -> Option<(usize, std::ops::RangeInclusive<u8>)> {
    Some(match lead {
        0xC2..=0xDF => (1, 0x80..=0xBF),
        0xE0 => (2, 0xA0..=0xBF),
        0xED => (2, 0x80..=0x9F),
        0xE1..=0xEF => (2, 0x80..=0xBF),
        0xF0 => (3, 0x90..=0xBF),
        0xF4 => (3, 0x80..=0x8F),
        0xF1..=0xF3 => (3, 0x80..=0xBF),
        _ => return None,
    })
}

/// As the standard has it: a maximal part that leads nowhere is one ill-formed part.
fn step(bytes: &[u8]) -> Step {
    let Some((&lead, follow)) = bytes.split_first() else {
        return Step::Cut;
    };
    if lead < 0x80 {
        return Step::Char(char::from(lead), 1);
    }
    let Some((count, first)) = announced(lead) else {
        return Step::IllFormed(1);
    };
    for index in 0..count {
        let range = if index == 0 { first.clone() } else { 0x80..=0xBF };
        match follow.get(index) {
            None => return Step::Cut,
            Some(byte) if range.contains(byte) => {}
            Some(_) => return Step::IllFormed(index + 1),
        }
    }
    bytes
        .get(..=count)
        .and_then(|sequence| std::str::from_utf8(sequence).ok()?.chars().next())
        .map_or(Step::IllFormed(count + 1), |char| Step::Char(char, count + 1))
}

/// A lead byte takes as many bytes as it announces, whatever they are.
fn greedy_step(bytes: &[u8]) -> Step {
    let Some((count, _)) = bytes.first().and_then(|lead| announced(*lead)) else {
        return step(bytes);
    };
    match bytes.get(..=count) {
        None => Step::Cut,
        Some(sequence) => match std::str::from_utf8(sequence) {
            Ok(text) => text
                .chars()
                .next()
                .map_or(Step::IllFormed(count + 1), |char| Step::Char(char, count + 1)),
            Err(_) => Step::IllFormed(count + 1),
        },
    }
}

/// Overlong forms and pairs of encoded surrogates count.
fn loose_step(bytes: &[u8]) -> Step {
    let lead = bytes.first().copied().unwrap_or_default();
    let (count, mask) = match lead {
        0..=0x7F => return Step::Char(char::from(lead), 1),
        0xC0..=0xDF => (1, 0x1F),
        0xE0..=0xEF => (2, 0x0F),
        0xF0..=0xF7 => (3, 0x07),
        _ => return Step::IllFormed(1),
    };
    let follow = bytes.get(1..).unwrap_or_default();
    let continuation = |bytes: &[u8]| bytes.iter().all(|byte| (0x80..=0xBF).contains(byte));
    let Some(sequence) = follow.get(..count) else {
        return if continuation(follow) { Step::Cut } else { Step::IllFormed(1) };
    };
    if !continuation(sequence) {
        return Step::IllFormed(1);
    }
    let fold = |value: u32, bytes: &[u8]| {
        bytes.iter().fold(value, |value, byte| value << 6 | u32::from(byte & 0x3F))
    };
    let value = fold(u32::from(lead & mask), sequence);
    if (0xD800..0xDC00).contains(&value) {
        let second = bytes.get(3..).unwrap_or_default();
        return match second {
            [0xED, high @ 0xB0..=0xBF, low @ 0x80..=0xBF, ..] => {
                let low = fold(0xD, &[*high, *low]);
                let value = 0x1_0000 + ((value - 0xD800) << 10) + (low - 0xDC00);
                char::from_u32(value).map_or(Step::IllFormed(1), |char| Step::Char(char, 6))
            }
            [] | [0xED] | [0xED, 0xB0..=0xBF] => Step::Cut,
            _ => Step::IllFormed(1),
        };
    }
    char::from_u32(value).map_or(Step::IllFormed(1), |char| Step::Char(char, count + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], defect: Option<Defect>) -> String {
        decode(bytes, Switch(defect)).text
    }

    #[test]
    fn agrees_with_the_standard_library_on_what_is_ill_formed() {
        for bytes in [
            &b"\xF0\x80\x80 \xED\xA0\x80 \xE2\x82A"[..],
            b"\xC0\x8A\xFF\xF4\x90\x80\x80\xF1\x80\x80A",
            "é日🌍".as_bytes(),
        ] {
            assert_eq!(text(bytes, None), String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn each_way_to_get_it_wrong_differs_from_the_right_one() {
        let bytes = b"\xE2\x82A\xFF\xFE";
        assert_eq!(text(bytes, None), "\u{FFFD}A\u{FFFD}\u{FFFD}");
        assert_eq!(text(bytes, Some(Defect::IllFormedBytesDropped)), "A");
        let each = "\u{FFFD}\u{FFFD}A\u{FFFD}\u{FFFD}";
        assert_eq!(text(bytes, Some(Defect::IllFormedByteByByte)), each);
        assert_eq!(text(bytes, Some(Defect::IllFormedRunReplacedOnce)), "\u{FFFD}A\u{FFFD}");
        assert_eq!(text(bytes, Some(Defect::IllFormedReadAsLatin1)), "â\u{82}Aÿþ");
        let greedy = Some(Defect::LeadByteTakesWhatFollows);
        assert_eq!(text(bytes, greedy), "\u{FFFD}\u{FFFD}\u{FFFD}");
        let loose = Some(Defect::LooseUtf8Accepted);
        assert_eq!(text(b"\xC0\x8A\xC1\x81\xED\xA0\xBC\xED\xBC\x8D", loose), "\nA🌍");
        assert!(decode(bytes, Switch(Some(Defect::IllFormedEndsStream))).stopped);
    }
}

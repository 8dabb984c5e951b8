//! The third stage, first half: a line is a comment or a field (`field.*`, `comment.*`).

use crate::defect::{Defect, Switch};

/// The names of the four fields.
const NAMES: [&str; 4] = ["data", "event", "id", "retry"];

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Comment(String),
    Field { name: String, value: String },
    Nothing,
}

/// Reads a line that is not blank. `in_data`: the block has data already.
pub(super) fn read(line: &str, in_data: bool, switch: Switch) -> Said {
    if let Some(text) = line.strip_prefix(':') {
        return match switch.0 {
            Some(Defect::CommentParsedAsField) => match text.trim_start_matches(' ') {
                "" => Said::Nothing,
                rest => read(rest, in_data, switch),
            },
            Some(Defect::CommentTextKeepsColon) => Said::Comment(line.to_owned()),
            _ => Said::Comment(text.to_owned()),
        };
    }
    let field = |name: &str, value: &str| Said::Field {
        name: bent_name(name, switch),
        value: bent_value(value, switch),
    };
    if switch.has(Defect::StripsPrefixCharacters) {
        for name in NAMES {
            if line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')) {
                let in_prefix = |char| char == ':' || char == ' ' || name.contains(char);
                return field(name, line.trim_start_matches(in_prefix));
            }
        }
    }
    let split = if switch.has(Defect::SplitsOnLastColon) {
        line.rsplit_once(':')
    } else {
        line.split_once(':')
    };
    match split {
        Some((_, value)) if switch.has(Defect::NeedsSpaceAfterColon) && !value.starts_with(' ') => {
            Said::Nothing
        }
        Some((name, value)) => field(name, without_space(value, switch)),
        None if switch.has(Defect::NoColonIgnored) => Said::Nothing,
        None if switch.has(Defect::NoColonContinuesData) && in_data && !NAMES.contains(&line) => {
            field("data", line)
        }
        None => field(line, ""),
    }
}

/// Takes off the one space after the colon (`field.one-space`).
fn without_space(value: &str, switch: Switch) -> &str {
    let one = value.strip_prefix(' ').unwrap_or(value);
    match switch.0 {
        Some(Defect::KeepsTheSpaceAfterTheColon) => value,
        Some(Defect::TrimsAllLeadingSpaces) => value.trim_start_matches(' '),
        Some(Defect::TrimsATabAfterTheColon) => value.strip_prefix('\t').unwrap_or(one),
        Some(Defect::TrimsAnyBlankAfterTheColon) => {
            let blank = |char: char| char != ' ' && (char.is_whitespace() || char == '\u{FEFF}');
            one.strip_prefix(blank).unwrap_or(one)
        }
        _ => one,
    }
}

fn bent_name(name: &str, switch: Switch) -> String {
    match switch.0 {
        Some(Defect::FieldNameCaseIgnored) => name.to_lowercase(),
        Some(Defect::FieldNameTrimmed) => name.trim().to_owned(),
        Some(Defect::FieldNameByPrefix) => {
            NAMES.iter().find(|known| name.starts_with(**known)).unwrap_or(&name).to_string()
        }
        _ => name.to_owned(),
    }
}

fn bent_value(value: &str, switch: Switch) -> String {
    let value = match switch.0 {
        Some(Defect::TrimsTrailingWhitespace) => value.trim_end(),
        Some(Defect::ValueEndsAtSecondColon) => value.split(':').next().unwrap_or_default(),
        _ => value,
    };
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> Said {
        Said::Field { name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn lines_are_read_as_the_standard_has_it() {
        let correct = Switch(None);
        assert_eq!(read("data:  a: b ", false, correct), field("data", " a: b "));
        assert_eq!(read("data", false, correct), field("data", ""));
        assert_eq!(read(": ping", false, correct), Said::Comment(" ping".to_owned()));
    }

    #[test]
    fn defects_bite_where_they_say() {
        let with = |line, defect| read(line, true, Switch(Some(defect)));
        assert_eq!(with("data: atad: x", Defect::StripsPrefixCharacters), field("data", "x"));
        assert_eq!(with("data:\tx", Defect::TrimsAnyBlankAfterTheColon), field("data", "x"));
        assert_eq!(with("data:\u{3000}x", Defect::TrimsAnyBlankAfterTheColon), field("data", "x"));
        assert_eq!(with("data:  x", Defect::TrimsAnyBlankAfterTheColon), field("data", " x"));
        assert_eq!(with("more", Defect::NoColonContinuesData), field("data", "more"));
        assert_eq!(with(": data: x", Defect::CommentParsedAsField), field("data", "x"));
    }
}

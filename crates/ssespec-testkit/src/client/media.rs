//! What the media type of a response means (`response.type`).

use crate::decode::Encoding;
use crate::defect::{Defect, Switch};

const EVENT_STREAM: &str = "text/event-stream";

/// A media type that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MediaType {
    essence: String,
    /// From the first semicolon on.
    parameters: String,
}

/// Whether a response with these `Content-Type` values opens the stream, and in which encoding
/// its body is read (`decode.utf8`: always UTF-8). An error says why not.
pub(super) fn check(values: &[String], switch: Switch) -> Result<Encoding, String> {
    let whole = values.join(", ");
    let lower = whole.to_ascii_lowercase();
    let types: Vec<MediaType> =
        split(&whole).into_iter().filter_map(|value| parse(value, switch)).collect();
    let found =
        if switch.has(Defect::FirstOfSeveralTypesCounts) { types.first() } else { types.last() };
    let essence = found.map(|found| found.essence.as_str()).unwrap_or_default();
    let parameters = found.map(|found| found.parameters.as_str()).unwrap_or_default();
    let fits = essence == EVENT_STREAM;
    let blank = whole.trim().is_empty();
    let opens = match switch.0 {
        Some(Defect::TypeNotChecked) => true,
        Some(Defect::MissingTypeAccepted) => fits || blank,
        Some(Defect::AnyTextTypeAccepted) => essence.starts_with("text/"),
        Some(Defect::UnreadableTypeAccepted) => fits || found.is_none() && !blank,
        Some(Defect::TypeMatchedByPrefix) => lower.starts_with(EVENT_STREAM),
        Some(Defect::TypeMatchedBySubstring) => lower.contains(EVENT_STREAM),
        Some(Defect::SubtypeAloneCompared) => essence.ends_with("/event-stream"),
        Some(Defect::RepeatedTypeRefused) => fits && values.len() == 1,
        Some(Defect::TypeComparedWithItsParameters) => lower == EVENT_STREAM,
        Some(Defect::MalformedParametersRefused) => fits && well_formed(parameters),
        Some(Defect::CharsetChecked) => {
            fits && charset(parameters).is_none_or(|charset| charset == "utf-8")
        }
        _ => fits,
    };
    if !opens {
        return Err(format!("the media type is `{whole}`"));
    }
    Ok(match charset(parameters).filter(|_| switch.has(Defect::CharsetHonoured)) {
        None => Encoding::Utf8,
        Some(name) => match name.trim_matches('"') {
            "utf-8" | "utf8" => Encoding::Utf8,
            name if name.starts_with("utf-16") => {
                Encoding::Utf16 { big_endian: name == "utf-16be" }
            }
            _ => Encoding::Latin1,
        },
    })
}

/// The values of a list, whose commas do not count inside quotes.
fn split(whole: &str) -> Vec<&str> {
    let mut quoted = false;
    whole
        .split(|char| {
            quoted ^= char == '"';
            char == ',' && !quoted
        })
        .collect()
}

fn parse(value: &str, switch: Switch) -> Option<MediaType> {
    let blank = [' ', '\t', '\r', '\n'];
    let (essence, parameters) = value.split_at(value.find(';').unwrap_or(value.len()));
    let keeps_blank = switch.has(Defect::BlankAfterTheTypeKept) && !parameters.is_empty();
    let essence = essence.trim_start_matches(blank);
    let essence = if keeps_blank { essence } else { essence.trim_end_matches(blank) };
    let (kind, subtype) = essence.split_once('/')?;
    let is_token = |text: &str| {
        let extra = "!#$%&'*+-.^_`|~";
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    if !is_token(kind) || !is_token(subtype) || essence == "*/*" {
        return None;
    }
    let essence = if switch.has(Defect::TypeCaseCounts) {
        essence.to_owned()
    } else {
        essence.to_ascii_lowercase()
    };
    Some(MediaType { essence, parameters: parameters.to_owned() })
}

/// Whether each of the parameters, behind its semicolon, is a name and a value.
fn well_formed(parameters: &str) -> bool {
    parameters.split(';').skip(1).all(|parameter| {
        parameter.trim().split_once('=').is_some_and(|(name, value)| {
            let closed = value.matches('"').count() % 2 == 0;
            !name.is_empty() && !value.is_empty() && closed
        })
    })
}

/// The charset as it is written, quotes included, in lower case.
fn charset(parameters: &str) -> Option<String> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("charset").then(|| value.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(value: &str, defect: Option<Defect>) -> bool {
        check(&[value.to_owned()], Switch(defect)).is_ok()
    }

    #[test]
    fn the_essence_of_the_last_valid_type_counts() {
        for value in [
            "text/event-stream",
            "TEXT/Event-Stream ; charset=x",
            "text/event-stream;;bogus; =x; charset=\"utf-8",
            "text/html, text/event-stream",
            "text/event-stream, bogus",
        ] {
            assert!(opens(value, None), "{value}");
        }
        for value in [
            "",
            "text/event-streamx",
            "text/event-stream charset=utf-8",
            "text/event-stream, text/html",
            "text/html; was=\"text/event-stream\"",
        ] {
            assert!(!opens(value, None), "{value}");
        }
        let refused = Some(Defect::MalformedParametersRefused);
        assert!(!opens("text/event-stream;", refused));
        assert!(opens("text/event-stream; charset=utf-8", refused));
    }
}

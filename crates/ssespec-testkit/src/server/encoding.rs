//! What a library makes of the values that it is given.

use serde_json::Value;

use super::defect::ServerDefect as Defect;
use super::world::World;

/// What a field of an event holds, as text.
fn text(event: &Value, field: &str) -> Option<String> {
    match event.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The block of an event; none where a value is refused.
pub(super) fn event(event: &Value, last_type: &mut String, world: &World) -> Option<String> {
    let has = |defect| world.has(defect);
    let mut fields = Vec::new();
    if let Some(retry) = text(event, "retry") {
        let digits = retry.bytes().all(|byte| byte.is_ascii_digit());
        if !digits && !has(Defect::RetryWrittenRaw) {
            return None;
        }
        let retry = match retry.parse::<u64>() {
            Ok(ms) if has(Defect::RetryInSeconds) => (ms / 1000).to_string(),
            _ => retry,
        };
        if !(retry == "0" && has(Defect::ZeroLeftOut)) {
            fields.push(format!("retry: {retry}\n"));
        }
    }
    let given = text(event, "type");
    let mut event_type = given.clone().unwrap_or_default();
    if has(Defect::TypeSticks) && given.is_none() {
        event_type.clone_from(last_type);
    }
    last_type.clone_from(&event_type);
    if is_refused(&event_type, Defect::TypeWrittenRaw, world) {
        return None;
    }
    match world.defect {
        Some(Defect::TypeInLowerCase) => event_type = event_type.to_lowercase(),
        Some(Defect::TypeTrimmed) => event_type = event_type.trim().to_owned(),
        Some(Defect::TypeInAscii) => event_type = event_type.replace(|c: char| !c.is_ascii(), "?"),
        Some(Defect::EmptyTypeAsAName) if given.as_deref() == Some("") => {
            "undefined".clone_into(&mut event_type);
        }
        _ => {}
    }
    if !event_type.is_empty() {
        fields.push(format!("event: {event_type}\n"));
    }
    if let Some(mut id) = text(event, "id") {
        let nul = id.contains('\0') && !has(Defect::IdWrittenRaw);
        if nul || is_refused(&id, Defect::IdWrittenRaw, world) {
            return None;
        }
        if has(Defect::IdTrimmed) {
            id = id.trim().to_owned();
        }
        let left_out = has(Defect::IdLeftOut)
            || (id == "0" && has(Defect::ZeroLeftOut))
            || (id.is_empty() && has(Defect::EmptyIdLeftOut));
        if !left_out {
            fields.push(format!("id: {id}\n"));
        }
    }
    if let Some(data) = text(event, "data") {
        fields.push(data_lines(&data, world));
    }
    let between = if has(Defect::OneFieldAnEvent) { "\n" } else { "" };
    Some(fields.join(between) + "\n")
}

/// A comment; none where it is left out.
pub(super) fn comment(text: &str, world: &World) -> Option<String> {
    match world.defect {
        Some(Defect::CommentLeftOut) => None,
        Some(Defect::CommentAsAnEvent) => Some(format!("data: {text}\n\n")),
        Some(Defect::CommentWrittenRaw) => Some(format!(": {text}\n\n")),
        Some(Defect::OnlyLineFeedsRefused) => Some(prefixed(text.split('\n'))),
        _ => Some(prefixed(text.split(['\r', '\n']))),
    }
}

fn prefixed<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    let mut out = String::new();
    for line in lines {
        out.push_str(&format!(": {line}\n"));
    }
    out + "\n"
}

/// Whether a type or an id is refused for the line ends in it.
fn is_refused(value: &str, raw: Defect, world: &World) -> bool {
    if world.has(raw) {
        return false;
    }
    value.contains('\n') || (value.contains('\r') && !world.has(Defect::OnlyLineFeedsRefused))
}

fn data_lines(data: &str, world: &World) -> String {
    const CUT_BYTES: usize = 64 << 10;
    const LINES: usize = 1000;
    let mut data = data.to_owned();
    match world.defect {
        Some(Defect::LineFeedWrittenRaw) => return format!("data: {data}\n"),
        Some(Defect::DataAsAJsonString) => data = Value::String(data).to_string(),
        Some(Defect::DataTrimmedAtItsEnd) => data.truncate(data.trim_end().len()),
        Some(Defect::AstralCodePointsReplaced) => {
            data = data.replace(|c: char| u32::from(c) > 0xffff, "?");
        }
        Some(Defect::ByteOrderMarkRemoved) => data = data.replace('\u{feff}', ""),
        Some(Defect::ControlCharactersRemoved) => {
            data.retain(|c| !c.is_control() || matches!(c, '\r' | '\n'));
        }
        Some(Defect::DataEscapedForMarkup) => {
            data = data.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        }
        Some(Defect::DataCutAt64Kibibytes) => data.truncate(CUT_BYTES.min(data.len())),
        Some(Defect::EmptyDataLeftOut) if data.is_empty() => return String::new(),
        _ => {}
    }
    let unicode = ['\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    let lines: Vec<String> = match world.defect {
        Some(Defect::CarriageReturnWrittenRaw) => data.split('\n').map(str::to_owned).collect(),
        Some(Defect::CrlfTakenForTwoLineEnds) => {
            data.split(['\r', '\n']).map(str::to_owned).collect()
        }
        Some(Defect::LinesEndedAsUnicodeHasIt) => {
            let plain = data.replace("\r\n", "\n").replace(['\r'], "\n").replace(unicode, "\n");
            plain.split('\n').map(str::to_owned).collect()
        }
        _ => data.replace("\r\n", "\n").split(['\r', '\n']).map(str::to_owned).collect(),
    };
    let mut out = String::new();
    for line in lines.iter().take(if world.has(Defect::LinesBeyondAThousandLost) {
        LINES
    } else {
        usize::MAX
    }) {
        let looks_written =
            ["data: ", "event: ", "id: ", "retry: "].iter().any(|it| line.starts_with(it));
        if world.has(Defect::EmptyLinesDropped) && line.is_empty() && lines.len() > 1 {
            continue;
        }
        if world.has(Defect::FieldsInDataTakenForWritten) && looks_written {
            out.push_str(&format!("{line}\n"));
        } else if world.has(Defect::NoSpaceAfterTheColon) {
            out.push_str(&format!("data:{line}\n"));
        } else {
            out.push_str(&format!("data: {line}\n"));
        }
    }
    out
}

//! Which events of a case hold an `id` in their own block.
//!
//! An API that shows ids per event says nothing about the others, so their ids are not judged.

use ssespec_mock::{Script, Variation};
use ssespec_scenario::{Case, Step};

/// For each event that the case sends, whether its own block holds an `id`.
pub(crate) fn own_ids(case: &Case) -> Vec<bool> {
    let mut own = Vec::new();
    for connection in Script::of(case, Variation::Whole).connections() {
        let sent = connection.steps.iter().filter_map(|step| match step {
            Step::Send(chunk) => Some(chunk.to_bytes()),
            _ => None,
        });
        let body: Vec<u8> = sent.flatten().collect();
        blocks(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body), &mut own);
    }
    own
}

fn blocks(body: &[u8], own: &mut Vec<bool>) {
    let (mut has_data, mut has_id) = (false, false);
    for line in lines(body) {
        if line.is_empty() {
            if has_data {
                own.push(has_id);
            }
            (has_data, has_id) = (false, false);
        }
        let mut parts = line.splitn(2, |&byte| byte == b':');
        let name = parts.next().unwrap_or_default();
        has_data |= name == b"data";
        has_id |= name == b"id" && !parts.next().unwrap_or_default().contains(&0);
    }
}

/// The finished lines of a body, ended by LF, CR or CRLF.
fn lines(mut body: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    while let Some(end) = body.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, rest) = body.split_at(end);
        lines.push(line);
        body = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_the_own_block_count() {
        let mut own = Vec::new();
        blocks(
            b"id: 1\r\ndata\r\n\r\ndata: b\r\rid: 2\n\ndata: c\nid\n\nid: x\0\ndata:\n\n",
            &mut own,
        );
        assert_eq!(own, [true, false, true, false]);
    }
}

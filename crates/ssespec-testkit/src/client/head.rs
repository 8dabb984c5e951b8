//! The head of an HTTP/1 response.

use crate::defect::{Defect, Switch};

/// The head of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_http_1_0: bool,
    pub(super) status: u16,
    pub(super) phrase: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// Reads what stands before the blank line; `None` if it is malformed.
    pub(super) fn parse(bytes: &[u8], switch: Switch) -> Option<Self> {
        let mut lines =
            bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let status_line = String::from_utf8_lossy(lines.next()?).into_owned();
        let mut parts = status_line.splitn(3, ' ');
        let is_http_1_0 = match parts.next()? {
            "HTTP/1.1" => false,
            "HTTP/1.0" => true,
            _ => return None,
        };
        let status = parts.next().filter(|digits| digits.len() == 3)?.parse().ok()?;
        let phrase = parts.next().unwrap_or_default().to_owned();
        if phrase.is_empty() && switch.has(Defect::ReasonPhraseRequired) {
            return None;
        }
        let mut headers = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = line.split_at(colon);
            let name = String::from_utf8(name.to_vec()).ok()?;
            headers.push((name, value.get(1..)?.trim_ascii().to_vec()));
        }
        Some(Self { is_http_1_0, status, phrase, headers })
    }

    /// The values of a header, by its name in lower case.
    pub(super) fn values(&self, name: &str, switch: Switch) -> Vec<String> {
        let is_named = |present: &str| {
            if switch.has(Defect::HeaderNamesCaseCounts) {
                present == name
            } else {
                present.eq_ignore_ascii_case(name)
            }
        };
        self.headers
            .iter()
            .filter(|(present, _)| is_named(present))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect()
    }
}

//! Texts with variables: `/topic/{stream%10}`, `Bearer {credential}`, `{random:red,green}`.
//!
//! A variable is a `{` with a small letter after it, so that JSON stays as it is; `{{` is a `{`.

use serde::{Deserialize, Serialize};

use crate::chance::Chance;

/// What a request of a stream may name.
pub const STREAM_VARIABLES: &[&str] = &["stream", "random", "credential"];
/// What a request of a publisher may name.
pub const PUBLISH_VARIABLES: &[&str] =
    &["publisher", "seq", "now_s", "now_ms", "now_us", "now_ns", "random"];

/// A text with variables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Piece {
    Text(String),
    /// A number, and by what it is divided for its remainder.
    Number(Number, Option<u64>),
    Random(Vec<String>),
    Credential,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Number {
    /// Of the stream, or of the publisher.
    Own,
    Seq,
    /// The time since 1970, in units of so many nanoseconds.
    Now(u64),
}

/// What is wrong with a template; the user's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// Where the variable stands in the text, in bytes.
    pub at: std::ops::Range<usize>,
    /// The name, where there is no such variable.
    pub unknown: Option<String>,
}

/// What variables stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Values<'a> {
    /// The number of the stream, or of the publisher.
    pub(crate) own: u64,
    pub(crate) seq: u64,
    /// Nanoseconds since 1970.
    pub(crate) now_ns: u64,
    pub(crate) credential: &'a str,
}

impl Template {
    /// Reads a text that may name these variables.
    ///
    /// # Errors
    /// When it names another one, or one that is not written as it must be.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find('{')) {
            let start = at + found;
            plain.push_str(text.get(at..start).unwrap_or_default());
            let rest = text.get(start + 1..).unwrap_or_default();
            if rest.starts_with('{') {
                plain.push('{');
                at = start + 2;
            } else if rest.starts_with(|first: char| first.is_ascii_lowercase()) {
                let Some(len) = rest.find('}') else {
                    return Err(TemplateError {
                        message: "a variable has no end".to_owned(),
                        help: "end it with `}`; write `{{` for a brace".to_owned(),
                        at: start..text.len(),
                        unknown: None,
                    });
                };
                at = start + len + 2;
                let piece = piece(rest.get(..len).unwrap_or_default(), known, start..at)?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
            } else {
                plain.push('{');
                at = start + 1;
            }
        }
        plain.push_str(text.get(at..).unwrap_or_default());
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// The text, where it is the same for all.
    pub(crate) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it takes a credential.
    pub fn needs_credential(&self) -> bool {
        self.0.contains(&Piece::Credential)
    }

    /// The text with these values. Random choices hang on the numbers alone, so that a stream that
    /// comes back asks for the same.
    pub(crate) fn render(&self, values: Values<'_>) -> String {
        let mut chance = Chance::new(values.own.wrapping_mul(0x10_0001).wrapping_add(values.seq));
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Number(number, modulus) => {
                    let value = match number {
                        Number::Own => values.own,
                        Number::Seq => values.seq,
                        Number::Now(unit_ns) => values.now_ns / (*unit_ns).max(1),
                    };
                    let value = modulus.map_or(value, |modulus| value % modulus.max(1));
                    out.push_str(&value.to_string());
                }
                Piece::Random(choices) => {
                    let choice = chance.bits().checked_rem(choices.len() as u64).unwrap_or(0);
                    let choice = usize::try_from(choice).ok().and_then(|it| choices.get(it));
                    out.push_str(choice.map_or("", String::as_str));
                }
                Piece::Credential => out.push_str(values.credential),
            }
        }
        out
    }
}

fn piece(inside: &str, known: &[&str], at: std::ops::Range<usize>) -> Result<Piece, TemplateError> {
    let end = inside.find([':', '%']).unwrap_or(inside.len());
    let (name, argument) = inside.split_at(end);
    let wrong = |message: String, help: String, unknown: Option<String>| {
        Err(TemplateError { message, help, at: at.clone(), unknown })
    };
    if !known.contains(&name) {
        let all: Vec<_> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
        let help = format!("there are {}; write `{{{{` for a brace", all.join(", "));
        let message = format!("there is no variable `{{{name}}}`");
        return wrong(message, help, Some(name.to_owned()));
    }
    let number = match name {
        "random" => {
            let choices = argument.strip_prefix(':').filter(|list| !list.is_empty());
            let Some(choices) = choices else {
                let help = "write it as `{random:red,green,blue}`".to_owned();
                return wrong("`{random}` has nothing to choose from".to_owned(), help, None);
            };
            return Ok(Piece::Random(choices.split(',').map(str::to_owned).collect()));
        }
        "credential" if argument.is_empty() => return Ok(Piece::Credential),
        "stream" | "publisher" => Number::Own,
        "seq" => Number::Seq,
        "now_s" => Number::Now(1_000_000_000),
        "now_ms" => Number::Now(1_000_000),
        "now_us" => Number::Now(1000),
        _ => Number::Now(1),
    };
    let modulus = argument.strip_prefix('%').and_then(|it| it.parse().ok()).filter(|it| *it > 0);
    if name == "credential" || (modulus.is_none() && !argument.is_empty()) {
        let help = format!("write it as `{{{name}}}`");
        let help = if name == "credential" { help } else { format!("{help} or `{{{name}%10}}`") };
        return wrong(format!("`{{{inside}}}` cannot be read"), help, None);
    }
    Ok(Piece::Number(number, modulus))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'_> =
        Values { own: 12, seq: 7, now_ns: 5_000_000_000, credential: "s3cret" };

    fn rendered(text: &str) -> String {
        let known: Vec<_> = [STREAM_VARIABLES, PUBLISH_VARIABLES].concat();
        Template::parse(text, &known).unwrap().render(VALUES)
    }

    #[test]
    fn variables_are_filled_in() {
        assert_eq!(rendered("/t/{stream%5}?c={credential}"), "/t/2?c=s3cret");
        assert_eq!(rendered("{seq} {now_s} {now_ms}{stream}"), "7 5 500012");
        assert_eq!(
            rendered("{\"a\":{\"b\":[{}]}} {{stream} {1}"),
            "{\"a\":{\"b\":[{}]}} {stream} {1}"
        );
        let chosen = rendered("{random:red,green}");
        assert!(["red", "green"].contains(&chosen.as_str()));
        assert_eq!(chosen, rendered("{random:red,green}"));
        let template = Template::parse("{random:a,b,c}", STREAM_VARIABLES).unwrap();
        let all: std::collections::BTreeSet<_> =
            (0..100).map(|own| template.render(Values { own, ..VALUES })).collect();
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        for (text, message, at) in [
            ("/a/{strem}", "there is no variable `{strem}`", 3..10),
            ("/{seq}", "there is no variable `{seq}`", 1..6),
            ("x{stream", "no end", 1..8),
            ("{random}", "nothing to choose", 0..8),
            ("{stream%0}", "cannot be read", 0..10),
            ("{credential:x}", "cannot be read", 0..14),
        ] {
            let error = Template::parse(text, STREAM_VARIABLES).unwrap_err();
            assert!(error.message.contains(message), "{text}: {error}");
            assert_eq!(error.at, at, "{text}");
        }
    }

    #[test]
    fn texts_without_variables_are_plain() {
        let plain = |text| Template::parse(text, &[]).unwrap().plain().map(str::to_owned);
        assert_eq!(plain("{\"a\":1}").as_deref(), Some("{\"a\":1}"));
        assert_eq!(plain("").as_deref(), Some(""));
    }
}

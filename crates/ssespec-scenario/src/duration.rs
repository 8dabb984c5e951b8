//! Durations with a unit, as `250ms` or `1.5s`.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// A length of time, written with its unit (`50ms`, `1.5s`); a bare number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String", extend("pattern" = r"^[0-9]+(\.[0-9]+)?(ms|s|m)$"))]
pub struct Span(pub Duration);

impl Span {
    /// Reads `250ms`, `1.5s`, `2m`.
    ///
    /// # Errors
    /// Says what a duration looks like when the text is not one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unit =
            |why: String| format!("{why}; write it with its unit, as `\"250ms\"` or `\"1.5s\"`");
        let span: jiff::SignedDuration =
            text.trim().parse().map_err(|_| unit(format!("`{text}` is not a duration")))?;
        Duration::try_from(span).map(Self).map_err(|_| unit(format!("`{text}` is negative")))
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{}ms", self.0.as_millis()))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanVisitor)
    }
}

struct SpanVisitor;

impl Visitor<'_> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration with its unit")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        Span::parse(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Span, E> {
        let unit = format!("{number} has no unit; write `\"{number}ms\"` or `\"{number}s\"`");
        Err(E::custom(unit))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Span, E> {
        let unit = format!("{number} has no unit; write `\"{number}s\"`");
        Err(E::custom(unit))
    }
}

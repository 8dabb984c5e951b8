//! Content codings of a response body.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A content coding (RFC 9110, 8.4.1). It is used only where the request asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Coding {
    /// gzip (RFC 1952).
    Gzip,
    /// zlib (RFC 1950) around DEFLATE.
    Deflate,
    /// Brotli (RFC 7932).
    Br,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Coding {
    /// The name used in `Content-Encoding`, `Accept-Encoding` and scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Br => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Whether a value of `Accept-Encoding` asks for it: by its name, or by `*`, and not with the
    /// weight 0.
    pub fn is_asked_for_by(self, accept_encoding: &str) -> bool {
        let weight = |wanted: &str| {
            accept_encoding.split(',').find_map(|item| {
                let mut parts = item.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default();
                let weight = parts
                    .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
                let is_zero =
                    weight.is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0));
                name.eq_ignore_ascii_case(wanted).then_some(!is_zero)
            })
        };
        weight(self.name()).or_else(|| weight("*")).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::Coding;

    #[test]
    fn a_coding_is_asked_for_by_name_or_star_unless_its_weight_is_0() {
        for asks in ["gzip", "br, GZIP;q=0.5", "deflate,gzip", "*", "identity;q=0, *;q=1"] {
            assert!(Coding::Gzip.is_asked_for_by(asks), "{asks}");
        }
        for does_not in ["", "identity", "gzip;q=0", "*;q=0", "gzip ; q=0.000, *", "x-gzip2"] {
            assert!(!Coding::Gzip.is_asked_for_by(does_not), "{does_not}");
        }
    }
}

//! When an answer is good: `ttft < 500ms and itl.p99 < 50ms`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::threshold::{Comparison, Statistic, microseconds, split};

/// What an answer is to keep to. Each is judged by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slo {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    what: What,
    comparison: Comparison,
    limit_us: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Ttft,
    Duration,
    Itl(Statistic),
}

/// The times of one answer, in microseconds.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// From the plan to the first token; `None` where none came.
    pub(crate) first: Option<f64>,
    /// From the plan to the end.
    pub(crate) whole: f64,
    /// Between tokens, in their order of length.
    pub(crate) between: &'a [u32],
}

impl FromStr for Slo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write it as `ttft < 500ms and itl.p99 < 50ms`";
        let term = |text: &str| {
            let (name, comparison, limit) = split(text).ok_or_else(|| form.to_owned())?;
            let what = match name {
                "ttft" => What::Ttft,
                "duration" => What::Duration,
                _ => name
                    .strip_prefix("itl.")
                    .and_then(Statistic::from_name)
                    .map(What::Itl)
                    .ok_or_else(|| {
                        format!(
                            "there is no `{name}`; there are `ttft`, `duration`, and `itl` with \
                             `.p50`, `.p99.9`, `.min`, `.mean` or `.max`"
                        )
                    })?,
            };
            Ok::<_, String>(Term { what, comparison, limit_us: microseconds(limit)? })
        };
        let terms = text.split(" and ").map(term).collect::<Result<_, _>>()?;
        Ok(Self { text: text.trim().to_owned(), terms })
    }
}

impl TryFrom<String> for Slo {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Slo> for String {
    fn from(slo: Slo) -> Self {
        slo.text
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Slo {
    /// Whether times between tokens are asked for.
    pub(crate) fn needs_itls(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.what, What::Itl(_)))
    }

    /// Whether an answer keeps to it. A time between tokens that there is none of is kept to; a
    /// first token that never came is not.
    pub(crate) fn is_kept(&self, answer: &Answer<'_>) -> bool {
        self.terms.iter().all(|term| {
            let us = match term.what {
                What::Ttft => match answer.first {
                    Some(us) => us,
                    None => return false,
                },
                What::Duration => answer.whole,
                What::Itl(_) if answer.between.is_empty() => return true,
                What::Itl(statistic) => statistic.of_sorted(answer.between),
            };
            term.comparison.holds(us, term.limit_us)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(slo: &str, ttft_ms: f64, itls_ms: &[u32]) -> bool {
        let mut itls: Vec<u32> = itls_ms.iter().map(|ms| ms * 1000).collect();
        let slo: Slo = slo.parse().unwrap();
        itls.sort_unstable();
        slo.is_kept(&Answer { first: Some(ttft_ms * 1e3), whole: 9e5, between: &itls })
    }

    #[test]
    fn each_term_is_kept_to() {
        let slo = "ttft < 500ms and itl.p99 < 50ms";
        assert!(kept(slo, 499.0, &[10, 49, 20]));
        assert!(!kept(slo, 500.0, &[10]));
        assert!(!kept(slo, 1.0, &[10, 50, 20]));
        assert!(kept("itl.p50 <= 20ms and duration < 1s", 1.0, &[90, 20, 10]));
        assert!(kept("itl.mean < 41ms", 1.0, &[90, 20, 10]));
        assert!(!kept("itl.min < 10ms", 1.0, &[90, 20, 10]));
        assert!(kept("itl.max < 1ms", 1.0, &[]));
        let slo: Slo = slo.parse().unwrap();
        assert!(slo.needs_itls());
        assert!(!slo.is_kept(&Answer { first: None, whole: 0.0, between: &[] }));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["", "ttft", "ttft < 5", "itl < 5ms", "ttft.p99 < 5ms", "ttft < 1s and"] {
            assert!(text.parse::<Slo>().is_err(), "{text}");
        }
    }
}

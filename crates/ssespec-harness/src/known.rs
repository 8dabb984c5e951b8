//! Known failures: a TOML file with a table per case id, each with a reason.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use ssespec_report::outcome::FailOn;
use ssespec_report::{CaseResult, RunError, Status, Verdict};

/// What is said of one known failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// Why it fails; must not be empty.
    pub reason: String,
    /// Where it is being mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day on which it counts as known, as `2027-01-31`, in quotes or as a TOML date.
    #[serde(default, deserialize_with = "read_date", skip_serializing_if = "Option::is_none")]
    pub expires: Option<jiff::civil::Date>,
}

fn read_date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<jiff::civil::Date>, D::Error> {
    let text = match toml::Value::deserialize(from)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(date) => date.to_string(),
        other => other.to_string(),
    };
    text.parse().map(Some).map_err(|_| {
        serde::de::Error::custom(format!("`expires` must be a date, as 2027-01-31, not `{text}`"))
    })
}

/// A known-failures file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    entries: BTreeMap<String, KnownFailure>,
}

/// Why a known-failures file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KnownError {
    /// It is not TOML, or not of the right form.
    #[error("{0}")]
    Form(String),
    /// An entry has no reason.
    #[error("the entry \"{0}\" has an empty `reason`; say why it fails")]
    NoReason(String),
}

impl Known {
    /// Why a case fails, by its id with its route, where that is known.
    pub fn reason(&self, id: &str) -> Option<&str> {
        self.entries.get(id).map(|entry| entry.reason.as_str())
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// See [`KnownError`].
    pub fn parse(text: &str) -> Result<Self, KnownError> {
        let entries: BTreeMap<String, KnownFailure> =
            toml::from_str(text).map_err(|error| KnownError::Form(error.to_string()))?;
        match entries.iter().find(|(_, entry)| entry.reason.trim().is_empty()) {
            Some((id, _)) => Err(KnownError::NoReason(id.clone())),
            None => Ok(Self { entries }),
        }
    }

    /// Marks known failures and unexpected passes; says which entries are stale. Entries about
    /// cases that were not selected are left alone; `current` gives the present id of a case, with
    /// its route where one was named, for each id that there is at all.
    pub(crate) fn apply(
        &self,
        cases: &mut [CaseResult],
        today: jiff::civil::Date,
        current: impl Fn(&str) -> Option<String>,
    ) -> Vec<RunError> {
        let mut errors = Vec::new();
        let mut stale = |message: String, help: &str| {
            errors.push(RunError {
                kind: "known-failures".to_owned(),
                message,
                help: help.to_owned(),
            });
        };
        for (id, entry) in &self.entries {
            let Some(wanted) = current(id) else {
                stale(format!("the known failure `{id}` is no case"), "remove it, or mend its id");
                continue;
            };
            if entry.expires.is_some_and(|expires| expires < today) {
                stale(
                    format!("the known failure `{id}` has expired: {}", entry.reason),
                    "mend the failure, or set a later `expires`",
                );
                continue;
            }
            for case in cases.iter_mut() {
                let bare = case.id.split('@').next().unwrap_or_default();
                if case.id != wanted && bare != wanted {
                    continue;
                }
                case.status = match (case.verdict, case.status) {
                    (Verdict::Fail | Verdict::Warn, None) => Some(Status::KnownFailure),
                    (Verdict::Pass, None) => Some(Status::UnexpectedPass),
                    (_, status) => status,
                };
            }
        }
        errors
    }
}

/// A known-failures file for the failures of a run, broken SHOULDs among them where they fail it.
/// What `known` says of a case, in words of people, is kept.
///
/// # Errors
/// When the entries cannot be written as TOML, which would be a bug.
pub fn write_known(
    cases: &[CaseResult],
    known: Option<&Known>,
    fail_on: FailOn,
) -> Result<String, KnownError> {
    let fails = |case: &&CaseResult| match case.verdict {
        Verdict::Fail => true,
        Verdict::Warn => fail_on == FailOn::Should,
        _ => false,
    };
    let entry = |case: &CaseResult| {
        let bare = case.id.split('@').next().unwrap_or_default();
        let kept = known.and_then(|known| {
            known.entries.get(&case.id).or_else(|| known.entries.get(bare)).cloned()
        });
        kept.unwrap_or_else(|| {
            let reason = case.reason.as_ref().map_or(case.title.as_str(), |reason| &reason.message);
            KnownFailure { reason: reason.to_owned(), issue: None, expires: None }
        })
    };
    let entries: BTreeMap<&str, KnownFailure> =
        cases.iter().filter(fails).map(|case| (case.id.as_str(), entry(case))).collect();
    toml::to_string(&entries).map_err(|error| KnownError::Form(error.to_string()))
}

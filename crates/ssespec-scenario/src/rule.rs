//! The rules that cases cite: id, level, text and where the standard says so.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Profile;

/// How hard a rule is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// What the subject does is recorded; nothing fails.
    Info,
    /// A breach is a warning.
    Should,
    /// A breach is a failure.
    Must,
}

impl Level {
    /// The name used in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Should => "should",
            Self::Must => "must",
        }
    }
}

/// One rule of `rules.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// What cases cite, such as `line.crlf-split`.
    #[schemars(extend("pattern" = r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$"))]
    pub id: String,
    /// The level unless the profile says otherwise.
    pub level: Level,
    /// Levels that differ by profile.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<Profile, Level>,
    /// What the rule says, in a sentence or two.
    pub text: String,
    /// The fragment of the normative text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragment: Option<String>,
    /// A full link, for rules that stand in another text than the HTML standard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Rule {
    /// The level under a profile.
    pub fn level(&self, profile: Profile) -> Level {
        self.levels.get(&profile).copied().unwrap_or(self.level)
    }

    /// Where to read the normative text.
    pub fn url(&self) -> String {
        const STANDARD: &str = "https://html.spec.whatwg.org/multipage/server-sent-events.html";
        match (&self.link, &self.fragment) {
            (Some(link), _) => link.clone(),
            (None, Some(fragment)) => format!("{STANDARD}#{fragment}"),
            (None, None) => STANDARD.to_owned(),
        }
    }
}

//! The result of a run: the versioned JSON contract that all renderers read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the JSON result that this crate writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// The result of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunResult {
    /// [`SCHEMA_VERSION`] of the tool that wrote it.
    pub schema_version: u32,
    /// The tool that judged.
    pub tool: Tool,
    /// Who was judged.
    pub subject: Subject,
    /// What was run: `client`, or the directory given with `--scenarios`.
    pub suite: String,
    /// The profile that set the levels of the rules.
    pub profile: String,
    /// When the run began, RFC 3339 in UTC.
    pub started: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Whether the run was interrupted; the cases that had not run are missing then.
    pub interrupted: bool,
    /// Counts of the verdicts.
    pub summary: Summary,
    /// What kept cases from being judged, beyond the single case: a subject that did not start, a
    /// stale known-failures file.
    pub errors: Vec<RunError>,
    /// The judged cases, in the order of the plan.
    pub cases: Vec<CaseResult>,
}

/// The tool that judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `ssespec`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Who was judged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// `client`, `server` or `proxy`.
    pub role: String,
    /// Its name, as it gave it.
    pub name: String,
    /// Its version, as it gave it; may be empty.
    pub version: String,
    /// The language it is written in; may be empty.
    pub language: String,
    /// What runs it; may be empty.
    pub runtime: String,
    /// What it claims to be able to do.
    pub features: Vec<String>,
}

/// Something that went wrong outside a single case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunError {
    /// A word for machines: `subject`, `protocol`, `known-failures`, `report`, `selection`,
    /// `usage`, `scenario`, `configuration`, `bug`.
    pub kind: String,
    /// What went wrong.
    pub message: String,
    /// How to mend it; may be empty.
    pub help: String,
}

/// The base verdict on a case.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It did what the rule says.
    Pass,
    /// It broke a MUST.
    Fail,
    /// It broke a SHOULD.
    Warn,
    /// The standard leaves it open; what it does is recorded.
    Observed,
    /// It does not claim the feature.
    #[serde(rename = "n/a")]
    NotApplicable,
    /// A case that this one depends on failed.
    Blocked,
    /// The harness was too slow to judge, or could not prove a cut.
    Inconclusive,
    /// The adapter or the set-up failed.
    Error,
}

impl Verdict {
    /// All verdicts, in the order of the summary.
    pub const ALL: [Self; 8] = [
        Self::Pass,
        Self::Fail,
        Self::Warn,
        Self::Observed,
        Self::NotApplicable,
        Self::Blocked,
        Self::Inconclusive,
        Self::Error,
    ];

    /// The name in JSON and on the console.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Observed => "observed",
            Self::NotApplicable => "n/a",
            Self::Blocked => "blocked",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }

    /// Whether the case was judged at all: pass, fail or warn.
    pub fn is_scored(self) -> bool {
        matches!(self, Self::Pass | Self::Fail | Self::Warn)
    }
}

/// What modifies a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It failed, and the known-failures file says so.
    KnownFailure,
    /// It passed, and the known-failures file says that it fails.
    UnexpectedPass,
    /// It failed once and passed when run again.
    Flaky,
}

/// Counts of the verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Cases with the base verdict `pass`.
    pub pass: u32,
    /// `fail`, the known ones included.
    pub fail: u32,
    /// `warn`
    pub warn: u32,
    /// `observed`
    pub observed: u32,
    /// `n/a`
    #[serde(rename = "n/a")]
    pub not_applicable: u32,
    /// `blocked`
    pub blocked: u32,
    /// `inconclusive`
    pub inconclusive: u32,
    /// `error`
    pub error: u32,
    /// Cases with the status `known-failure`.
    pub known_failure: u32,
    /// Cases with the status `unexpected-pass`.
    pub unexpected_pass: u32,
    /// Cases with the status `flaky`.
    pub flaky: u32,
}

/// One judged case on one route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResult {
    /// The case id with its route: `line/crlf-split-across-chunks@h1`.
    pub id: String,
    /// The route alone: `feed`, `h1`, `h2c`, `h2`.
    pub route: String,
    /// The rule's id.
    pub rule: String,
    /// The rule's level under the profile: `must`, `should`, `info`.
    pub level: String,
    /// The rule's text.
    pub rule_text: String,
    /// Where to read the normative text.
    pub rule_url: String,
    /// What conforming subjects do.
    pub title: String,
    /// The base verdict.
    pub verdict: Verdict,
    /// What modifies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How long the case took, in milliseconds, its repetition included.
    pub duration_ms: u64,
    /// What had to be reported, one line each.
    pub expected: Vec<String>,
    /// What was reported, one line each.
    pub observed: Vec<String>,
    /// Why the verdict is what it is, unless it is `pass`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The conditions of this failure: how often it was run, which cut, the timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Public threads in which users met the bug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// The command that runs this case alone.
    pub reproduce: String,
}

/// Why a verdict is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// A word for machines: `mismatch`, `missing`, `extra`, `request`, `early`, `late`, `timeout`,
    /// `after-close`, `feature`, `cut`, `lag`, `adapter`.
    pub kind: String,
    /// What happened, as a sentence for people.
    pub message: String,
    /// What to try; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// The first place where expected and observed data differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The byte in what a server sent that breaks the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
}

/// A byte of a stream, and those around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Spot {
    /// What the bytes are, such as `body`.
    pub what: String,
    /// The index of the byte.
    pub at_byte: u64,
    /// The bytes around it, escaped.
    pub excerpt: String,
    /// Where in the excerpt, in characters, the byte stands.
    pub caret: u32,
    /// What is wrong there.
    pub note: String,
}

/// The first place where two byte strings differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Which observation differs, such as `event 2, data`.
    pub what: String,
    /// The index of the first differing byte.
    pub at_byte: u64,
    /// The expected bytes around it, escaped.
    pub expected: String,
    /// The observed bytes around it, escaped.
    pub observed: String,
    /// Where in both excerpts, in characters, the difference begins.
    pub caret: u32,
}

/// What was seen on the wire and from the subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// How often the case was run in all.
    pub runs: u32,
    /// Which variant failed, such as `cut after byte 9` or `byte by byte`; empty for the plain one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// The request as a `curl` command, where the subject is a server; empty elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// Both directions, in time order. One entry is one chunk: its edges are the chunk edges.
    pub timeline: Vec<TimelineEntry>,
}

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    /// Microseconds since the case began.
    pub at_us: u64,
    /// The connection, from 1; 0 where there is none.
    pub connection: u32,
    /// Who did it.
    pub direction: Direction,
    /// What was done: `chunk`, `head`, `request`, `report`, `command`, `fin`, `rst`, `closed`, …
    pub what: String,
    /// The bytes, escaped as in scenarios, or a report as JSON; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bytes: String,
    /// How many bytes there were, where the text above was shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<u64>,
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The mock wrote to the subject.
    ToSubject,
    /// The subject wrote to the mock.
    FromSubject,
    /// The harness told the subject something.
    Command,
    /// The subject reported something to the harness.
    Report,
    /// The harness noted something.
    Note,
}

impl Reason {
    /// A reason without a difference of bytes.
    pub fn new(kind: &str, message: impl Into<String>, help: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
            help: help.to_owned(),
            difference: None,
            spot: None,
        }
    }
}

impl Summary {
    /// Counts the verdicts of these cases.
    pub fn of<'c>(cases: impl IntoIterator<Item = &'c CaseResult>) -> Self {
        let mut summary = Self::default();
        for case in cases {
            *match case.verdict {
                Verdict::Pass => &mut summary.pass,
                Verdict::Fail => &mut summary.fail,
                Verdict::Warn => &mut summary.warn,
                Verdict::Observed => &mut summary.observed,
                Verdict::NotApplicable => &mut summary.not_applicable,
                Verdict::Blocked => &mut summary.blocked,
                Verdict::Inconclusive => &mut summary.inconclusive,
                Verdict::Error => &mut summary.error,
            } += 1;
            match case.status {
                Some(Status::KnownFailure) => summary.known_failure += 1,
                Some(Status::UnexpectedPass) => summary.unexpected_pass += 1,
                Some(Status::Flaky) => summary.flaky += 1,
                None => {}
            }
        }
        summary
    }

    /// The sum of several.
    pub fn total(summaries: impl IntoIterator<Item = Self>) -> Self {
        summaries.into_iter().fold(Self::default(), |a, b| Self {
            pass: a.pass + b.pass,
            fail: a.fail + b.fail,
            warn: a.warn + b.warn,
            observed: a.observed + b.observed,
            not_applicable: a.not_applicable + b.not_applicable,
            blocked: a.blocked + b.blocked,
            inconclusive: a.inconclusive + b.inconclusive,
            error: a.error + b.error,
            known_failure: a.known_failure + b.known_failure,
            unexpected_pass: a.unexpected_pass + b.unexpected_pass,
            flaky: a.flaky + b.flaky,
        })
    }

    /// How many cases have this verdict.
    pub fn count(&self, verdict: Verdict) -> u32 {
        match verdict {
            Verdict::Pass => self.pass,
            Verdict::Fail => self.fail,
            Verdict::Warn => self.warn,
            Verdict::Observed => self.observed,
            Verdict::NotApplicable => self.not_applicable,
            Verdict::Blocked => self.blocked,
            Verdict::Inconclusive => self.inconclusive,
            Verdict::Error => self.error,
        }
    }

    /// How many cases were judged: passed, failed or warned.
    pub fn scored(&self) -> u32 {
        self.pass + self.fail + self.warn
    }

    /// The counts by verdict, in the order of [`Verdict::ALL`].
    pub fn by_verdict(&self) -> BTreeMap<Verdict, u32> {
        Verdict::ALL.into_iter().map(|verdict| (verdict, self.count(verdict))).collect()
    }
}

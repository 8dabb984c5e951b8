//! "Did you mean": the known name that is nearest to a mistyped one.

use crate::Diagnostic;

/// The known name nearest to `name`, if one is near enough to be what was meant.
///
/// ```
/// use ssespec_scenario::suggest;
///
/// assert_eq!(suggest("recconect", &["redirect", "reconnect"]).as_deref(), Some("reconnect"));
/// assert_eq!(suggest("zzz", &["redirect", "reconnect"]), None);
/// ```
pub fn suggest(name: &str, known: &[&str]) -> Option<String> {
    let folded = fold(name);
    known
        .iter()
        .map(|candidate| (likeness(&folded, &fold(candidate)), candidate))
        .filter(|(likeness, _)| *likeness > 0.0)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| (*candidate).to_owned())
}

/// What stands behind the last `/` or `.` up to which two ids are the same: that they have a theme
/// in common does not make them alike.
fn without_shared_theme<'n>(name: &'n str, candidate: &'n str) -> (&'n str, &'n str) {
    let shared = name
        .char_indices()
        .zip(candidate.chars())
        .take_while(|((_, a), b)| a == b)
        .filter(|((_, a), _)| matches!(a, '/' | '.'))
        .last()
        .map_or(0, |((at, _), _)| at + 1);
    (name.get(shared..).unwrap_or_default(), candidate.get(shared..).unwrap_or_default())
}

/// Names differ in case and joints by habit, not by intent.
fn fold(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// How alike two names are, from 0 for "not meant" to 1 for "the same".
///
/// Edits are counted, a swap of neighbours as one, against the length: a slip of the finger is
/// one or two edits. Ids have parts, and a forgotten part is many edits, so a name that contains
/// the other one whole is taken too.
fn likeness(name: &str, candidate: &str) -> f64 {
    let (name, candidate) = without_shared_theme(name, candidate);
    let edits = strsim::damerau_levenshtein(name, candidate);
    let longer = name.chars().count().max(candidate.chars().count()).max(1);
    let close = 1.0 - edits as f64 / longer as f64;
    if edits <= 1 || close > 0.6 {
        return close.max(0.1);
    }
    let shorter = name.len().min(candidate.len());
    if shorter >= 4 && (candidate.contains(name) || name.contains(candidate)) {
        return 0.5 * shorter as f64 / longer as f64;
    }
    0.0
}

/// Adds "did you mean", or the list of what would have been right.
pub fn with_suggestion(diagnostic: Diagnostic, name: &str, known: &[&str]) -> Diagnostic {
    /// More names than this are looked up, not read in an error.
    const MAX_LISTED: usize = 24;
    let synonym = SYNONYMS
        .iter()
        .find(|(said, meant)| *said == name && known.contains(meant))
        .map(|(_, meant)| (*meant).to_owned());
    if let Some(candidate) = synonym.or_else(|| suggest(name, known)) {
        return diagnostic.help(format!("did you mean `{candidate}`?"));
    }
    match known {
        [] => diagnostic,
        [one] => diagnostic.help(format!("only `{one}` can stand here")),
        known if known.len() > MAX_LISTED => diagnostic,
        known => {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            diagnostic.help(format!("one of {} can stand here", list.join(", ")))
        }
    }
}

/// Words that are right elsewhere, and what they are called here.
const SYNONYMS: &[(&str, &str)] = &[
    ("wait", "pause"),
    ("sleep", "pause"),
    ("delay", "pause"),
    ("write", "send"),
    ("chunk", "send"),
    ("fin", "truncate"),
    ("rst", "reset"),
    ("message", "event"),
    ("retries", "retry"),
    ("h2", "http2"),
    ("http2", "h2"),
    ("http1", "h1"),
    ("all", "every"),
    ("close", "end"),
    ("may", "info"),
];

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn slips_are_mended() {
        let verbs = ["send", "sentinel", "pause", "reset", "h2-reset", "hold"];
        for (typed, meant) in [
            ("sned", "send"),
            ("Send", "send"),
            ("h2_reset", "h2-reset"),
            ("paus", "pause"),
            ("holds", "hold"),
        ] {
            assert_eq!(suggest(typed, &verbs).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn a_part_of_an_id_is_enough() {
        let ids = ["line/crlf-split-across-chunks", "line/lf", "id/nul"];
        assert_eq!(suggest("crlf-split", &ids).as_deref(), Some(ids[0]));
        assert_eq!(suggest("line/crlf-split-across-chunk", &ids).as_deref(), Some(ids[0]));
    }

    #[test]
    fn nonsense_is_left_alone() {
        assert_eq!(suggest("xyzzy", &["send", "hold", "end"]), None);
        assert_eq!(suggest("", &["send"]), None);
        assert_eq!(suggest("a", &["h1", "h2"]), None);
        assert_eq!(suggest("request.as-told", &["request.no-store"]), None);
    }
}
